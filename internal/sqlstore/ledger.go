package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// Ledger is a [store.Ledger].
type Ledger struct{ s *Store }

// Ledger returns the store's ledger.
func (s *Store) Ledger() store.Ledger { return &Ledger{s} }

// Reserve implements [verify.Ledger].
func (l *Ledger) Reserve(ctx context.Context, r *verify.Reservation) (held verify.Held, err error) {
	return l.reserve(ctx, r, joint{})
}

func (l *Ledger) reserve(ctx context.Context, r *verify.Reservation, with joint) (held verify.Held, err error) {
	if err := callctx.Err(ctx); err != nil {
		return held, err
	}
	if err := ledgerrules.WellFormed(r); err != nil {
		return held, err
	}
	own := *r // the caller may be gone before it is judged
	own.Charges, own.Chain, own.Record.Codes = slices.Clone(r.Charges), slices.Clone(r.Chain), slices.Clone(r.Record.Codes)
	k := l.s.keysOf(&own)
	var answer struct {
		held    verify.Held
		refusal error
	}
	j := &job{
		ctx: ctx, group: with.do == nil,
		wants: func(p *wanted) { p.reserve(&own, &k) },
		run: func(w *work) (err error) {
			answer.held, answer.refusal, err = w.reserveWith(&own, &k, with.do)
			return err
		},
	}
	// Who has gone will not act: what was reserved is given back.
	j.after = func() *job {
		if answer.refusal != nil || answer.held.Repeated {
			return nil
		}
		s := verify.Settlement{Decision: own.Record.Decision, Outcome: verify.NotDone, At: own.At}
		return l.settling(context.Background(), &s, with.undo, new(error))
	}
	if err := l.s.do(j); err != nil {
		return verify.Held{}, err
	}
	if answer.refusal != nil {
		return verify.Held{}, answer.refusal
	}
	return answer.held, nil
}

// Settle implements [verify.Ledger].
func (l *Ledger) Settle(ctx context.Context, s verify.Settlement) error {
	var refusal error
	if err := l.s.do(l.settling(ctx, &s, nil, &refusal)); err != nil {
		return err
	}
	return refusal
}

func (l *Ledger) settling(
	ctx context.Context, s *verify.Settlement, with func(registry.Tx) error, refusal *error,
) *job {
	return &job{
		ctx: ctx, group: with == nil,
		wants: func(p *wanted) {
			key := l.s.holdKey(s.Decision)
			if s.Outcome == verify.Done && s.Amount.IsZero() && s.By == "" {
				p.alone = append(p.alone, key) // it counts what it has reserved
				return
			}
			p.holds = append(p.holds, key)
		},
		run: func(w *work) (err error) {
			*refusal, err = w.settleWith(s, with)
			return err
		},
	}
}

// Of what was not proven the database keeps at most so many bytes of each text, and so
// many codes.
const (
	mostText  = 256
	mostCodes = 16
)

// brief is a text of which the database keeps at most so many bytes, however it is
// written there.
func brief(t string, most int) string {
	cut := min(len(t), most)
	for cut > 0 && cut < len(t) && cut > most-utf8.UTFMax && !utf8.RuneStart(t[cut]) {
		cut--
	}
	if t = t[:cut]; len(text(t)) > most {
		t = t[:min(len(t), (most-3)/4)] // quoted, a byte is four at most
	}
	return t
}

// Record implements [verify.Ledger]. Of what was not proven only so many are kept in
// a minute.
func (l *Ledger) Record(ctx context.Context, r verify.Record) error {
	if !r.Proven && !l.s.refused.take(r.At, l.s.options.RefusedPerMinute) {
		l.s.stats.unrecorded.Add(1)
		return nil
	}
	if !r.Proven { // a stranger chose these texts
		for _, t := range []*string{&r.Passport, &r.Agent, &r.Root, &r.Intent, &r.Audience, &r.Action, &r.Resource} {
			*t = brief(*t, mostText)
		}
		r.Codes = r.Codes[:min(len(r.Codes), mostCodes)]
	}
	r.Codes = slices.Clone(r.Codes)
	return l.s.do(&job{ctx: ctx, group: true, run: func(w *work) error {
		if key := l.s.holdKey(r.Decision); w.waits(key) {
			return w.wait(key)
		}
		w.record(&r)
		return nil
	}})
}

