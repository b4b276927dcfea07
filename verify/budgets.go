package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Budget is a budget or rate of a passport, with what is used of it. All acts
// below the passport count against it.
type Budget struct {
	Link     int    // of the chain, 0 for the root
	Passport string // its id
	Name     string // to people: "60.00 USD per day", "requests: 100 per hour"
	Rate     bool   // a count of acts, not money
	Limit    Quantity
	Used
	From  time.Time // uses from here on count; zero: all
	Until time.Time // when the first of what is used is free again; zero: nothing is used, or it never is

	asset Money
}

// Left returns how much may still be used.
func (b *Budget) Left() Quantity { return b.Limit.Sub(b.Total()) }

// Text reads a quantity of the budget to people: "12.50 USD", "3".
func (b *Budget) Text(q Quantity) string {
	if b.Rate {
		return q.String()
	}
	return q.amount(b.asset)
}

// Budgets returns every budget and rate of a chain of passports, root first, as
// [Decision].Chain has it, with what is used of each, now. It takes nothing, and
// looks at nothing but the ledger, which must be a [UsageReader]. Limits of one
// transaction are none: nothing of them is used up.
func (v *Verifier) Budgets(ctx context.Context, chain []*passport.Passport) ([]Budget, error) {
	if !v.made() {
		return nil, notMade
	}
	if ctx == nil {
		return nil, noContext
	}
	ledger, ok := v.config.Ledger.(UsageReader)
	if !ok {
		return nil, fmt.Errorf("verify: the ledger, a %T, does not tell what is used: it is not a UsageReader",
			v.config.Ledger)
	}
	now, err := read(v.config.Now)
	if err != nil {
		return nil, clockFailed(err)
	}
	now = now.Round(0)
	var list []Budget
	var charges []Charge
	for link, p := range chain {
		if p == nil {
			return nil, fmt.Errorf("verify: passport %d of the chain is nil", link)
		}
		of := naming{passport: p, anchor: chain[0].Issuer}
		add := func(b Budget, name string) {
			b.Link, b.Passport = link, p.ID
			list = append(list, b)
			charges = append(charges, Charge{
				Account: of.named(), Name: name, Rate: b.Rate, Since: b.From, Limit: b.Limit,
			})
		}
		rate := func(what string, window time.Duration, limit int64, name string) {
			add(Budget{
				Name: fmt.Sprintf("%s: %d per %s", what, limit, span(window)), Rate: true, Limit: Count(limit),
				From: now.Add(-window + 1),
			}, name)
		}
		for i := range p.Authority.SpendLimits {
			l := &p.Authority.SpendLimits[i]
			if l.Per == passport.PerTransaction {
				continue
			}
			since, err := l.Since(now)
			if err != nil {
				return nil, err
			}
			b := Budget{Name: l.String(), Limit: AmountOf(l.Money), From: since, asset: l.Money}
			if l.TimeZone != "" {
				b.Until = resets(l, now)
			}
			add(b, of.ofSpending(l))
		}
		for i := range p.Authority.Limits {
			if l := &p.Authority.Limits[i]; l.Kind == passport.LimitRate {
				rate(l.Attribute(), l.Window(), l.Int, l.Name)
			}
		}
		for i := range p.Authority.Capabilities {
			c := &p.Authority.Capabilities[i]
			for k := range c.Params {
				if q := &c.Params[k]; q.Kind == passport.ParamRate {
					rate(c.Action, q.Window(), q.Int, of.ofCapability(c, q))
				}
			}
		}
	}
	used, err := usage(ctx, ledger, charges, now)
	if err != nil || len(used) != len(list) {
		return nil, errors.Join(fmt.Errorf("verify: the ledger told of %d of %d budgets", len(used), len(list)), err)
	}
	for i := range list {
		b := &list[i]
		switch b.Used = used[i]; {
		case b.Total() == (Quantity{}):
			b.Until = time.Time{}
		case b.Until.IsZero() && !b.From.IsZero() && !b.Oldest.IsZero():
			b.Until = b.Oldest.Add(now.Sub(b.From) + 1)
		}
	}
	return list, nil
}

func usage(ctx context.Context, ledger UsageReader, charges []Charge, now time.Time) (used []Used, err error) {
	defer caught("the ledger", &err)
	return ledger.Usage(ctx, charges, now)
}
