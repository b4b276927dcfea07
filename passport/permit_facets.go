package passport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// amount: every link must grant the currency, and no ceiling of one
// transaction may be passed.
func (j *judge) amount() {
	m := j.act.Amount
	if m.IsZero() {
		return
	}
	for i, a := range j.chain {
		if !a.GrantsCurrency(m) {
			j.deny(code.AuthorityCurrencyNotAllowed, i, "maxTransactionAmount", "the passport grants no spending in this currency", oneOf(assetNames(a.Effective().currencies)), m.Currency())
			continue
		}
		if c := a.MaxTransaction; c.SameAsset(m) && m.Cmp(c) > 0 {
			j.deny(code.AuthorityAmountExceeded, i, "maxTransactionAmount", "more than one transaction may have", c.String(), m.String())
		}
		for k, l := range a.SpendLimits {
			if l.Per == PerTransaction && l.AppliesTo(j.act) && m.Cmp(l.Money) > 0 {
				j.deny(code.AuthorityAmountExceeded, i, fmt.Sprintf("spendLimits/%d", k), "more than one transaction may have", l.Money.String(), m.String())
			}
		}
	}
}

// GrantsCurrency reports whether the authority names the asset of m in a limit
// or ceiling; a currency that none names is not granted.
func (a *Authority) GrantsCurrency(m Money) bool {
	if a.MaxTransaction.SameAsset(m) {
		return true
	}
	for i := range a.SpendLimits {
		if a.SpendLimits[i].Money.SameAsset(m) {
			return true
		}
	}
	return false
}

// AppliesTo reports whether the limit counts a payment: same asset, and an
// action that it covers.
func (l *SpendLimit) AppliesTo(act *Act) bool {
	return l.Money.SameAsset(act.Amount) && (l.Action == "" || ActionCovers(l.Action, act.Action))
}

// granted judges a facet of payments that is a grant: if any link states it,
// the payment must name a value and every link must grant that; if none does,
// naming one is refused.
func (j *judge) granted(c code.Code, member, noun, value string, list func(*Authority) []string) {
	stated := slices.IndexFunc(j.chain, func(a *Authority) bool { return len(list(a)) > 0 })
	switch {
	case stated < 0 && value == "":
		return
	case stated < 0:
		j.deny(c, 0, member, "the passport grants no payments of any "+noun, "none", value)
		return
	case value == "":
		j.deny(c, stated, member, "the payment does not name its "+noun, oneOf(list(j.chain[stated])), orNone(value))
		return
	}
	for i, a := range j.chain {
		if !slices.Contains(list(a), value) {
			j.deny(c, i, member, "this "+noun+" is not among those granted", oneOf(list(a)), value)
		}
	}
}

// within judges a restriction: every link that states it must cover the value;
// an unknown value under a restriction is refused.
func (j *judge) within(c code.Code, member, noun, value string, list func(*Authority) []string, covers func(pattern, value string) bool) {
	for i, a := range j.chain {
		allowed := list(a)
		if allowed == nil {
			continue
		}
		ok := false
		for _, p := range allowed {
			ok = ok || value != "" && covers(p, value)
		}
		if !ok {
			j.deny(c, i, member, "this "+noun+" is not among those allowed", oneOf(allowed), orNone(value))
		}
	}
}

func oneOf(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return clip(fmt.Sprintf("one of %q", list))
}

func orNone(s string) string {
	if s == "" {
		return "none stated"
	}
	return s
}

// limits judges maxima of attributes that are given.
func (j *judge) limits() {
	for i, a := range j.chain {
		for k := range a.Limits {
			l := &a.Limits[k]
			if l.Kind != LimitMax {
				continue
			}
			if v := j.act.Attributes.Get(l.Attribute()); v.Exists() && !atMost(v, l.Int) {
				j.deny(code.AuthorityLimitExceeded, i, "limits/"+l.Name, "the attribute is beyond its limit", "at most "+strconv.FormatInt(l.Int, 10), clip(v.Raw()))
			}
		}
	}
}

// windows: of every link that states time windows, one must hold.
func (j *judge) windows() {
	for i, a := range j.chain {
		if a.TimeWindows == nil {
			continue
		}
		ok := false
		for k := range a.TimeWindows {
			ok = ok || a.TimeWindows[k].Contains(j.at)
		}
		if !ok {
			j.deny(code.AuthorityOutsideTimeWindow, i, "timeWindows", "the passport does not serve at this time", hours(a.TimeWindows), j.at.UTC().Format(time.RFC3339))
		}
	}
}

// hours reads time windows to people.
func hours(windows []TimeWindow) string {
	var texts []string
	for _, w := range windows {
		texts = append(texts, w.String())
	}
	return clip(strings.Join(texts, " or "))
}

// Under returns the index of the capability that an act passes under, -1 if
// there is none: of several one without a rate, else that of the longest
// action, which is the most exact. The order in the document plays no part: as
// RDF it has none, so a holder may change it.
func (a *Authority) Under(act *Act) int {
	found := -1
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		// The same that lets the act pass in covering, so that what permits is
		// what is charged.
		if c.Action == "*" || !ActionCovers(c.Action, act.Action) || c.holds(act) != nil || len(a.unpermitted(c, act)) > 0 {
			continue
		}
		if found < 0 || c.chargedBefore(&a.Capabilities[found]) {
			found = i
		}
	}
	return found
}

// chargedBefore orders the capabilities that an act passes under: a total
// order, since no two of a passport have the same action.
func (c *Capability) chargedBefore(o *Capability) bool {
	switch {
	case c.hasRate() != o.hasRate():
		return !c.hasRate()
	case len(c.Action) != len(o.Action):
		return len(c.Action) > len(o.Action)
	}
	return c.Action < o.Action
}

func (c *Capability) hasRate() bool {
	for i := range c.Params {
		if c.Params[i].Kind == ParamRate {
			return true
		}
	}
	return false
}
