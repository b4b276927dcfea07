package passport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// Period is the window of a spend limit.
type Period string

// The periods. Rolling ones are 1 h, 24 h, 168 h and 720 h long.
const (
	PerTransaction Period = "transaction"
	PerHour        Period = "hour"
	PerDay         Period = "day"
	PerWeek        Period = "week"
	PerMonth       Period = "month"
	PerLifetime    Period = "lifetime"
)

func (p Period) valid() bool {
	switch p {
	case PerTransaction, PerHour, PerDay, PerWeek, PerMonth, PerLifetime:
		return true
	}
	return false
}

// SpendLimit bounds what may be spent per period, all spending of descendants
// included.
type SpendLimit struct {
	Money    Money
	Per      Period
	TimeZone string // "": a rolling window; an IANA zone: a calendar window there
	Action   string // pattern: only payments for it; "": every payment
}

// ceilingFacet is maxTransactionAmount. It is the limit per transaction of its
// currency, so that, once read, spendFacet does the rest.
var ceilingFacet = facet{
	member: "maxTransactionAmount",
	read:   func(r *reader, v credential.Value, a *Authority) { a.MaxTransaction = r.money(v, nil) },
	write: func(w *jsonwrite.Writer, a *Authority) {
		if !a.MaxTransaction.IsZero() {
			w.Name("maxTransactionAmount")
			w.BeginObject()
			a.MaxTransaction.appendMembers(w)
			w.EndObject()
		}
	},
	effect: func(e *Effective, a *Authority) { e.ceiling = a.MaxTransaction },
	meet:   func(_, _, _ *Effective) {},
}

var spendFacet = facet{
	member: "spendLimits",
	read:   func(r *reader, v credential.Value, a *Authority) { a.SpendLimits = r.spendLimits(v) },
	write:  writeSpendLimits,
	clone:  func(a *Authority, _ *pool) { a.SpendLimits = own(a.SpendLimits) },
	copy: func(own, above *Authority) {
		if own.MaxTransaction.IsZero() && len(own.SpendLimits) == 0 {
			own.MaxTransaction, own.SpendLimits = above.MaxTransaction, above.SpendLimits
		}
	},
	effect: effectOfSpend,
	meet: func(out, above, link *Effective) {
		out.currencies = meetGrants(above.currencies, link.currencies)
		out.spend = meetSpend(above.spend, link.spend)
	},
	narrow: narrowSpend,
	judge:  judgeSpend,
	show: func(e *Effective) []Facet {
		granted := Facet{Name: "currencies", Grant: true, Stated: len(e.currencies) > 0, Texts: sorted(grantTexts(e.currencies)), absent: "none"}
		granted.Value = slices.Clone(granted.Texts)
		inForce := e.SpendLimits()
		limits := Facet{Name: "spendLimits", Stated: len(inForce) > 0, Value: inForce, absent: "none"}
		for _, l := range inForce {
			limits.Texts = append(limits.Texts, l.String())
		}
		slices.Sort(limits.Texts)
		return []Facet{granted, limits}
	},
}

func effectOfSpend(e *Effective, a *Authority) {
	e.spend = a.allSpendLimits()
	e.currencies = make([]grant, 0, 2)
	for i := range e.spend {
		e.currencies = addGrant(e.currencies, e.spend[i].grant())
	}
}

// SpendLimits returns the limits in force, of every link and lowest per key,
// the ceiling of one transaction among them. Those of payments that are not
// granted anyway are left out.
func (e *Effective) SpendLimits() (inForce []SpendLimit) {
	for i := range e.spend {
		l := e.spend[i].grant()
		if slices.ContainsFunc(e.currencies, func(g grant) bool { _, ok := l.meet(g); return ok }) {
			inForce = append(inForce, e.spend[i])
		}
	}
	return inForce
}

// grant is a currency with the actions that may be paid in it.
type grant struct {
	asset  Money  // an amount of zero
	action string // pattern; "": every action
}

func (l *SpendLimit) grant() grant { return grant{zeroOf(l.Money), l.Action} }

func (g grant) covers(o grant) bool {
	return g.asset.SameAsset(o.asset) && (g.action == "" || o.action != "" && ActionCovers(g.action, o.action))
}

// meet returns what both grant, and false if that is nothing.
func (g grant) meet(o grant) (grant, bool) {
	switch {
	case g.covers(o):
		return o, true
	case o.covers(g):
		return g, true
	}
	return grant{}, false
}

// addGrant adds what the list does not cover yet, and takes out what is then
// covered.
func addGrant(list []grant, g grant) []grant {
	if slices.ContainsFunc(list, func(o grant) bool { return o.covers(g) }) {
		return list
	}
	return append(slices.DeleteFunc(list, g.covers), g)
}

