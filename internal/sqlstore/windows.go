package sqlstore

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// counts returns what counts against a charge. The sum of a window is kept with its
// beginning, and follows it: only uses that came in or went out are added up, by
// the engine.
func (w *work) counts(key digest, a *row[account], since instant, lifetime bool) (verify.Quantity, error) {
	if lifetime {
		return a.now.total, nil
	}
	if a.now.sum == beyond { // it did not fit, and may again
		a.now.since, a.now.sum = last, verify.Quantity{}
	}
	if since == a.now.since {
		return a.now.sum, nil
	}
	from, to := min(a.now.since, since), max(a.now.since, since)
	between, known := w.spans[key].sum(from, to)
	if !known {
		err := w.writeUses()
		if err != nil {
			return verify.Quantity{}, err
		}
		if between, err = w.sum("SELECT "+sumOfLimbs+" FROM uses WHERE account = ? AND at >= ? AND at < ?",
			key.value(), int64(from), int64(to)); err != nil {
			return verify.Quantity{}, err
		}
	}
	sum := a.now.sum.Sub(between)
	if since < a.now.since {
		sum = a.now.sum.Add(between)
	}
	a.now.since, a.now.sum, a.changed = since, sum, true
	return sum, nil
}

// span is what is known of the uses of an account between two instants, the first one
// included: what windows that begin there lose or gain.
type span struct {
	from, to instant
	uses     []use // in order of their instants
}

type use struct {
	at       instant
	hold     digest
	quantity verify.Quantity
}

// mostUses is how many uses are read to have them at hand. What is more is added up by
// the engine.
const mostUses = 4096

