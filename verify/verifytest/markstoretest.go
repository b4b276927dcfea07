package verifytest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// TestMarkStore tests that an implementation of [verify.MarkStore] keeps its
// rules. fresh returns a way to open one store, which is empty the first time,
// and is called once per rule; a store that lasts is closed and opened again by
// each call of it. Run it with -race.
func TestMarkStore(t *testing.T, fresh func(t testing.TB) (open func() verify.MarkStore)) {
	check(t, fresh, markRules)
}

func markKey(name string) verify.MarkKey {
	return verify.MarkKey{Kind: verify.ListMark, Issuer: did.MustParse("did:web:issuer.example"), Name: name}
}

func loaded(tb testing.TB, s verify.MarkStore, key verify.MarkKey) verify.Mark {
	tb.Helper()
	m, err := s.LoadMark(context.Background(), key)
	if err != nil {
		tb.Fatalf("LoadMark(%v) = %v", key, err)
	}
	return m
}

func saved(tb testing.TB, s verify.MarkStore, m verify.Mark) {
	tb.Helper()
	if err := s.SaveMark(context.Background(), m); err != nil {
		tb.Fatalf("SaveMark(%v) = %v", m, err)
	}
}

// keeps checks that the store has that mark, whatever the order of what was
// revoked.
func keeps(tb testing.TB, s verify.MarkStore, want verify.Mark) {
	tb.Helper()
	got := loaded(tb, s, want.MarkKey)
	same := got.MarkKey == want.MarkKey && got.AsOf.Equal(want.AsOf) && got.Sequence == want.Sequence &&
		got.Sum == want.Sum && got.KeepUntil.Equal(want.KeepUntil)
	for _, x := range want.Revoked {
		same = same && slices.Contains(got.Revoked, x)
	}
	if !same || len(got.Revoked) != len(want.Revoked) {
		tb.Errorf("LoadMark gives\n%+v, want\n%+v", got, want)
	}
}

// someMark draws a mark out of few, so that they meet.
func someMark(rng *rand.Rand, key verify.MarkKey) verify.Mark {
	m := verify.Mark{MarkKey: key, AsOf: noon.Add(time.Duration(rng.IntN(4))), Sequence: int64(rng.IntN(2))}
	m.Sum[0] = byte(1 + rng.IntN(2))
	for range rng.IntN(3) {
		m.Revoked = append(m.Revoked, verify.RevokedEntry{Index: rng.IntN(5), Size: 1 + rng.IntN(2)})
	}
	if rng.IntN(4) > 0 {
		m.KeepUntil = noon.Add(time.Duration(1000000+rng.IntN(5)) * time.Hour)
	}
	return m
}

// once returns the mark with each of what was revoked once.
func once(m verify.Mark) verify.Mark {
	bare := m
	bare.Revoked = nil
	return bare.Join(m)
}

var markRules = []rule[func() verify.MarkStore]{
	{
		"nothing yet", "what is not there is a mark with its key alone, and no error: the first time must not be a failure",
		marksNothingYet,
	},
	{
		"joined", "a mark is joined to what is there, as Mark.Join says: an older edition must not take the place of a newer one, " +
			"nor a revocation be lost",
		marksJoined,
	},
	{
		"keys", "marks of another kind, issuer or name are other marks, to the byte",
		marksByKey,
	},
	{
		"exact", "an instant is kept to the nanosecond, and the largest number: a mark that is rounded lets an older one pass",
		marksExact,
	},
	{
		"its own", "what is handed out and what was handed over are the caller's: changing them changes nothing that is kept",
		marksItsOwn,
	},
	{
		"lasting", "what SaveMark returned for is there when the store is opened again",
		marksLast,
	},
	{
		"at once", "any number may save and load at once, and nothing is lost",
		marksAtOnce,
	},
}

func marksNothingYet(tb testing.TB, open func() verify.MarkStore) {
	keeps(tb, open(), verify.Mark{MarkKey: markKey("https://a.example/1")})
}

