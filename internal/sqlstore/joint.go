package sqlstore

import (
	"context"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
)

// joint is what changes in the registry with a reservation, in one transaction: do when it is taken, undo when it is
// given back because the caller went away. Either may be nil.
type joint struct{ do, undo func(registry.Tx) error }

// Keeps reports whether the documents of a registry are in the same store, so that both change in one transaction.
func (l *Ledger) Keeps(s registry.Store) bool {
	d, ok := s.(*Documents)
	return ok && d.s == l.s
}

// ReserveWith is Reserve, and do in the same transaction: before anything is taken, so that an error of do
// refuses. What do changes is written if the ledger takes what is asked for, and takes it anew. undo is for a
// caller who went away.
func (l *Ledger) ReserveWith(
	ctx context.Context, r *verify.Reservation, do, undo func(registry.Tx) error,
) (verify.Held, error) {
	return l.reserve(ctx, r, joint{do, undo})
}

// SettleWith is Settle, and do in the same transaction, once the ledger has agreed. An error of do undoes both.
func (l *Ledger) SettleWith(ctx context.Context, s verify.Settlement, do func(registry.Tx) error) error {
	var refusal error
	if err := l.s.do(l.settling(ctx, &s, do, &refusal)); err != nil {
		return err
	}
	return refusal
}

func (w *work) reserveWith(r *verify.Reservation, k *keys, do func(registry.Tx) error) (
	held verify.Held, refusal, err error,
) {
	if do == nil {
		return w.reserve(r, k)
	}
	if w.doubt { // what was committed has both
		if held, err := w.mine(r, k); held.Decision != "" || err != nil {
			return held, nil, err
		}
	}
	if err := w.lockOffice(); err != nil {
		return held, nil, err
	}
	t := newDocTx(w)
	refusal = guarded(do, t)
	switch {
	case t.failed != nil:
		return held, nil, t.failed
	case refusal != nil: // what the ledger says comes first, and a repetition takes nothing
		earlier, full, first, err := w.judge(r, k)
		switch {
		case err != nil:
			return held, nil, err
		case earlier != nil:
			return w.reserve(r, k)
		case first != nil && !full:
			refusal = first
		}
		return held, refusal, nil
	}
	held, refusal, err = w.reserve(r, k)
	if err == nil && refusal == nil && !held.Repeated {
		err = t.flush()
	}
	return held, refusal, err
}

func (w *work) settleWith(s *verify.Settlement, do func(registry.Tx) error) (refusal, err error) {
	refusal, err = w.settle(s)
	if do == nil || refusal != nil || err != nil {
		return refusal, err
	}
	if err := w.lockOffice(); err != nil {
		return nil, err
	}
	t := newDocTx(w)
	if err = guarded(do, t); err == nil {
		err = t.failed
	}
	if err == nil {
		err = t.flush()
	}
	return nil, err
}