// askWindows reads of accounts that are known the uses between the beginning of the window that the sum of the account
// is of, and those of the windows that are asked for; and what is forgotten if one of them is.
func (w *work) askWindows(windows map[digest]window) error {
	if w.engine.Arrays {
		return w.lookAhead(windows)
	}
	for key, asked := range windows {
		if err := w.askSpan(key, asked); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) askSpan(key digest, asked window) error {
	a := w.accounts[key]
	if a == nil { // there are no uses yet
		w.spans[key] = &span{from: first, to: last}
		return nil
	}
	if asked.before != 0 {
		if err := w.ask("SELECT at FROM uses WHERE account = ? AND at < ? ORDER BY account, at"+limit(mostOld),
			[]any{key.value(), int64(asked.low(a))}, func(r Row) error {
				w.old[key] = r.instant(0)
				return nil
			}); err != nil {
			return err
		}
	}
	s := &span{from: min(a.now.since, asked.from), to: max(a.now.since, asked.to)}
	if w.spans[key] = s; s.from == s.to {
		return nil
	}
	if w.cache != nil {
		if known, err := w.ahead(key, s); known || err != nil {
			return err
		}
	}
	return w.ask("SELECT at, hold, q3, q2, q1, q0 FROM uses WHERE account = ? AND at >= ? AND at < ? "+
		"ORDER BY account, at"+limit(mostUses), []any{key.value(), int64(s.from), int64(s.to)}, func(r Row) error {
		w.addUse(key, s, r)
		return nil
	})
}

// span returns what is known of the uses of an account, which must follow them; nil if
// nothing is.
func (w *work) span(key digest) *span {
	if s, known := w.spans[key]; known {
		return s
	}
	return w.kept(key)
}

// kept is what was known of them before, nil if nothing was.
func (w *work) kept(key digest) *span {
	if w.cache == nil {
		return nil
	}
	s, _ := w.cache.spans.of(key)
	return s
}

// aheadUses is how many uses are read for acts to come, and mostAhead how many are kept.
const (
	aheadUses = 64
	mostAhead = 4 * aheadUses
)

// ahead makes known the uses of a span, and those that follow it: of those that were kept,
// or else of a few that are read. False if these are not enough.
func (w *work) ahead(key digest, s *span) (known bool, err error) {
	if kept, ok := w.cache.spans.of(key); ok && kept.from <= s.from && kept.to >= s.to {
		w.spans[key] = kept
		return true, nil
	}
	more := &span{from: s.from, to: last}
	if err := w.ask("SELECT at, hold, q3, q2, q1, q0 FROM uses WHERE account = ? AND at >= ? ORDER BY account, at"+
		limit(aheadUses), []any{key.value(), int64(s.from)}, func(r Row) error {
		more.uses = append(more.uses, use{r.instant(0), r.digest(1), r.limbs(2)})
		return nil
	}); err != nil {
		return false, err
	}
	if len(more.uses) == aheadUses { // there may be more of the same instant
		more.cut(aheadUses - 1)
	}
	if more.to < s.to {
		return false, nil
	}
	w.spans[key] = more
	return true, nil
}

// lookAhead makes known the uses that windows are about to leave, as ahead does, of all accounts at once. Those that
// groups have written are among them.
func (w *work) lookAhead(windows map[digest]window) error {
	var rows [][]any
	lows := map[digest]instant{}
	asked := map[digest]*span{}
	for key, x := range windows {
		a := w.accounts[key]
		if a == nil { // there are no uses yet
			w.spans[key] = &span{from: first, to: last}
			continue
		}
		if x.before != 0 && w.known != nil {
			w.s.lookLater(key, x.low(a)) // the drainer looks for them
		} else if x.before != 0 {
			lows[key] = x.low(a)
		}
		from, to := min(a.now.since, x.from), max(a.now.since, x.to)
		if kept := w.kept(key); kept != nil && kept.from <= from && kept.to >= to {
			w.spans[key] = kept
			continue
		}
		asked[key] = &span{from: from, to: last}
		rows = append(rows, []any{key.value(), int64(from)})
	}
	if len(rows) > 0 {
		if err := w.look(fmt.Sprintf(aheadOf, w.array(column{kind: ofBytes}), w.array(column{kind: ofNumbers})),
			[]any{arrayOf(rows, 0, ofBytes), arrayOf(rows, 1, ofNumbers)}, func(r Row) error {
				s := asked[r.digest(0)]
				s.uses = append(s.uses, use{r.instant(1), r.digest(2), r.limbs(3)})
				return nil
			}); err != nil {
			return err
		}
	}
	if err := w.askGone(lows, w.old); err != nil {
		return err
	}
	if err := w.answers(); err != nil {
		return err
	}
	for key, s := range asked {
		if len(s.uses) == mostAhead { // there may be more of the same instant
			s.cut(mostAhead - 1)
		}
		images := w.known.images()
		for _, i := range slices.Backward(images[:]) {
			if i == nil {
				continue
			}
			for u, q := range i.uses[key] {
				s.put(u.at, u.hold, q)
			}
		}
		x, since := windows[key], w.accounts[key].now.since
		if s.to < max(since, x.to) {
			s = nil // there are more than are read: those who ask for them need the tables
		}
		w.spans[key] = s
	}
	return nil
}

// aheadOf reads some uses of each account from an instant on.
var aheadOf = "SELECT v.account, u.at, u.hold, u.q3, u.q2, u.q1, u.q0 FROM UNNEST(%s, %s) AS v (account, low), " +
	"LATERAL (SELECT at, hold, q3, q2, q1, q0 FROM uses WHERE account = v.account AND at >= v.low " +
	"ORDER BY account, at" + limit(mostAhead) + ") AS u ORDER BY v.account, u.at"

// cut ends a span before the use of that number.
func (s *span) cut(i int) {
	s.to = s.uses[i].at
	for i > 0 && s.uses[i-1].at == s.to {
		i--
	}
	s.uses = s.uses[:i]
}

// trim drops the uses from before an instant, and those that are far ahead.
func (s *span) trim(since instant) {
	if since > s.from {
		i, _ := slices.BinarySearchFunc(s.uses, since, func(u use, at instant) int { return cmp.Compare(u.at, at) })
		s.from, s.uses = min(since, s.to), s.uses[i:]
	}
	if len(s.uses) > mostAhead {
		s.cut(mostAhead / 2)
	}
}

func (w *work) addUse(key digest, s *span, r Row) {
	s.uses = append(s.uses, use{r.instant(0), r.digest(1), r.limbs(2)})
	if len(s.uses) == mostUses {
		w.spans[key] = nil // there may be more
	}
}

// sum adds up the uses between two instants; false if they are not known.
func (s *span) sum(from, to instant) (q verify.Quantity, known bool) {
	if s == nil || from < s.from || to > s.to {
		return q, false
	}
	i, _ := slices.BinarySearchFunc(s.uses, from, func(u use, at instant) int { return cmp.Compare(u.at, at) })
	for ; i < len(s.uses) && s.uses[i].at < to; i++ {
		q = q.Add(s.uses[i].quantity)
	}
	return q, true
}

// put adds a use, or changes what one counts.
func (s *span) put(at instant, hold digest, q verify.Quantity) {
	if s == nil || at < s.from || at >= s.to {
		return
	}
	i, _ := slices.BinarySearchFunc(s.uses, at, func(u use, at instant) int { return cmp.Compare(u.at, at) })
	for ; i < len(s.uses) && s.uses[i].at == at; i++ {
		if s.uses[i].hold == hold {
			s.uses[i].quantity = q
			return
		}
	}
	s.uses = slices.Insert(s.uses, i, use{at, hold, q})
}

// remove takes away a use that was put.
func (s *span) remove(at instant, hold digest) {
	if s != nil {
		s.uses = slices.DeleteFunc(s.uses, func(u use) bool { return u.at == at && u.hold == hold })
	}
}

const sumOfLimbs = "CAST(COALESCE(SUM(q3), 0) AS BIGINT), CAST(COALESCE(SUM(q2), 0) AS BIGINT), " +
	"CAST(COALESCE(SUM(q1), 0) AS BIGINT), CAST(COALESCE(SUM(q0), 0) AS BIGINT)"

func (r Row) limbs(i int) verify.Quantity {
	return fromLimbs([4]int64{r.Int(i), r.Int(i + 1), r.Int(i + 2), r.Int(i + 3)})
}

func (w *work) sum(query string, args ...any) (q verify.Quantity, err error) {
	_, err = w.one(query, args, func(r Row) { q = r.limbs(0) })
	return q, err
}

// usage tells what is spent and held of what counts, for people.
func (w *work) usage(key digest, counts verify.Quantity, since instant, lifetime bool, at instant) (
	u verify.Used, err error,
) {
	if u.Open, u.Held, err = w.held(key, since, lifetime, at); err != nil {
		return u, err
	}
	if u.Held.Cmp(counts) > 0 {
		u.Held = counts // what counts is what is told, in all
	}
	u.Spent = counts.Sub(u.Held)
	if lifetime {
		return u, nil
	}
	if err := w.writeUses(); err != nil {
		return u, err
	}
	_, err = w.one("SELECT at FROM uses WHERE account = ? AND at >= ? AND q0 + q1 + q2 + q3 > 0 "+
		"ORDER BY account, at LIMIT 1", []any{key.value(), int64(since)}, func(r Row) { u.Oldest = r.instant(0).Time() })
	return u, err
}

// held adds up what open holds have taken from an account since an instant. Nothing of an
// account says so: it is asked for when somebody is refused, and would cost each act. They are
// looked for below the root of the account: what is delegated names its parent, and so has one. Only the
// account of an agent under a grant can stand below two, its own and that of an anchor that is an agent: what is
// open below the second one is told as spent, and counts all the same.
func (w *work) held(key digest, since instant, lifetime bool, at instant) (open int, q verify.Quantity, err error) {
	a, err := load(w, accountTable, w.accounts, key)
	if a == nil || err != nil {
		return 0, q, err
	}
	root, err := w.rootOf(a.now.place)
	if err != nil {
		return 0, q, err
	}
	if err := write(w, holdTable, w.holds); err != nil {
		return 0, q, err
	}
	err = w.each("SELECT at, charges FROM holds WHERE root = ? AND state = 1 AND hold_by > ?",
		[]any{root.value(), int64(at)}, func(r Row) error {
			list := r.Bytes(1)
			if len(list)%packedCharge != 0 {
				return errDamaged
			}
			for _, c := range chargesOf(list) {
				taken := c.reserved != verify.Quantity{} && (lifetime || r.instant(0) >= since)
				if taken && c.account == key && c.born == a.now.born {
					open, q = open+1, q.Add(c.reserved)
				}
			}
			return nil
		})
	return open, q, err
}

// rootOf finds the top of the chain of a place, without locks.
func (w *work) rootOf(key digest) (digest, error) {
	for range longestChain {
		p, err := load(w, placeTable, w.places, key)
		switch {
		case err != nil:
			return none, err
		case p == nil:
			return none, errDamaged
		case p.now.above == none:
			return key, nil
		}
		key = p.now.above
	}
	return none, errDamaged
}

// longestChain is far longer than any chain is: what is damaged may go round in circles.
const longestChain = 1 << 10

// walk is how many uses are looked at to find out when there will be enough.
const walk = 1024

// after returns what [verify.ChargeError].After says.
func (w *work) after(key digest, c *verify.Charge, used verify.Quantity) (when time.Time, err error) {
	if c.Since.IsZero() || c.Use.Cmp(c.Limit) > 0 {
		return when, nil
	}
	if err := w.writeUses(); err != nil {
		return when, err
	}
	err = w.each("SELECT at, q3, q2, q1, q0 FROM uses WHERE account = ? AND at >= ? ORDER BY account, at"+limit(walk),
		[]any{key.value(), int64(instantOf(c.Since))}, func(r Row) error {
			if !when.IsZero() {
				return nil
			}
			if used = used.Sub(r.limbs(1)); ledgerrules.Fits(c, used) {
				when = r.instant(0).Time()
			}
			return nil
		})
	return when, err
}

// putUse counts a use, or counts it otherwise; fresh says that it is a new one.
func (w *work) putUse(key useKey, q verify.Quantity, fresh bool) {
	w.span(key.account).put(key.at, key.hold, q)
	r := w.uses[key]
	if r == nil {
		r = &row[verify.Quantity]{fresh: fresh, was: &verify.Quantity{}}
		w.uses[key] = r
	}
	r.now, r.changed = q, true
}

// writeUses writes uses before they are read again, or forgotten.
func (w *work) writeUses() error { return write(w, useTable, w.uses) }
