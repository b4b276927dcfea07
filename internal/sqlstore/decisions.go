package sqlstore

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/score"
)

// selecting is the condition of a query, with its arguments.
func (s *Store) selecting(q store.Query) (where []string, args []any) {
	where, args = []string{"space = ?"}, []any{s.space}
	and := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	if q.Agent != "" {
		and("agent = ?", agentText(q.Agent))
	}
	if q.Passport != "" {
		and("passport = ?", text(q.Passport))
	}
	if len(q.Verdicts) > 0 {
		and("verdict IN (?" + strings.Repeat(", ?", len(q.Verdicts)-1) + ")")
		for _, v := range q.Verdicts {
			args = append(args, int(v))
		}
	}
	if q.Code != "" {
		code := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(string(q.Code))
		and(`codes LIKE ? ESCAPE '\'`, "% "+code+" %")
	}
	if !q.From.IsZero() {
		and("at >= ?", int64(instantOf(q.From)))
	}
	if !q.Until.IsZero() {
		and("at < ?", int64(instantOf(q.Until)))
	}
	return where, args
}

// Decisions implements [store.Store].
func (s *Store) Decisions(ctx context.Context, q store.Query) (page store.Page, err error) {
	where, args := s.selecting(q)
	order := "at DESC, decision DESC"
	if q.Agent != "" {
		order = "agent DESC, " + order
	}
	if q.After != "" {
		at, decision, err := s.cursor(q.After)
		if err != nil {
			return page, err
		}
		where, args = append(where, "(at, decision) < (?, ?)"), append(args, int64(at), decisionText(decision))
	}
	limit := min(q.Limit, 200)
	if limit <= 0 {
		limit = 50
	}
	query := "SELECT " + recordColumns + " FROM records WHERE " + strings.Join(where, " AND ") +
		" ORDER BY space DESC, " + order + " LIMIT ?"
	err = s.reading(ctx, func(w *work) error {
		page = store.Page{}
		return w.each(query, append(args, limit+1), func(r Row) error {
			page.Decisions = append(page.Decisions, r.record())
			return nil
		})
	})
	if err == nil && len(page.Decisions) > limit {
		page.Decisions = page.Decisions[:limit]
		last := &page.Decisions[limit-1]
		page.Next = s.cursorAt(instantOf(last.At), last.Decision)
	}
	return page, err
}

// A cursor is where a page ends: the instant and the decision, behind a digest of these and
// the namespace, so that one which was cut off or changed on the way is told from another
// page's. It is not a secret: whoever makes one begins elsewhere in what they may read.
func (s *Store) cursorAt(at instant, decision string) string {
	place := append(binary.BigEndian.AppendUint64(nil, uint64(at)), decision...)
	sum := s.root.below("cursor", string(place))
	return base64.RawURLEncoding.EncodeToString(append(sum[:8:8], place...))
}

func (s *Store) cursor(text string) (at instant, decision string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(b) >= 16 {
		at, decision = instant(binary.BigEndian.Uint64(b[8:])), string(b[16:])
	}
	if text != s.cursorAt(at, decision) {
		return 0, "", store.ErrNotNext
	}
	return at, decision, nil
}

// Hours implements [store.Store].
func (s *Store) Hours(ctx context.Context, q store.Query) (list []store.Hour, err error) {
	where, args := s.selecting(q)
	err = s.readingAll(ctx, func(w *work) error {
		list = nil
		const hour = int64(time.Hour)
		return w.each("SELECT at / ?, verdict, COUNT(*) FROM records WHERE "+strings.Join(where, " AND ")+
			" GROUP BY 1, 2 ORDER BY 1, 2", append([]any{hour}, args...),
			func(r Row) error {
				list = append(list, store.Hour{
					Start: instant(r.Int(0) * hour).Time(), Verdict: verify.Verdict(r.Int(1)), Count: r.Int(2),
				})
				return nil
			})
	})
	return list, err
}

// History implements [store.Store].
func (s *Store) History(ctx context.Context, agent string) (h score.History, err error) {
	err = s.reading(ctx, func(w *work) error {
		h = score.History{}
		add := func(r Row, counts score.Totals) error {
			h.Count(instant(r.Int(0)*int64(day)).Time(), counts)
			return nil
		}
		// A decision is counted here or there: it is folded and forgotten in one transaction.
		if err := w.each("SELECT day, allowed, violations FROM totals WHERE space = ? AND agent = ?",
			[]any{w.s.space, agentText(agent)}, func(r Row) error {
				return add(r, score.Totals{Allowed: r.Int(1), Violations: r.Int(2)})
			}); err != nil {
			return err
		}
		return w.each("SELECT at / ?, verdict, codes, COUNT(*) FROM records WHERE space = ? AND agent = ? GROUP BY 1, 2, 3",
			[]any{int64(day), w.s.space, agentText(agent)}, func(r Row) error {
				return add(r, countsOf(verify.Verdict(r.Int(1)), r.Text(2), r.Int(3)))
			})
	})
	return h, err
}

// countsOf is what n decisions say about their agent.
func countsOf(v verify.Verdict, codes string, n int64) score.Totals {
	r := verify.Record{Verdict: v, Codes: codesOf(codes)}
	switch {
	case score.IsAct(&r):
		return score.Totals{Allowed: n}
	case score.IsViolation(&r):
		return score.Totals{Violations: n}
	}
	return score.Totals{}
}

