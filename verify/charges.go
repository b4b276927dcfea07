package verify

import (
	"sort"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// origin is where a charge comes from, so that a refusal can name the limit.
// The text is only written for a refusal.
type origin struct {
	kind  originKind
	link  int
	index int // in spendLimits, limits or capabilities
	param int // of the capability
}

type originKind uint8

const (
	ofSpendLimit originKind = iota
	ofRate
	ofCapability
)

// bill is what one act uses, while it is written, link by link.
type bill struct {
	*run
	naming
	link    int
	until   time.Time
	windows [5]window // of spend limits, as links above state them; the last is for one of no more than this link
	known   int       // so many of them
}

// window is what a spend limit counts in: from when on, and under which name. Links
// mostly state again what stands above them.
type window struct {
	of    *passport.SpendLimit
	since time.Time
	name  string
}

// window returns the window of a spend limit of the passport, as it is until the next call.
func (t *bill) window(l *passport.SpendLimit) (w *window, err error) {
	for i := range t.known {
		if o := t.windows[i].of; o.Per == l.Per && o.TimeZone == l.TimeZone && o.Action == l.Action &&
			o.Money.Currency() == l.Money.Currency() {
			return &t.windows[i], nil
		}
	}
	w = &t.windows[t.known]
	if w.since, err = l.Since(t.now); err != nil {
		return nil, err
	}
	// A lifetime has the name of its passport.
	if w.of, w.name = l, t.ofSpending(l); t.known < len(t.windows)-1 && l.Per != passport.PerLifetime {
		t.known++
	}
	return w, nil
}

// turn goes on to a link.
func (t *bill) turn(link int) {
	t.link, t.passport, t.account = link, t.links[link].passport, ""
	t.until = t.passport.ValidUntil.Add(2 * t.v.config.Skew)
}

// naming writes what accounts, and the budgets of each, are called. What was written
// stays as it is when there is more: all of it is one piece of memory.
type naming struct {
	text     strings.Builder
	passport *passport.Passport
	anchor   did.DID // of the chain: who issued its root
	account  string  // of the passport; "" until it is asked for
}

// named returns the account of the passport: whose budgets its are. No part has a space
// in it.
func (n *naming) named() string {
	if n.account == "" {
		p := n.passport
		if n.underGrant() {
			n.account = n.write(p.Issuer.String(), p.GrantID, p.Agent.String())
		} else {
			n.account = n.write(p.Issuer.String(), p.ID)
		}
	}
	return n.account
}

// ofSpending names a spend limit among those of its account. A lifetime is that of the
// passport, whatever the account.
func (n *naming) ofSpending(l *passport.SpendLimit) string {
	if l.Per == passport.PerLifetime && n.underGrant() {
		return n.write("spend", string(l.Per), l.Money.Currency(), l.TimeZone, l.Action, n.passport.ID)
	}
	return n.write("spend", string(l.Per), l.Money.Currency(), l.TimeZone, l.Action)
}

// ofCapability names a rate of a capability among those of its account.
func (n *naming) ofCapability(c *passport.Capability, p *passport.Param) string {
	return n.write(c.Action, p.Name)
}

// write joins parts with spaces.
func (n *naming) write(parts ...string) string {
	from := n.text.Len()
	for i, part := range parts {
		if i > 0 {
			n.text.WriteByte(' ')
		}
		if part != "" {
			n.text.WriteString(part)
		}
	}
	return n.text.String()[from:]
}

// underGrant reports whether the budgets of the passport are those of its agent
// under a grant: where the chain's anchor states one, in the root or in a link that
// it has issued as an agent, a renewed passport goes on with them. Everybody else's
// are those of one passport: whoever signs it chooses grant and id alike, so that
// either alone would let a delegate name, and use up, somebody else's.
func (n *naming) underGrant() bool { return n.passport.GrantID != "" && n.passport.Issuer == n.anchor }

// keep says how long a window of that length is needed: to the end of the
// passport and, of an account that outlives passports, until no use counts.
func (t *bill) keep(c *Charge, window time.Duration) {
	if t.underGrant() {
		c.Until = later(c.Until, t.now.Add(window))
	}
}

// charge puts a charge on the bill, for the caller to say what it is for. It
// returns nil if nothing is used: an account for nothing is only a burden.
func (t *bill) charge(use Quantity, from origin) *Charge {
	if use == (Quantity{}) {
		return nil
	}
	from.link = t.link
	t.origins = append(t.origins, from)
	t.reserved.Charges = append(t.reserved.Charges, Charge{})
	c := &t.reserved.Charges[len(t.reserved.Charges)-1]
	c.Account, c.Until, c.Use = t.named(), t.until, use
	return c
}

// rate puts a use of a rate on the bill.
func (t *bill) rate(use int64, from origin, window time.Duration, limit int64, name string) {
	if c := t.charge(Count(use), from); c != nil {
		c.Name, c.Rate, c.Since, c.Limit = name, true, t.now.Add(-window+1), Count(limit)
		t.keep(c, window)
	}
}

// longest returns how long a window can last: of a calendar window two days
// more than its name says, for long months and for zones that change their clocks.
func longest(p passport.Period) time.Duration {
	const day = 24 * time.Hour
	switch p {
	case passport.PerHour:
		return time.Hour + 2*day
	case passport.PerDay:
		return 3 * day
	case passport.PerWeek:
		return 9 * day
	}
	return 33 * day
}

// shortChain is how many passports most chains have at most.
const shortChain = 3

// roomForBill makes a reservation with room for the accounts and charges of the chain.
func (r *run) roomForBill() *Reservation {
	most := 0
	for i := range r.links {
		a := &r.links[i].passport.Authority
		most += len(a.SpendLimits) + len(a.Limits)
	}
	both := &struct { // in one piece of memory
		Reservation
		chain [shortChain]string
	}{}
	res := &both.Reservation
	if res.Charges, res.Chain = make([]Charge, 0, most), both.chain[:0]; len(r.links) > shortChain {
		res.Chain = make([]string, 0, len(r.links))
	}
	return res
}

// makeBill names the root of the chain and lists what the act uses of the
// budgets and rates of every link: all spending below a link counts against its
// limits.
func (r *run) makeBill() error {
	act, res := &r.request.Act, r.reserved
	r.origins = r.origins[:0]
	t := bill{run: r, naming: naming{anchor: r.links[0].passport.Issuer}}
	t.text.Grow(128*len(r.links) + 32*cap(res.Charges)) // about so much for an account and a name
	spent := AmountOf(act.Amount)
	for i := range r.links {
		t.turn(i)
		res.Chain = append(res.Chain, t.named())
		// They are sorted by their names afterwards: this order needs the fewest moves.
		t.underCapability(act)
		t.ratesOfAll()
		if err := t.spending(act, spent); err != nil {
			return err
		}
	}
	r.arrange()
	res.Record.Root = res.Chain[0]
	return nil
}

// underCapability puts the rates of the capability on the bill that the act passes
// under. Of several, one without a rate counts, else the most exact; see
// [passport.Authority.Under].
func (t *bill) underCapability(act *passport.Act) {
	a := &t.passport.Authority
	under := a.Under(act)
	if under < 0 {
		return
	}
	c := &a.Capabilities[under]
	for k := range c.Params {
		if q := &c.Params[k]; q.Kind == passport.ParamRate {
			t.rate(1, origin{kind: ofCapability, index: under, param: k}, q.Window(), q.Int, t.ofCapability(c, q))
		}
	}
}

// ratesOfAll puts the rates of the passport on the bill that count all acts.
func (t *bill) ratesOfAll() {
	for k := range t.passport.Authority.Limits {
		l := &t.passport.Authority.Limits[k]
		if l.Kind != passport.LimitRate {
			continue
		}
		n := int64(1) // every act is one request, whatever the caller counts
		if counter := l.Attribute(); counter != "requests" {
			n = t.request.Usage[counter]
		}
		t.rate(n, origin{kind: ofRate, index: k}, l.Window(), l.Int, l.Name)
	}
}

// spending puts what is spent on the bill, for each limit that it counts against.
func (t *bill) spending(act *passport.Act, spent Quantity) error {
	for k := range t.passport.Authority.SpendLimits {
		l := &t.passport.Authority.SpendLimits[k]
		if l.Per == passport.PerTransaction || !l.AppliesTo(act) {
			continue
		}
		c := t.charge(spent, origin{kind: ofSpendLimit, index: k})
		if c == nil {
			continue
		}
		w, err := t.window(l)
		if err != nil {
			return err
		}
		c.Since, c.Name = w.since, w.name
		if c.Limit = AmountOf(l.Money); l.Per != passport.PerLifetime {
			t.keep(c, longest(l.Per))
		}
	}
	return nil
}

// arrange brings the charges into the form that [Reservation] promises.
func (r *run) arrange() {
	charges := (*byPair)(r)
	for i := 1; i < charges.Len(); i++ {
		if charges.Less(i, i-1) { // seldom: the bill is written nearly in this order
			sort.Sort(charges)
			break
		}
	}
	r.merge()
}

// byPair sorts the charges of a run as [Reservation] promises them.
type byPair run

func (b *byPair) Len() int { return len(b.origins) }

func (b *byPair) Swap(i, k int) {
	c := b.reserved.Charges
	c[i], c[k] = c[k], c[i]
	b.origins[i], b.origins[k] = b.origins[k], b.origins[i]
}

func (b *byPair) Less(i, k int) bool {
	x, y := &b.reserved.Charges[i], &b.reserved.Charges[k]
	if x.Account == y.Account {
		return x.Name < y.Name
	}
	if root := b.reserved.Chain[0]; x.Account == root || y.Account == root {
		return x.Account == root
	}
	return x.Account < y.Account
}

// merge makes one charge of those on one pair, as two links of one account have
// them: the act is one use, and the smaller limit holds.
func (r *run) merge() {
	list, kept := r.reserved.Charges, 0
	for i := range list {
		c := &list[i]
		if kept == 0 || list[kept-1].Account != c.Account || list[kept-1].Name != c.Name {
			if kept < i {
				list[kept], r.origins[kept] = *c, r.origins[i]
			}
			kept++
			continue
		}
		one := &list[kept-1]
		until := later(one.Until, c.Until)
		if c.Limit.Cmp(one.Limit) < 0 {
			*one, r.origins[kept-1] = *c, r.origins[i]
		}
		one.Until = until
	}
	r.reserved.Charges, r.origins = list[:kept], r.origins[:kept]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
