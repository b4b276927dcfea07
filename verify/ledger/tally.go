package ledger

import (
	"math"
	"sort"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// tally adds up the uses of one budget or rate. What a window has in it is kept as
// a sum, which follows the beginning of the window: how full it is does not matter.
type tally struct {
	until instant
	share share
	gen   uint16 // how many accounts were at this place before

	total verify.Quantity // all uses there ever were
	uses  uses            // those that a window may reach; none of a lifetime
	since instant         // sum is of the uses from here on
	sum   verify.Quantity
	gone  instant // of the latest use that was forgotten
	seq   uint64  // of the latest use

	open     []openUse // by seq; from head on
	head     int
	held     verify.Quantity // of those that are not settled
	holdings int             // how many these are
}

// renew makes an account of a place that may have had another one.
func (t *tally) renew() {
	*t = tally{gen: t.gen + 1, seq: t.seq, since: first, gone: first}
}

// clear leaves nothing of an account that is forgotten but how to tell it from
// the next one.
func (t *tally) clear() { *t = tally{gen: t.gen, seq: t.seq} }

// use has no pointers: a budget of a month may have very many.
type use struct {
	at       instant
	seq      uint64
	quantity verify.Quantity // zero when it was given back
}

func (u *use) before(at instant, seq uint64) bool {
	return u.at < at || u.at == at && u.seq < seq
}

// openUse is a use that may still be settled.
type openUse struct {
	at, by   instant
	seq      uint64
	quantity verify.Quantity
	settled  bool
}

// book counts a use and returns its number.
func (t *tally) book(at, by instant, q verify.Quantity, lifetime bool) (seq uint64) {
	t.seq++
	t.total = t.total.Add(q)
	if !lifetime {
		t.uses.insert(use{at, t.seq, q})
		if at >= t.since {
			t.sum = t.sum.Add(q)
		}
	}
	if q == (verify.Quantity{}) {
		return t.seq // nothing can be given back of nothing
	}
	t.trim(at)
	if t.head > len(t.open)/2 {
		n := copy(t.open, t.open[t.head:])
		t.open, t.head = t.open[:n], 0
	}
	t.open = append(t.open, openUse{at: at, by: by, seq: t.seq, quantity: q})
	t.held, t.holdings = t.held.Add(q), t.holdings+1
	return t.seq
}

// recount changes what a use counts.
func (t *tally) recount(at instant, seq uint64, lifetime bool, old, now verify.Quantity) {
	if old == now {
		return
	}
	t.total = recounted(t.total, old, now)
	if lifetime {
		return
	}
	if u := t.uses.find(at, seq); u != nil {
		u.quantity = now
		if at >= t.since {
			t.sum = recounted(t.sum, old, now)
		}
	}
}

// beyond is more than any limit: what a sum is that did not fit into a quantity.
var beyond = verify.Quantity{Hi: math.MaxUint64, Lo: math.MaxUint64}

// recounted is a sum in which something counts otherwise than before. Corrections
// upwards may come to more than fits. How much that is nobody knows then, so the sum
// stays more than any limit.
func recounted(sum, old, now verify.Quantity) verify.Quantity {
	if sum == beyond {
		return beyond
	}
	return sum.Sub(old).Add(now)
}

// settle takes a use off the list of the open ones.
func (t *tally) settle(seq uint64) {
	list := t.open[t.head:]
	i := sort.Search(len(list), func(i int) bool { return list[i].seq >= seq })
	if i == len(list) || list[i].seq != seq || list[i].settled {
		return
	}
	list[i].settled = true
	t.held, t.holdings = t.held.Sub(list[i].quantity), t.holdings-1
	t.trim(first)
}

// trim forgets open uses that are settled or past their deadlines, as far as they
// are the oldest.
func (t *tally) trim(now instant) {
	for ; t.head < len(t.open); t.head++ {
		switch o := &t.open[t.head]; {
		case o.settled:
		case o.by <= now:
			t.held, t.holdings = t.held.Sub(o.quantity), t.holdings-1
		default:
			return
		}
	}
	t.open, t.head = t.open[:0], 0
}

// slide moves the beginning of the window that the sum is of.
func (t *tally) slide(since instant) {
	if t.sum == beyond { // it did not fit, and may again
		t.since, t.sum = last, verify.Quantity{}
	}
	if since == t.since {
		return
	}
	forward := since > t.since
	from, to := t.since, since
	if !forward {
		from, to = to, from
	}
	for p := t.uses.position(from); ; {
		u := t.uses.at(p)
		if u == nil || u.at >= to {
			break
		}
		if forward {
			t.sum = t.sum.Sub(u.quantity)
		} else {
			t.sum = t.sum.Add(u.quantity)
		}
		p = t.uses.after(p)
	}
	t.since = since
}

// forget drops some of the oldest uses, as far as no window reaches them.
func (t *tally) forget(before instant) {
	before = min(before, t.since)
	for range atOnce {
		u := t.uses.at(spot{})
		if u == nil || u.at >= before {
			return
		}
		if u.quantity != (verify.Quantity{}) {
			t.gone = max(t.gone, u.at)
		}
		t.uses.dropFirst()
	}
}

// counts returns the sum of a window, or of a lifetime.
func (t *tally) counts(since instant, lifetime bool) verify.Quantity {
	if lifetime {
		return t.total
	}
	t.slide(since)
	return t.sum
}

// walk is how many uses are looked at to explain a refusal. What lies behind is
// told in sums.
const walk = 1024

// used tells what is spent and held of what counts, for people.
func (t *tally) used(since instant, lifetime bool, at instant, most int) (u verify.Used) {
	u.Spent = t.counts(since, lifetime)
	u.Held, u.Open = t.held, t.holdings
	for i, list := 0, t.open[t.head:]; i < len(list) && i < most; i++ {
		if o := &list[i]; !o.settled && (o.by <= at || !lifetime && o.at < since) {
			u.Held, u.Open = u.Held.Sub(o.quantity), u.Open-1
		}
	}
	if u.Held.Cmp(u.Spent) > 0 {
		u.Held = u.Spent
	}
	u.Spent = u.Spent.Sub(u.Held)
	if lifetime {
		return u
	}
	for p, n := t.uses.position(since), 0; n < most; p, n = t.uses.after(p), n+1 {
		oldest := t.uses.at(p)
		if oldest == nil {
			break
		}
		if oldest.quantity != (verify.Quantity{}) {
			u.Oldest = oldest.at.Time()
			break
		}
	}
	return u
}

// after returns what [verify.ChargeError].After says.
func (t *tally) after(c *verify.Charge, used verify.Quantity) (none time.Time) {
	if c.Since.IsZero() || c.Use.Cmp(c.Limit) > 0 {
		return none
	}
	for p, n := t.uses.position(instantOf(c.Since)), 0; n < walk; p, n = t.uses.after(p), n+1 {
		u := t.uses.at(p)
		if u == nil {
			break
		}
		if used = used.Sub(u.quantity); ledgerrules.Fits(c, used) {
			return u.at.Time()
		}
	}
	return none
}
