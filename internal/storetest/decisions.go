package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/score"
)

// A8: pages of decisions are the newest first, each of them once.
func decisions(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		var all []verify.Record
		for i := range 257 {
			all = append(all, record(i))
			require.NoError(t, s.Ledger().Record(ctx, all[i]))
		}
		slices.SortFunc(all, func(a, b verify.Record) int {
			return -2*a.At.Compare(b.At) - strings.Compare(a.Decision, b.Decision)
		})
		walk := func(q store.Query, page int) (list []verify.Record) {
			q.Limit = page
			for {
				p, err := s.Decisions(ctx, q)
				require.NoError(t, err)
				if list = append(list, p.Decisions...); p.Next == "" {
					return list
				}
				require.Len(t, p.Decisions, min(max(page, 0), 200)+map[bool]int{true: 50}[page <= 0])
				q.After = p.Next
			}
		}
		for _, c := range []struct {
			name string
			q    store.Query
			has  func(r *verify.Record) bool
		}{
			{"all", store.Query{}, func(*verify.Record) bool { return true }},
			{"agent", store.Query{Agent: agent("agent1").String()}, func(r *verify.Record) bool {
				return r.Agent == agent("agent1").String()
			}},
			{"passport", store.Query{Passport: "urn:example:2"}, func(r *verify.Record) bool {
				return r.Passport == "urn:example:2"
			}},
			{"verdict", store.Query{Verdicts: []verify.Verdict{verify.Deny, verify.Undetermined}}, func(r *verify.Record) bool {
				return r.Verdict == verify.Deny
			}},
			{"code", store.Query{Code: verify.AuthorityActionNotAllowed}, func(r *verify.Record) bool {
				return len(r.Codes) > 0
			}},
			{"no such code", store.Query{Code: "ledger.%"}, func(*verify.Record) bool { return false }},
			{"time", store.Query{From: Noon.Add(time.Minute), Until: Noon.Add(time.Hour)}, func(r *verify.Record) bool {
				return !r.At.Before(Noon.Add(time.Minute)) && r.At.Before(Noon.Add(time.Hour))
			}},
		} {
			var want []verify.Record
			for i := range all {
				if c.has(&all[i]) {
					want = append(want, all[i])
				}
			}
			for _, page := range []int{0, 7, 200, 1000} {
				require.Equal(t, want, walk(c.q, page), "%s, %d in a page", c.name, page)
			}
		}
		_, err := s.Decisions(ctx, store.Query{After: "what nobody gave out"})
		require.Error(t, err)
		hours, err := s.Hours(ctx, Noon, Noon.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, []store.Hour{
			{Start: Noon, Verdict: verify.Deny, Count: 24}, {Start: Noon, Verdict: verify.Allow, Count: 96},
		}, hours)
	})
}

// A7: what a score is made of is the same before and after decisions are folded.
func history(t *testing.T, open Open, _ func(string)) {
	who := agent("agent1").String()
	var want score.History
	now := Noon
	use(t, open, store.Options{KeepDecisions: day, Now: func() time.Time { return now }}, func(s store.Store) {
		for i := range 100 {
			r := record(i, func(r *verify.Record) { r.At = Noon.Add(time.Duration(i) * time.Hour) })
			require.NoError(t, s.Ledger().Record(ctx, r))
			if r.Agent == who {
				want.Add(&r)
			}
		}
		for range 6 {
			got, err := s.History(ctx, who)
			require.NoError(t, err)
			require.Equal(t, want, got)
			now = now.Add(day)
			require.NoError(t, s.Prune(ctx))
		}
		p, err := s.Decisions(ctx, store.Query{})
		require.NoError(t, err)
		require.Empty(t, p.Decisions)
	})
}

// A stranger's rubbish is recorded only so often; what was proven always is. MON-17.
func refusals(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{RefusedPerMinute: 10}, func(s store.Store) {
		for i := range 40 {
			r := record(i, func(r *verify.Record) { r.At, r.Proven = Noon.Add(time.Duration(i/20)*time.Minute), i%4 == 0 })
			require.NoError(t, s.Ledger().Record(ctx, r))
		}
		p, err := s.Decisions(ctx, store.Query{})
		require.NoError(t, err)
		require.Len(t, p.Decisions, 10+2*10)
		require.EqualValues(t, 10, s.Stats().Unrecorded)
	})
}

// STO-15: whatever an agent writes is kept as it is, and fails nobody else.
func texts(t *testing.T, open Open, _ func(string)) {
	use(t, open, store.Options{}, func(s store.Store) {
		for i, odd := range []string{
			"a\x00b", "\xff\xfe", "\x1b[31m", "a\nb", "\x1a\x1a", strings.Repeat("é", 50_000), "'; DROP TABLE holds",
		} {
			r := Act(fmt.Sprint("text", odd), Noon, 1, 1000)
			r.Record.Decision = decision(fmt.Sprint(i), Noon)
			r.Record.Action, r.Record.Resource, r.Record.Intent, r.Content = odd, odd, odd, odd
			_, err := s.Ledger().Reserve(ctx, r)
			require.NoError(t, err)
			require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
				Decision: r.Record.Decision, Outcome: verify.Done, At: Noon, By: odd, Reason: odd,
			}))
			e, err := s.Ledger().Entry(ctx, r.Record.Decision)
			require.NoError(t, err)
			require.Equal(t, r.Record, e.Record)
			require.Equal(t, odd, e.Attempts[0].By)
			require.Equal(t, odd, e.Attempts[0].Reason)
		}
	})
}
