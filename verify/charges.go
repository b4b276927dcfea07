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

// charges names the root of the chain and lists what the act uses of the
// budgets and rates of every link: all spending below a link counts against its
// limits.
func (r *run) charges() error {
	act, most := &r.act, 0
	for i := range r.links {
		a := &r.links[i].passport.Authority
		most += len(a.SpendLimits) + len(a.Limits)
	}
	r.booked, r.reserved.Charges = r.booked[:0], make([]Charge, 0, most)
	// One piece of memory for all texts: about so much for an account and a
	// name. What is cut from it stays as it is when it grows.
	var text strings.Builder
	text.Grow(128*len(r.links) + 32*most)
	cut := func(parts ...string) string {
		from := text.Len()
		for _, part := range parts {
			text.WriteString(part)
		}
		return text.String()[from:]
	}
	for i := range r.links {
		p := r.links[i].passport
		until := p.ValidUntil.Add(2 * r.v.config.Skew)
		// Whoever signs a passport chooses its id, so an id alone would let a
		// delegate name, and use up, somebody else's account.
		account := ""
		if i == 0 {
			account = cut(p.Issuer.String(), " ", p.ID)
			r.reserved.Root = account
		}
		add := func(b booking, c Charge) {
			if c.Use == (Quantity{}) {
				return // nothing is used, and an account for nothing is only a burden
			}
			if account == "" {
				account = cut(p.Issuer.String(), " ", p.ID)
			}
			b.link, c.Account, c.Until = i, account, until
			r.booked, r.reserved.Charges = append(r.booked, b), append(r.reserved.Charges, c)
		}
		for k := range p.Authority.SpendLimits {
			l := &p.Authority.SpendLimits[k]
			if l.Per == passport.PerTransaction || !l.AppliesTo(act) {
				continue
			}
			since, err := l.Since(r.now)
			if err != nil {
				return err
			}
			add(booking{kind: bookSpend, index: k}, Charge{
				Name:  cut("spend ", string(l.Per), " ", l.Money.Currency(), " ", l.TimeZone, " ", l.Action),
				Since: since, Use: AmountOf(act.Amount), Limit: AmountOf(l.Money),
			})
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
			add(booking{kind: bookLimit, index: k}, r.rate(l.Name, l.Window(), n, l.Int))
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
				add(booking{kind: bookParam, index: under, param: k}, r.rate(cut(c.Action, " ", q.Name), q.Window(), 1, q.Int))
			}
		}
	}
	return nil
}

func (r *run) rate(name string, window time.Duration, use, limit int64) Charge {
	return Charge{Name: name, Rate: true, Since: r.now.Add(-window + 1), Use: Count(use), Limit: Count(limit)}
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
