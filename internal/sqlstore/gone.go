package sqlstore

import (
	"fmt"
	"maps"
	"slices"
)

// Uses that no window reaches are forgotten, a few at a time.

// low is from before when uses of an account may be forgotten: not those that the sum counts, nor those that a window
// of the same transaction does, which may be that of a verifier whose clock is behind.
func (x *window) low(a *row[account]) instant { return min(x.before, x.from, a.now.since) }

// askGone looks for some uses of accounts from before instants, and puts the latest of them into gone.
func (w *work) askGone(lows, gone map[digest]instant) error {
	if len(lows) == 0 {
		return nil
	}
	var accounts [][]byte
	var before []int64
	for _, key := range slices.SortedFunc(maps.Keys(lows), compareDigests) {
		accounts, before = append(accounts, key[:]), append(before, int64(lows[key]))
	}
	return w.look(fmt.Sprintf(gonesOf, w.array(column{kind: ofBytes}), w.array(column{kind: ofNumbers})),
		[]any{accounts, before}, func(r Row) error {
			if r[1] != nil {
				gone[r.digest(0)] = r.instant(1)
			}
			return nil
		})
}

// gonesOf reads the latest of some uses of each account from before an instant.
var gonesOf = "SELECT v.account, (SELECT MAX(at) FROM (SELECT at FROM uses WHERE account = v.account AND at < v.low " +
	"ORDER BY account, at" + limit(mostTidied) + ") AS u) FROM UNNEST(%s, %s) AS v (account, low)"

// mostOld is how many uses are forgotten at a time.
const mostOld = 16 * atOnce

// forgetUses forgets some uses that no window reaches, if it was asked for them.
func (w *work) forgetUses(key digest, a *row[account]) error {
	gone, ok := w.old[key]
	if !ok {
		return nil
	}
	delete(w.old, key)
	if w.known != nil {
		a.now.gone, a.changed = max(a.now.gone, gone), true
		w.wiped[key] = a.now.gone // the latest says the most
		return nil
	}
	if err := w.writeUses(); err != nil {
		return err
	}
	a.now.gone, a.changed = max(a.now.gone, gone), true
	return w.exec(wipe, key.value(), int64(gone))
}