func meetGrants(a, b []grant) []grant {
	out := make([]grant, 0, max(len(a), len(b)))
	for _, x := range a {
		for _, y := range b {
			if g, ok := x.meet(y); ok {
				out = addGrant(out, g)
			}
		}
	}
	return out
}

func (g grant) String() string {
	name := g.asset.currency
	if isCAIP19(name) {
		name = fmt.Sprintf("%s with %d decimals", name, g.asset.decimals)
	}
	if g.action != "" {
		name += " for " + g.action
	}
	return name
}

func grantTexts(list []grant) []string {
	out := make([]string, len(list))
	for i, g := range list {
		out[i] = g.String()
	}
	return out
}

// String returns the limit as people read it: "50.00 USD per day".
func (l SpendLimit) String() string {
	s := l.Money.String() + " per " + string(l.Per)
	if l.TimeZone != "" {
		s += " in " + l.TimeZone
	}
	if l.Action != "" {
		s += " for " + l.Action
	}
	return s
}

// AppliesTo reports whether the limit counts a payment: same asset, and an
// action that it covers.
func (l *SpendLimit) AppliesTo(act *Act) bool {
	return l.Money.sameAsset(&act.Amount) && (l.Action == "" || ActionCovers(l.Action, act.Action))
}

// same reports whether two spend limits are the same one, with perhaps another amount.
func (l *SpendLimit) same(o *SpendLimit) bool {
	return l.Per == o.Per && l.Money.currency == o.Money.currency && l.TimeZone == o.TimeZone && l.Action == o.Action
}

// sameIn returns where the limit is in a list, or -1.
func (l *SpendLimit) sameIn(list []SpendLimit) int {
	for i := range list {
		if list[i].same(l) {
			return i
		}
	}
	return -1
}

// member is where a limit is found in a passport with that
// maxTransactionAmount.
func (l SpendLimit) member(ceiling Money) string {
	c := SpendLimit{Money: ceiling, Per: PerTransaction}
	if l.same(&c) {
		return "/maxTransactionAmount"
	}
	return "/spendLimits"
}

func (r *reader) spendLimits(v credential.Value) []SpendLimit {
	if !r.items(v) {
		return nil
	}
	out := make([]SpendLimit, 0, v.Len())
	for item := range v.Items() {
		var l SpendLimit
		l.Money = r.money(item, func(name string, m credential.Value) bool {
			switch name {
			case "per":
				l.Per = Period(r.text(m))
			case "timeZone":
				l.TimeZone = r.text(m)
			case "action":
				l.Action = r.text(m)
			default:
				return false
			}
			return true
		})
		r.because(item, l.check())
		if l.sameIn(out) >= 0 {
			r.fail(item, "a limit of the same action, currency, period and zone is listed twice")
		}
		out = append(out, l)
	}
	return out
}

func (l *SpendLimit) check() error {
	switch {
	case l.Money.IsZero():
		return invalid("", "a spend limit has amount and currency")
	case !l.Per.valid():
		return invalid("/per", "%.20q is not a period: want transaction, hour, day, week, month or lifetime", l.Per)
	case l.TimeZone != "" && (l.Per == PerTransaction || l.Per == PerLifetime):
		return invalid("/timeZone", "a limit per %s has no calendar", l.Per)
	}
	if l.TimeZone != "" {
		if _, err := zone(l.TimeZone); err != nil {
			return err
		}
	}
	if l.Action == "" {
		return nil
	}
	if err := CheckActionPattern(l.Action); err != nil {
		return below("/action", err)
	}
	return nil
}

func writeSpendLimits(w *jsonwrite.Writer, a *Authority) {
	if len(a.SpendLimits) == 0 {
		return
	}
	w.Name("spendLimits")
	w.BeginArray()
	for _, l := range a.SpendLimits {
		w.BeginObject()
		l.Money.appendMembers(w)
		w.Member("per", string(l.Per))
		w.Member("timeZone", l.TimeZone)
		w.Member("action", l.Action)
		w.EndObject()
	}
	w.EndArray()
}

// checkDecimals refuses two numbers of decimals for one CAIP-19 asset. Of a
// currency the code alone is the asset.
func (a *Authority) checkDecimals() error {
	all := make([]Money, 0, 8)
	if !a.MaxTransaction.IsZero() {
		all = append(all, a.MaxTransaction)
	}
	for _, l := range a.SpendLimits {
		all = append(all, l.Money)
	}
	for i, m := range all {
		for _, o := range all[:i] {
			if o.currency == m.currency && !o.SameAsset(m) {
				return invalid("/spendLimits", "%.80q is counted with %d and with %d decimals", m.currency, o.decimals, m.decimals)
			}
		}
	}
	return nil
}

