package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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
		first, err := s.Decisions(ctx, store.Query{Limit: 3})
		require.NoError(t, err)
		cut := len(first.Next) / 2
		for _, forged := range []string{
			"what nobody gave out", "\x00", first.Next[1:], first.Next[:len(first.Next)-1], first.Next + "x",
			first.Next + first.Next, first.Next + "\n", first.Next[:cut] + "\n" + first.Next[cut:],
			first.Next[:cut] + "A" + first.Next[cut+1:], first.Next[:cut] + "B" + first.Next[cut+1:],
		} {
			if forged == first.Next {
				continue
			}
			_, err := s.Decisions(ctx, store.Query{After: forged})
			require.ErrorIs(t, err, store.ErrNotNext, "%q", forged)
		}
		hours, err := s.Hours(ctx, store.Query{From: Noon, Until: Noon.Add(time.Hour)})
		require.NoError(t, err)
		require.Equal(t, []store.Hour{
			{Start: Noon, Verdict: verify.Deny, Count: 24}, {Start: Noon, Verdict: verify.Allow, Count: 96},
		}, hours)
		for name, q := range map[string]store.Query{
			"all": {}, "agent": {Agent: agent("agent1").String()}, "passport": {Passport: "urn:example:2"},
			"both": {Agent: agent("agent1").String(), Passport: "urn:example:2"},
		} {
			want, got := map[store.Hour]int64{}, map[store.Hour]int64{}
			for _, r := range walk(q, 200) {
				want[store.Hour{Start: r.At.Truncate(time.Hour), Verdict: r.Verdict}]++
			}
			hours, err := s.Hours(ctx, q)
			require.NoError(t, err)
			for _, h := range hours {
				got[store.Hour{Start: h.Start, Verdict: h.Verdict}] = h.Count
			}
			require.Equal(t, want, got, name)
		}
	})
}

// A7: what a score is made of is the same before and after decisions are folded.
func history(t *testing.T, open Open, _ func(string)) {
	who := agent("agent1").String()
	var want score.History
	total := store.Totals{Decisions: 100}
	now := Noon
	use(t, open, store.Options{KeepDecisions: day, Now: func() time.Time { return now }}, func(s store.Store) {
		for i := range 100 {
			r := record(i, func(r *verify.Record) {
				r.At = Noon.Add(time.Duration(i) * time.Hour)
				if i%3 == 1 && r.Verdict == verify.Allow {
					r.Codes = []verify.Code{verify.LedgerRepeated}
				}
			})
			require.NoError(t, s.Ledger().Record(ctx, r))
			if r.Agent == who {
				want.Add(&r)
			}
			if score.IsAct(&r) {
				total.Allowed++
			}
		}
		require.Less(t, total.Allowed, int64(60))
		for range 6 {
			got, err := s.History(ctx, who)
			require.NoError(t, err)
			require.Equal(t, want, got)
			all, err := s.Totals(ctx)
			require.NoError(t, err)
			require.Equal(t, total, all)
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
		total, err := s.Totals(ctx)
		require.NoError(t, err)
		require.Equal(t, store.Totals{Decisions: 40, Allowed: 24}, total)
	})
	use(t, open, store.Options{}, func(s store.Store) {
		total, err := s.Totals(ctx)
		require.NoError(t, err)
		require.Equal(t, store.Totals{Decisions: 40, Allowed: 24}, total, "what was not recorded outlasts the process")
	})
}

// An option that is out of its range is an error, and not another one's default.
func ranges(t *testing.T, open Open, _ func(string)) {
	for name, o := range map[string]store.Options{
		"Queue": {Queue: -1}, "Batch": {Batch: -1}, "KeepUnresolved": {KeepUnresolved: -1},
		"KeepDecisions": {KeepDecisions: -1}, "Queue ": {Queue: 1<<20 + 1}, "Batch ": {Batch: 1<<20 + 1},
	} {
		s, err := open(o)
		if !assert.ErrorContains(t, err, "Options."+strings.TrimSpace(name)+" is ") {
			require.NoError(t, s.Close())
		}
	}
	use(t, open, store.Options{Queue: 1, Batch: 1, KeepUnresolved: 1, KeepDecisions: 1}, func(store.Store) {})
	use(t, open, store.Options{KeepRefused: -1}, func(s store.Store) { // none
		for i := range 4 {
			r := record(i, func(r *verify.Record) { r.Verdict, r.Proven = verify.Deny, i == 3 })
			require.NoError(t, s.Ledger().Record(ctx, r))
		}
		p, err := s.Decisions(ctx, store.Query{})
		require.NoError(t, err)
		require.Len(t, p.Decisions, 1)
		require.True(t, p.Decisions[0].Proven)
		total, err := s.Totals(ctx)
		require.NoError(t, err)
		require.Equal(t, store.Totals{Decisions: 4}, total)
	})
}

// Of a stranger's refusals only so many are kept, however many there are in a minute,
// and little of each; they are counted, and what was proven is kept. MON-17, RES-05.
func strangers(t *testing.T, open Open, _ func(string)) {
	const keep, n = 64, 1500
	now := Noon
	o := store.Options{KeepRefused: keep, RefusedPerMinute: 1 << 30, Now: func() time.Time { return now }}
	use(t, open, o, func(s store.Store) {
		for i := range n {
			r := record(i, func(r *verify.Record) {
				r.At, r.Proven, r.Verdict = Noon.Add(time.Duration(i)), i%10 == 0, verify.Deny
			})
			require.NoError(t, s.Ledger().Record(ctx, r))
		}
		kept := func() (proven, strangers int) {
			for q := (store.Query{Limit: 200}); ; {
				p, err := s.Decisions(ctx, q)
				require.NoError(t, err)
				for i := range p.Decisions {
					if p.Decisions[i].Proven {
						proven++
					} else {
						strangers++
					}
				}
				if q.After = p.Next; q.After == "" {
					return proven, strangers
				}
			}
		}
		proven, strangers := kept()
		require.Equal(t, n/10, proven)
		const behind = 256 // may not be in the tables yet
		require.Less(t, strangers, keep+keep/16+2*64+behind, "it looks after 64 of all decisions")
		require.NoError(t, s.Prune(ctx))
		proven, strangers = kept()
		require.Equal(t, []int{n / 10, keep}, []int{proven, strangers})
		total, err := s.Totals(ctx)
		require.NoError(t, err)
		require.EqualValues(t, n, total.Decisions)

		long := record(n, func(r *verify.Record) { r.Proven, r.Verdict = false, verify.Deny })
		for text, want := range map[string]string{
			strings.Repeat("x", 1000):       strings.Repeat("x", 256),
			strings.Repeat("é", 1000):       strings.Repeat("é", 128),
			"x" + strings.Repeat("é", 1000): "x" + strings.Repeat("é", 127),
			strings.Repeat("\xff", 1000):    strings.Repeat("\xff", 63),
			strings.Repeat("\x00", 64):      strings.Repeat("\x00", 63),
			strings.Repeat("\x00", 63):      strings.Repeat("\x00", 63),
		} {
			long.Decision += "x"
			long.Agent, long.Passport, long.Resource = text, text, text
			long.Codes = slices.Repeat([]verify.Code{verify.ProofInvalid}, 1000)
			require.NoError(t, s.Ledger().Record(ctx, long))
			e, err := s.Ledger().Entry(ctx, long.Decision)
			require.NoError(t, err)
			require.Equal(t, []string{want, want, want}, []string{e.Agent, e.Passport, e.Resource})
			require.Len(t, e.Codes, 16)
		}
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