// fold counts decisions from before an instant by agent and day, and forgets them.
// What says nothing about an agent is counted for none.
func (w *work) fold(before instant, most int) (more bool, err error) {
	return w.foldWhere("at < ?", most, int64(before))
}

// foldRefused does so with the oldest of what was not proven, if more of it is kept than
// KeepRefused.
func (w *work) foldRefused(most int) (more bool, err error) {
	kept, keep := 0, w.s.options.KeepRefused
	if _, err := w.one("SELECT COUNT(*) FROM records WHERE space = ? AND proven = 0", []any{w.s.space}, func(r Row) {
		kept = int(r.Int(0))
	}); err != nil || kept <= keep {
		return false, err
	}
	_, err = w.foldWhere("proven = 0", min(kept-keep, most))
	return kept-keep > most, err
}

// total is what counts of decisions are for.
type total struct {
	agent string
	day   int64
}

type counts struct{ decisions, allowed, violations int64 }

// foldWhere does so where a condition holds, whose text is always the same: it is kept, and what is prepared of it.
func (w *work) foldWhere(condition string, most int, args ...any) (more bool, err error) {
	totals := map[total]counts{}
	var decisions []string
	if err := w.each("SELECT decision, agent, at, verdict, codes FROM records WHERE space = ? AND "+condition+
		" ORDER BY space, at, decision"+limit(most)+"/*lock*/", append([]any{w.s.space}, args...), func(r Row) error {
		says := countsOf(verify.Verdict(r.Int(3)), r.Text(4), 1)
		t := total{day: r.Int(2) / int64(day)}
		if says != (score.Totals{}) {
			t.agent = r.Text(1)
		}
		c := totals[t]
		totals[t] = counts{c.decisions + 1, c.allowed + says.Allowed, c.violations + says.Violations}
		decisions = append(decisions, r.Text(0))
		return nil
	}); err != nil {
		return false, err
	}
	if len(decisions) == 0 {
		return false, nil
	}
	for i := range decisions {
		decisions[i] = decisionText(decisions[i])
	}
	for _, table := range []string{"records", "attempts"} {
		if w.engine.Arrays {
			these := " WHERE space = ? AND decision = ANY(" + w.array(column{kind: ofTexts}) + ")"
			if err := w.exec("DELETE FROM "+table+these, w.s.space, decisions); err != nil {
				return false, err
			}
			continue
		}
		for _, d := range decisions {
			if err := w.exec("DELETE FROM "+table+" WHERE space = ? AND decision = ?", w.s.space, d); err != nil {
				return false, err
			}
		}
	}
	return len(decisions) >= most, w.addTotals(totals)
}

func (w *work) addTotals(totals map[total]counts) error {
	// In one order, so that nobody waits for each other.
	list := slices.SortedFunc(maps.Keys(totals), func(a, b total) int {
		return cmp.Or(strings.Compare(a.agent, b.agent), cmp.Compare(a.day, b.day))
	})
	for _, t := range list {
		c := totals[t]
		if err := w.exec("INSERT INTO totals (space, agent, day, decisions, allowed, violations) VALUES (?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (space, agent, day) DO UPDATE SET decisions = totals.decisions + excluded.decisions, "+
			"allowed = totals.allowed + excluded.allowed, violations = totals.violations + excluded.violations",
			w.s.space, agentText(t.agent), t.day, c.decisions, c.allowed, c.violations); err != nil {
			return err
		}
	}
	return nil
}

// Totals implements [store.Store].
func (s *Store) Totals(ctx context.Context) (t store.Totals, err error) {
	err = s.reading(ctx, func(w *work) error {
		t = store.Totals{}
		add := func(r Row) error {
			t.Decisions, t.Allowed = t.Decisions+r.Int(0), t.Allowed+r.Int(1)
			return nil
		}
		if err := w.each("SELECT decisions, allowed FROM totals WHERE space = ?", []any{w.s.space}, add); err != nil {
			return err
		}
		return w.each("SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN verdict = ? AND codes NOT LIKE ? THEN 1 ELSE 0 END), 0) "+
			"AS BIGINT) FROM records WHERE space = ?",
			[]any{int(verify.Allow), "% " + string(verify.LedgerRepeated) + " %", w.s.space}, add)
	})
	for _, n := range s.refused.unrecorded() {
		t.Decisions += n
	}
	return t, err
}

// Prune implements [store.Store].
func (s *Store) Prune(ctx context.Context) error {
	at, err := s.clock()
	if err != nil {
		return unavailable(err)
	}
	now := instantOf(at)
	if err := s.countUnrecorded(ctx); err != nil {
		return err
	}
	if err := s.do(&job{ctx: ctx, apart: true, run: func(w *work) error { return w.forgetUpdates() }}); err != nil {
		return err
	}
	for more := true; more; {
		forgot := false
		if err := s.do(&job{ctx: ctx, run: func(w *work) (err error) {
			forgot, err = w.forget(now.Add(-grace), slice)
			return err
		}}); err != nil {
			return err
		}
		// The others go on meanwhile: it has nothing of the ledger's.
		if err := s.do(&job{ctx: ctx, apart: true, run: func(w *work) error {
			folded, err := w.fold(now.Add(-s.options.KeepDecisions), slice)
			if err != nil {
				return err
			}
			refused, err := w.foldRefused(slice)
			if err != nil {
				return err
			}
			editions, err := w.forgetEditions(now, slice)
			more = forgot || folded || refused || editions
			return err
		}}); err != nil {
			return err
		}
	}
	return nil
}