// allSpendLimits returns the spend limits with maxTransactionAmount among
// them; with both stated the lower holds. It may be the list of a itself.
func (a *Authority) allSpendLimits() []SpendLimit {
	if a.MaxTransaction.IsZero() {
		return a.SpendLimits
	}
	out := append(make([]SpendLimit, 0, len(a.SpendLimits)+1), a.SpendLimits...)
	ceiling := SpendLimit{Money: a.MaxTransaction, Per: PerTransaction}
	if i := ceiling.sameIn(out); i >= 0 {
		out[i].Money = lower(out[i].Money, ceiling.Money)
		return out
	}
	return append(out, ceiling)
}

func lower(m, n Money) Money {
	if n.Cmp(m) < 0 {
		return n
	}
	return m
}

// zeroOf returns an amount of zero of the same asset.
func zeroOf(m Money) Money {
	return Money{decimals: m.decimals, stated: m.stated, currency: m.currency}
}

// Grants reports whether an act may be paid in the currency of its amount: a
// ceiling or a limit for every payment names the currency, or one with an
// action that covers the act. A currency that none names is not granted.
func (a *Authority) Grants(act *Act) bool {
	if a.MaxTransaction.sameAsset(&act.Amount) {
		return true
	}
	for i := range a.SpendLimits {
		if a.SpendLimits[i].AppliesTo(act) {
			return true
		}
	}
	return false
}

func meetSpend(a, b []SpendLimit) []SpendLimit {
	out := gathering[SpendLimit]{of: a}
	for _, list := range [...][]SpendLimit{a, b} {
		for i := range list {
			l := &list[i]
			same := l.sameIn(out.list())
			if same < 0 {
				out.add(*l)
				continue
			}
			if o := out.list()[same]; l.Money.Cmp(o.Money) < 0 {
				o.Money = l.Money
				out.set(same, o)
			}
		}
	}
	return out.list()
}

// narrowSpend: limits of one key compare by amount; of different keys both
// apply.
func narrowSpend(above, link *Effective) (errs []error) {
	for _, g := range link.currencies {
		if !slices.ContainsFunc(above.currencies, func(p grant) bool { return p.covers(g) }) {
			errs = append(errs, wider("/spendLimits", "a currency that is granted: "+orNone(strings.Join(grantTexts(above.currencies), ", ")), g.String()))
		}
	}
	for i := range above.spend {
		p := &above.spend[i]
		if j := p.sameIn(link.spend); j >= 0 && link.spend[j].Money.Cmp(p.Money) > 0 {
			errs = append(errs, wider(p.member(link.ceiling), p.String(), link.spend[j].String()))
		}
	}
	return errs
}

// judgeSpend: every link must grant the currency, and no ceiling of one
// transaction may be passed. Where a limit is for the action, an act without an
// amount would count nothing against it.
func judgeSpend(q question) (reasons []*Error) {
	m := &q.act.Amount
	if m.currency == "" {
		for i, a := range q.chain {
			for k := range a.SpendLimits {
				if l := &a.SpendLimits[k]; l.Action != "" && ActionCovers(l.Action, q.act.Action) {
					reasons = q.deny(reasons, code.AuthorityAttributeMissing, i, "spendLimits/"+itoa(k),
						"the limit is for this action, so the act states its amount, which may be zero", l.String(), orNone(""))
				}
			}
		}
		return reasons
	}
	for i, a := range q.chain {
		if !a.Grants(q.act) {
			reasons = q.denyCurrency(reasons, i)
			continue
		}
		const above = "more than one transaction may have"
		if c := &a.MaxTransaction; c.sameAsset(m) && c.less(m) {
			reasons = q.deny(reasons, code.AuthorityAmountExceeded, i, "maxTransactionAmount", above, c.String(), m.String())
		}
		for k := range a.SpendLimits {
			if l := &a.SpendLimits[k]; l.Per == PerTransaction && l.AppliesTo(q.act) && l.Money.less(m) {
				reasons = q.deny(reasons, code.AuthorityAmountExceeded, i, "spendLimits/"+itoa(k), above, l.Money.String(), m.String())
			}
		}
	}
	return reasons
}

// denyCurrency adds that a link does not grant the currency of the act.
func (q *question) denyCurrency(reasons []*Error, i int) []*Error {
	var granted Effective
	effectOfSpend(&granted, q.chain[i])
	detail := "the passport grants no spending in this currency"
	if slices.ContainsFunc(granted.currencies, func(g grant) bool { return g.asset.SameAsset(q.act.Amount) }) {
		detail = "the passport grants this currency to other actions alone"
	}
	return q.deny(reasons, code.AuthorityCurrencyNotAllowed, i, "maxTransactionAmount", detail,
		oneOf(grantTexts(granted.currencies)), q.act.Amount.Currency())
}
