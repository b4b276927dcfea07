package verify

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// charges lists what the act uses of the budgets and rates of every link: all
// spending below a link counts against its limits.
func (r *run) charges() ([]Charge, error) {
	var out []Charge
	act := r.act()
	for i := range r.links {
		p := r.links[i].passport
		b := booking{run: r, link: i, passport: p, until: p.ValidUntil.Add(2 * r.v.config.Skew)}
		if err := b.money(act); err != nil {
			return nil, err
		}
		b.rates()
		b.actionRates(act)
		out = append(out, b.out...)
	}
	return out, nil
}

// booking makes the charges of one link.
type booking struct {
	run      *run
	link     int
	passport *passport.Passport
	until    time.Time
	out      []Charge
}

func (b *booking) add(c Charge, member string) {
	c.Account, c.Until = b.passport.ID, b.until
	c.Path = fmt.Sprintf("/verifiableCredential/%d/credentialSubject/%s", b.link, member)
	b.out = append(b.out, c)
}

func (b *booking) money(act *passport.Act) error {
	if act.Amount.IsZero() {
		return nil
	}
	for k, l := range b.passport.Authority.SpendLimits {
		if l.Per == passport.PerTransaction || !l.AppliesTo(act) {
			continue
		}
		since, err := l.Since(b.run.now)
		if err != nil {
			return err
		}
		b.add(Charge{
			Name:  fmt.Sprintf("%s %s %s %s", l.Per, l.Money.Currency(), l.TimeZone, l.Action),
			Since: since, Use: AmountOf(act.Amount), Limit: AmountOf(l.Money),
			Reads: l.String(), Asking: act.Amount.String(),
		}, fmt.Sprintf("spendLimits/%d", k))
	}
	return nil
}

// rates charges the counters of limits: "requests" one for every act, others
// what the caller says that the act uses.
func (b *booking) rates() {
	for _, l := range b.passport.Authority.Limits {
		if l.Kind != passport.LimitRate {
			continue
		}
		n := b.run.request.Usage[l.Attribute()]
		if l.Attribute() == "requests" {
			n = 1
		}
		b.rate(l.Name, l.Window(), n, l.Int, "limits/"+l.Name)
	}
}

// actionRates charges the rates of the capability that the act passes under.
// Of several the first without a rate counts, else the first.
func (b *booking) actionRates(act *passport.Act) {
	i := b.passport.Authority.Under(act)
	if i < 0 {
		return
	}
	c := &b.passport.Authority.Capabilities[i]
	for _, p := range c.Params {
		if p.Kind == passport.ParamRate {
			b.rate(c.Action+" "+p.Name, p.Window(), 1, p.Int, fmt.Sprintf("capabilities/%d/params/%s", i, p.Name))
		}
	}
}

func (b *booking) rate(name string, window time.Duration, use, limit int64, member string) {
	b.add(Charge{
		Name: name, Rate: true, Since: b.run.now.Add(-window + 1), Use: Count(use), Limit: Count(limit),
		Reads: fmt.Sprintf("%d per %s", limit, window), Asking: fmt.Sprint(use),
	}, member)
}