// Forget implements [verify.Forgetter]. It goes on in small steps until nothing is
// left, or the context ends.
func (l *Ledger) Forget(ctx context.Context, before time.Time) error {
	for {
		more := false
		if err := l.s.do(&job{ctx: ctx, run: func(w *work) (err error) {
			more, err = w.forget(instantOf(before), slice)
			return err
		}}); err != nil || !more {
			return err
		}
	}
}

// Peek implements [verify.Ledger].
func (l *Ledger) Peek(ctx context.Context, r *verify.Reservation) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	if err := ledgerrules.WellFormed(r); err != nil {
		return err
	}
	k := l.s.keysOf(r)
	var refusal error
	if err := l.s.reading(ctx, func(w *work) (err error) {
		_, _, refusal, err = w.judge(r, &k)
		return err
	}); err != nil {
		return err
	}
	return refusal
}

// Usage implements [verify.UsageReader].
func (l *Ledger) Usage(ctx context.Context, charges []verify.Charge, at time.Time) ([]verify.Used, error) {
	list := make([]verify.Used, len(charges))
	err := l.s.reading(ctx, func(w *work) error {
		for i := range charges {
			c := &charges[i]
			key := l.s.accountKey(c)
			a, err := load(w, accountTable, w.accounts, key)
			if err != nil {
				return err
			}
			if a == nil {
				continue
			}
			since, lifetime := instantOf(c.Since), c.Since.IsZero()
			counts, err := w.counts(key, a, since, lifetime)
			if err != nil {
				return err
			}
			if list[i], err = w.usage(key, counts, since, lifetime, instantOf(at)); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Unresolved implements [verify.Reconciler].
func (l *Ledger) Unresolved(ctx context.Context, at time.Time, after string, limit int) (
	list []verify.Unresolved, err error,
) {
	if limit <= 0 {
		limit = 100
	}
	err = l.s.reading(ctx, func(w *work) error {
		list = nil
		if err := w.each("SELECT decision, at, hold_by FROM holds WHERE space = ? AND decision > ? AND state IN (1, 4) "+
			"AND (state = 4 OR hold_by <= ?) ORDER BY space, decision LIMIT ?",
			[]any{w.s.space, decisionText(after), int64(instantOf(at)), limit}, func(r Row) error {
				list = append(list, verify.Unresolved{
					Decision: r.Text(0), At: r.instant(1).Time(), HoldBy: r.instant(2).Time(),
				})
				return nil
			}); err != nil {
			return err
		}
		for i := range list {
			r, _, err := w.recorded(list[i].Decision)
			if err != nil {
				return err
			}
			list[i].Record = r
		}
		return nil
	})
	return list, err
}

// recorded returns the record of a decision; all but its id is zero if there is
// none.
func (w *work) recorded(decision string) (r verify.Record, found bool, err error) {
	r.Decision = decision
	found, err = w.one("SELECT "+recordColumns+" FROM records WHERE space = ? AND decision = ?",
		[]any{w.s.space, decisionText(decision)}, func(row Row) { r = row.record() })
	return r, found, err
}

// record reads a row of recordColumns.
func (r Row) record() verify.Record {
	return verify.Record{
		Decision: r.Text(1), At: r.instant(2).Time(), Verdict: verify.Verdict(r.Int(3)), Passport: r.Text(5),
		Agent: r.Text(6), Root: r.Text(7), Intent: r.Text(8), Audience: r.Text(9), Action: r.Text(10), Resource: r.Text(11),
		Amount: money(r.Text(12), r.Text(13), int(r.Int(14))), Proven: r.Bool(15), Took: time.Duration(r.Int(16)),
		Scored: r.Bool(17), Score: int(r.Int(18)), Codes: codesOf(r.Text(4)),
	}
}

func codesOf(text string) (codes []verify.Code) {
	for _, c := range strings.Fields(text) {
		codes = append(codes, verify.Code(c))
	}
	return codes
}

// Entry implements [verify.Journal].
func (l *Ledger) Entry(ctx context.Context, decision string) (e verify.Entry, err error) {
	known := false
	err = l.s.reading(ctx, func(w *work) error {
		e = verify.Entry{}
		r, found, err := w.recorded(decision)
		if err != nil {
			return err
		}
		e.Record = r
		h, err := load(w, holdTable, w.holds, l.s.holdKey(decision))
		if err != nil {
			return err
		}
		if h != nil {
			e.State, e.Done = h.now.state, h.now.done
		}
		known = found || h != nil
		return w.eachAttempt(decision, func(s verify.Settlement) { e.Attempts = append(e.Attempts, s) })
	})
	if err == nil && !known {
		return verify.Entry{}, ledgerrules.Unknown(decision)
	}
	return e, err
}
