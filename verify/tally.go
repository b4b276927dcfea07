package verify

import "time"

type tallyKey struct{ account, name string }

// tally adds up the uses of one budget.
type tally struct {
	uses  fifo[use]
	sum   Quantity
	since time.Time // nothing before it is kept
	root  string    // of the chain that opened it
}

// use has no pointers, as a budget of a month may have very many: the garbage
// collector need not look at them.
type use struct {
	at       instant
	quantity Quantity // zero when it was given back
}

// instant is a time.Time without its location.
type instant struct {
	second     int64 // since 1970
	nanosecond int64
}

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (i instant) before(o instant) bool {
	return i.second < o.second || i.second == o.second && i.nanosecond < o.nanosecond
}

// spent is what a hold has taken from a tally.
type spent struct {
	of       *tally
	number   int // of the use; 0: only the sum has it
	quantity Quantity
}

// used returns what counts against a charge.
func (t *tally) used(c *Charge) Quantity {
	sum, since := t.sum, instantOf(c.Since)
	for _, u := range t.uses.live() {
		if !u.at.before(since) {
			break // they are in order of time
		}
		sum = sum.Sub(u.quantity)
	}
	return sum
}

// charge books one use.
func (t *tally) charge(c *Charge, at time.Time) spent {
	t.forget(c.Since)
	t.sum = t.sum.Add(c.Use)
	if c.Since.IsZero() { // of a lifetime only the sum matters
		return spent{t, 0, c.Use}
	}
	return spent{t, t.uses.push(use{instantOf(at), c.Use}), c.Use}
}

// forget drops uses from before the window; windows only move forward.
func (t *tally) forget(since time.Time) {
	if !since.After(t.since) {
		return
	}
	t.since = since
	for first := instantOf(since); len(t.uses.live()) > 0 && t.uses.live()[0].at.before(first); {
		t.sum = t.sum.Sub(t.uses.live()[0].quantity)
		t.uses.pop()
	}
}

// giveBack takes a released use out of the sum, unless it has left the window.
func (s *spent) giveBack() {
	if s.number > 0 {
		u := s.of.uses.get(s.number)
		if u == nil {
			return
		}
		u.quantity = Quantity{}
	}
	s.of.sum = s.of.sum.Sub(s.quantity)
}
