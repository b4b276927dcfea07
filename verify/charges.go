package verify

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

// booking is where a charge comes from, so that a refusal can name the limit.
// The text is only written for a refusal.
type booking struct {
	kind  bookingKind
	link  int
	index int // in spendLimits, limits or capabilities
	param int // of the capability
}

type bookingKind uint8

const (
	bookSpend bookingKind = iota
	bookLimit
	bookParam
)

// tab is the bill of one act while it is made out, link by link.
type tab struct {
	*run
	text     strings.Builder // of all accounts and names, one piece of memory
	link     int
	passport *passport.Passport
	account  string // "" until the link has a charge
	until    time.Time
}

// turn goes on to a link.
func (t *tab) turn(link int) {
	t.link, t.passport, t.account = link, t.links[link].passport, ""
	t.until = t.passport.ValidUntil.Add(2 * t.v.config.Skew)
}

// named returns the account of the link. Whoever signs a passport chooses its
// id, so an id alone would let a delegate name, and use up, somebody else's.
func (t *tab) named() string {
	if t.account == "" {
		t.account = t.write(t.passport.Issuer.String(), " ", t.passport.ID)
	}
	return t.account
}

// write joins texts. What was written stays as it is when there is more.
func (t *tab) write(parts ...string) string {
	from := t.text.Len()
	for _, part := range parts {
		t.text.WriteString(part)
	}
	return t.text.String()[from:]
}

// charge puts a charge on the bill, for the caller to say what it is for. It
// returns nil if nothing is used: an account for nothing is only a burden.
func (t *tab) charge(use Quantity, from booking) *Charge {
	if use == (Quantity{}) {
		return nil
	}
	from.link = t.link
	t.booked = append(t.booked, from)
	t.reserved.Charges = append(t.reserved.Charges, Charge{})
	c := &t.reserved.Charges[len(t.reserved.Charges)-1]
	c.Account, c.Until, c.Use = t.named(), t.until, use
	return c
}

// rate puts a use of a rate on the bill.
func (t *tab) rate(use int64, from booking, window time.Duration, limit int64, name ...string) {
	if c := t.charge(Count(use), from); c != nil {
		c.Name, c.Rate, c.Since, c.Limit = t.write(name...), true, t.now.Add(-window+1), Count(limit)
	}
}

// charges names the root of the chain and lists what the act uses of the
// budgets and rates of every link: all spending below a link counts against its
// limits.
func (r *run) charges() error {
	act, most := &r.request.Act, 0
	for i := range r.links {
		a := &r.links[i].passport.Authority
		most += len(a.SpendLimits) + len(a.Limits)
	}
	if r.booked = r.booked[:0]; most > cap(r.reserved.Charges) {
		r.reserved.Charges = make([]Charge, 0, most)
	}
	t := tab{run: r}
	t.text.Grow(128*len(r.links) + 32*most) // about so much for an account and a name
	spent := AmountOf(act.Amount)
	for i := range r.links {
		if t.turn(i); i == 0 {
			r.reserved.Root = t.named()
		}
		p := t.passport
		for k := range p.Authority.SpendLimits {
			l := &p.Authority.SpendLimits[k]
			if l.Per == passport.PerTransaction || !l.AppliesTo(act) {
				continue
			}
			c := t.charge(spent, booking{kind: bookSpend, index: k})
			if c == nil {
				continue
			}
			var err error
			if c.Since, err = l.Since(r.now); err != nil {
				return err
			}
			c.Name = t.write("spend ", string(l.Per), " ", l.Money.Currency(), " ", l.TimeZone, " ", l.Action)
			c.Limit = AmountOf(l.Money)
		}
		for k := range p.Authority.Limits {
			l := &p.Authority.Limits[k]
			if l.Kind != passport.LimitRate {
				continue
			}
			n := int64(1) // every act is one request, whatever the caller counts
			if counter := l.Attribute(); counter != "requests" {
				n = r.request.Usage[counter]
			}
			t.rate(n, booking{kind: bookLimit, index: k}, l.Window(), l.Int, l.Name)
		}
		// Of several capabilities that the act passes under, one without a rate
		// counts, else the most exact; see passport.Authority.Under.
		under := p.Authority.Under(act)
		if under < 0 {
			continue
		}
		c := &p.Authority.Capabilities[under]
		for k := range c.Params {
			if q := &c.Params[k]; q.Kind == passport.ParamRate {
				t.rate(1, booking{kind: bookParam, index: under, param: k}, q.Window(), q.Int, c.Action, " ", q.Name)
			}
		}
	}
	return nil
}

// isAnswer reports whether an error of a ledger speaks of a charge or has a
// code.
func isAnswer(err error) bool {
	var c *ChargeError
	return errors.As(err, &c) || code.Of(err) != ""
}

// overdrawn turns the ledger's answer into violations, each with the limit
// that it is about.
func (r *run) overdrawn(err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok && each(many.Unwrap(), isAnswer) {
		for _, e := range many.Unwrap() {
			r.overdrawn(e)
		}
		return
	}
	var e *ChargeError
	if !errors.As(err, &e) || e.Index < 0 || e.Index >= len(r.booked) {
		r.because(err, LedgerUnavailable)
		return
	}
	b, c := &r.booked[e.Index], &r.reserved.Charges[e.Index]
	subject := "/verifiableCredential/" + itoa(b.link) + "/credentialSubject/"
	v := Violation{Code: e.code(), Detail: "the budget has not enough left"}
	a := &r.links[b.link].passport.Authority
	if b.kind == bookSpend {
		l := &a.SpendLimits[b.index]
		v.Path, v.Limit = subject+"spendLimits/"+itoa(b.index), l.String()
		v.Actual = e.Used.amount(l.Money) + " used, " + r.request.Amount.String() + " asked for"
		r.add(v)
		return
	}
	v.Detail = "too often in this window"
	v.Limit = fmt.Sprintf("%s per %s", c.Limit, span(r.now.Sub(c.Since)+1))
	v.Actual = fmt.Sprintf("%s used, %s asked for", e.Used, c.Use)
	if b.kind == bookParam {
		v.Path = subject + "capabilities/" + itoa(b.index) + "/params/" + a.Capabilities[b.index].Params[b.param].Name
	} else {
		v.Path = subject + "limits/" + a.Limits[b.index].Name
	}
	r.add(v)
}

// span reads a window to people.
func span(d time.Duration) string {
	switch d {
	case time.Minute:
		return "minute"
	case time.Hour:
		return "hour"
	case 24 * time.Hour:
		return "day"
	}
	return d.String()
}
