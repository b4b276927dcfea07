package verifytest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// wholeMarks is a store that keeps every rule.
type wholeMarks struct {
	mu   sync.Mutex
	kept map[verify.MarkKey]verify.Mark
}

func (s *wholeMarks) LoadMark(_ context.Context, key verify.MarkKey) (verify.Mark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.kept[key]
	if !ok {
		m.MarkKey = key
	}
	m.Revoked = slices.Clone(m.Revoked)
	return m, nil
}

func (s *wholeMarks) SaveMark(_ context.Context, m verify.Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.kept[m.MarkKey]; ok {
		m = old.Join(m)
	} else {
		m = once(m)
	}
	s.kept[m.MarkKey] = m
	return nil
}

// brokenMarks is a store that breaks a rule in one of its methods.
type brokenMarks struct {
	wholeMarks
	load func(s *wholeMarks, key verify.MarkKey) (verify.Mark, error)
	save func(s *wholeMarks, m verify.Mark) error
}

func (s *brokenMarks) LoadMark(ctx context.Context, key verify.MarkKey) (verify.Mark, error) {
	if s.load != nil {
		return s.load(&s.wholeMarks, key)
	}
	return s.wholeMarks.LoadMark(ctx, key)
}

func (s *brokenMarks) SaveMark(ctx context.Context, m verify.Mark) error {
	if s.save != nil {
		return s.save(&s.wholeMarks, m)
	}
	return s.wholeMarks.SaveMark(ctx, m)
}

var bg = context.Background()

// markFaults break one rule each: the one that they are named after.
var markFaults = map[string]func() brokenMarks{
	"nothing yet": func() brokenMarks {
		return brokenMarks{load: func(s *wholeMarks, key verify.MarkKey) (verify.Mark, error) { return s.kept[key], nil }}
	},
	"joined": func() brokenMarks {
		return brokenMarks{save: func(s *wholeMarks, m verify.Mark) error { s.kept[m.MarkKey] = once(m); return nil }}
	},
	"keys": func() brokenMarks {
		fold := func(k verify.MarkKey) verify.MarkKey {
			k.Name = strings.ToLower(strings.TrimSuffix(k.Name, "/"))
			return k
		}
		return brokenMarks{
			load: func(s *wholeMarks, key verify.MarkKey) (verify.Mark, error) {
				m, err := s.LoadMark(bg, fold(key))
				m.MarkKey = key
				return m, err
			},
			save: func(s *wholeMarks, m verify.Mark) error { m.MarkKey = fold(m.MarkKey); return s.SaveMark(bg, m) },
		}
	},
	"exact": func() brokenMarks {
		return brokenMarks{save: func(s *wholeMarks, m verify.Mark) error {
			m.AsOf = m.AsOf.Truncate(time.Millisecond)
			return s.SaveMark(bg, m)
		}}
	},
	"its own": func() brokenMarks {
		return brokenMarks{
			load: func(s *wholeMarks, key verify.MarkKey) (verify.Mark, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.kept[key], nil
			},
		}
	},
	"lasting": func() brokenMarks {
		saves := 0
		return brokenMarks{save: func(s *wholeMarks, m verify.Mark) error {
			if saves++; saves%5 == 0 {
				return nil
			}
			return s.SaveMark(bg, m)
		}}
	},
	"at once": func() brokenMarks {
		gate := &barrier{n: race}
		return brokenMarks{save: func(s *wholeMarks, m verify.Mark) error {
			s.mu.Lock()
			old := maps.Clone(s.kept)
			s.mu.Unlock()
			if len(m.Revoked) == 1 && m.Revoked[0].Size == 1 && strings.HasSuffix(m.Name, "/1") {
				gate.wait()
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.kept[m.MarkKey] = old[m.MarkKey].Join(m)
			return nil
		}}
	},
}

func opening(s verify.MarkStore) func() verify.MarkStore {
	return func() verify.MarkStore { return s }
}

func TestMarkRulesCanFail(t *testing.T) {
	for _, r := range markRules {
		t.Run(r.name, func(t *testing.T) {
			whole := func() verify.MarkStore { return &wholeMarks{kept: map[verify.MarkKey]verify.Mark{}} }
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, opening(whole())) }), "a whole store")
			require.NotNil(t, markFaults[r.name], "no store breaks this rule")
			broken := markFaults[r.name]()
			broken.kept = map[verify.MarkKey]verify.Mark{}
			got := failures(func(tb testing.TB) { r.run(tb, opening(&broken)) })
			require.NotEmpty(t, got, "the broken store passes")
			require.Contains(t, got[len(got)-1], r.why)
		})
	}
	require.Len(t, markFaults, len(markRules))
}