func marksJoined(tb testing.TB, open func() verify.MarkStore) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 20 {
		s, key := open(), markKey(fmt.Sprintf("https://a.example/%d", i))
		want := verify.Mark{}
		for k := range 8 {
			m := someMark(rng, key)
			saved(tb, s, m)
			if want = want.Join(m); k == 0 {
				want = once(m)
			}
			keeps(tb, s, want)
		}
	}
}

func marksByKey(tb testing.TB, open func() verify.MarkStore) {
	s := open()
	three := []verify.RevokedEntry{{Index: 3, Size: 1}}
	m := verify.Mark{MarkKey: markKey("https://a.example/1"), AsOf: noon, Revoked: three}
	saved(tb, s, m)
	for _, other := range []verify.MarkKey{
		{Kind: verify.BundleMark, Issuer: m.Issuer, Name: m.Name},
		{Kind: m.Kind, Issuer: did.MustParse("did:web:other.example"), Name: m.Name},
		markKey("https://a.example/1/"), markKey("https://A.example/1"),
		markKey("https://a.example/"), markKey("https://a.example/1\n"),
	} {
		keeps(tb, s, verify.Mark{MarkKey: other})
	}
	keeps(tb, s, m)
}

func marksExact(tb testing.TB, open func() verify.MarkStore) {
	s := open()
	m := verify.Mark{
		MarkKey: markKey("urn:x:" + string(rune(0x10FFFF)) + `"\`),
		AsOf:    noon.Add(1), Sequence: 1<<53 - 1, KeepUntil: noon.Add(1000000*time.Hour + 1),
	}
	for i := range m.Sum {
		m.Sum[i] = byte(255 - i)
	}
	m.Revoked = []verify.RevokedEntry{{Index: 0, Size: 8}, {Index: 1<<27 - 1, Size: 1}}
	saved(tb, s, m)
	keeps(tb, open(), m)
}

func marksItsOwn(tb testing.TB, open func() verify.MarkStore) {
	s := open()
	three := []verify.RevokedEntry{{Index: 3, Size: 1}}
	m := verify.Mark{MarkKey: markKey("https://a.example/1"), AsOf: noon, Revoked: three}
	saved(tb, s, m)
	m.Revoked[0].Index = 4
	if got := loaded(tb, s, m.MarkKey); len(got.Revoked) > 0 {
		got.Revoked[0].Index = 5
	}
	m.Revoked = []verify.RevokedEntry{{Index: 3, Size: 1}}
	keeps(tb, s, m)
}

func marksLast(tb testing.TB, open func() verify.MarkStore) {
	rng := rand.New(rand.NewPCG(9, 10))
	want := map[verify.MarkKey]verify.Mark{}
	for range 5 {
		s := open()
		for _, m := range want {
			keeps(tb, s, m)
		}
		for range 10 {
			key := markKey(fmt.Sprintf("https://a.example/%d", rng.IntN(8)))
			m := someMark(rng, key)
			saved(tb, s, m)
			if old, ok := want[key]; ok {
				m = old.Join(m)
			} else {
				m = once(m)
			}
			want[key] = m
		}
	}
}

func marksAtOnce(tb testing.TB, open func() verify.MarkStore) {
	s, key := open(), markKey("https://a.example/1")
	failed := make([]error, race)
	together(race, func(i int) {
		m := verify.Mark{MarkKey: key, AsOf: noon.Add(time.Duration(i)), Revoked: []verify.RevokedEntry{{Index: i, Size: 1}}}
		if failed[i] = s.SaveMark(context.Background(), m); failed[i] == nil {
			_, failed[i] = s.LoadMark(context.Background(), key)
		}
	})
	for _, err := range failed {
		if err != nil {
			tb.Fatal(err)
		}
	}
	want := verify.Mark{MarkKey: key, AsOf: noon.Add(race - 1)}
	for i := range race {
		want.Revoked = append(want.Revoked, verify.RevokedEntry{Index: i, Size: 1})
	}
	keeps(tb, s, want)
}
