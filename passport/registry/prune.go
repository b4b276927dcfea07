package registry

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

const (
	defaultHistory = 90 * 24 * time.Hour
	pruneSlice     = 64 // debits, or days, in a transaction
)

// dayOf is the number of a day since 1970.
func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// Prune forgets what agents have spent longer ago than Config.KeepHistory, in small transactions: the debits, and the
// lines of histories up to them. What is left of a budget stays as it is; what nobody has settled counts as done. It
// returns when nothing is left to forget. [Registry.Run] calls it, and the ledger of package verify/office calls
// [Budgets.PruneSome] from time to time.
func (s *Budgets) Prune(ctx context.Context) error {
	for {
		if more, err := s.PruneSome(ctx); err != nil || !more {
			return err
		}
	}
}

// PruneSome is one transaction of [Budgets.Prune]. more says that there may be more to forget.
func (s *Budgets) PruneSome(ctx context.Context) (more bool, err error) {
	err = s.r.update(ctx, func(tx Tx) error {
		more, err = s.prune(tx)
		return err
	})
	return more, err
}

func (s *Budgets) prune(tx Tx) (more bool, err error) {
	var day int64
	d, err := load(tx, kindForgotten, kindDebit, &day)
	if err != nil {
		return false, err
	}
	if d.Version == 0 { // the first time: there is no debit from before the first event
		first, err := tx.Read("events", 0, 1)
		if err != nil || len(first) == 0 {
			return false, err
		}
		var e Event
		if err := json.Unmarshal(first[0].Body, &e); err != nil {
			return false, err
		}
		day = dayOf(e.At) - 1
	}
	before := day
	last := dayOf(s.r.now().Add(-s.r.config.KeepHistory)) - 1 // the last that is over
	if d.Version > 0 {
		day = min(day, last) // the clock was ahead, and is right again
	}
	for left := pruneSlice; day < last; {
		docs, err := tx.Find(Query{Kind: kindDebit, Name: "day", Value: strconv.FormatInt(day+1, 10), Limit: left})
		if err != nil {
			return false, err
		}
		for _, old := range docs {
			if err := s.forget(tx, old); err != nil {
				return false, err
			}
		}
		if len(docs) == left {
			more = true
			break
		}
		day++
		if left -= max(len(docs), 1); left <= 0 {
			more = day < last
			break
		}
	}
	if day == before {
		return more, nil
	}
	return more, save(tx, d, day)
}

// forget forgets a debit.
func (s *Budgets) forget(tx Tx, d Doc) error {
	var t debit
	if err := decode(&d, &t); err != nil {
		return err
	}
	for i, grant := range t.Grants {
		if t.Open {
			e := BudgetEntry{Kind: "settled", Amount: t.Counted, ID: d.ID, Reason: "nobody has said what became of it"}
			if err := s.move(tx, grant, &e, func(b *Budget) { b.Open, _ = b.Open.Sub(t.Amount) }); err != nil {
				return err
			}
		}
		if err := tx.Trim(history(grant), t.Numbers[i]); err != nil {
			return err
		}
	}
	return tx.Delete(d)
}
