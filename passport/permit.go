package passport

import (
	"fmt"
	"math/big"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Act is what somebody asks to do: the arithmetic side of a request.
type Act struct {
	Audience   string
	Action     string
	Resource   string
	Amount     Money // zero: none
	Payee      string
	Category   string
	Rail       string
	Region     string
	Attributes credential.Value // an object, or absent
	At         time.Time
}

// IsPayment reports whether the act is a payment: it has an amount, a
// category, a rail or a payee.
func (a *Act) IsPayment() bool {
	return !a.Amount.IsZero() || a.Category != "" || a.Rail != "" || a.Payee != ""
}

// Permits judges an act by the conjunction of the authorities of a chain, root
// first, and returns every reason against it; none means that nothing in the
// stated authorities is in the way. Budgets over time and rates are the
// ledger's business and not judged here.
//
// Paths of the errors are relative to the chain: "/<link>/<member>".
func Permits(chain []*Authority, act *Act) []*Error {
	j := judge{chain: chain, act: act}
	if len(chain) == 0 {
		j.deny(code.AuthorityActionNotAllowed, -1, "", "there is no authority", "", act.Action)
		return j.errs
	}
	j.actions()
	if act.IsPayment() {
		j.amount()
		j.granted(code.AuthorityCategoryNotAllowed, "allowedMPPCategories", act.Category, func(a *Authority) []string { return a.Categories })
		j.granted(code.AuthorityRailNotAllowed, "paymentRails", act.Rail, func(a *Authority) []string { return a.Rails })
		j.within(code.AuthorityPayeeNotAllowed, "payees", act.Payee, func(a *Authority) []string { return a.Payees }, TextCovers)
	}
	j.within(code.AuthorityResourceNotAllowed, "resources", act.Resource, func(a *Authority) []string { return a.Resources }, TextCovers)
	j.within(code.AuthorityResourceNotAllowed, "audiences", act.Audience, func(a *Authority) []string { return a.Audiences }, TextCovers)
	j.within(code.AuthorityRegionBlocked, "regions", act.Region, func(a *Authority) []string { return a.Regions }, RegionCovers)
	j.limits()
	j.windows()
	return j.errs
}

// judge collects the reasons against an act.
type judge struct {
	chain []*Authority
	act   *Act
	errs  []*Error
}

func (j *judge) deny(c code.Code, link int, member, detail, limit, actual string) {
	path := ""
	if link >= 0 {
		path = fmt.Sprintf("/%d/%s", link, member)
	}
	j.errs = append(j.errs, &Error{Code: c, Path: path, Detail: detail, Limit: limit, Actual: actual})
}

// actions: one entry of every link must cover the action, with all its
// parameters; no link may deny it.
func (j *judge) actions() {
	for i, a := range j.chain {
		for _, d := range a.DeniedActions {
			if d == "*" || ActionCovers(d, j.act.Action) {
				j.deny(code.AuthorityActionDenied, i, "deniedActions", "the passport denies this action", d, j.act.Action)
			}
		}
		if best := a.covering(j.act); best != nil {
			if best.Code == code.AuthorityActionNotAllowed {
				j.deny(best.Code, i, "capabilities", best.Detail, "", j.act.Action)
				continue
			}
			j.errs = append(j.errs, &Error{Code: best.Code, Path: fmt.Sprintf("/%d%s", i, best.Path), Detail: best.Detail, Limit: best.Limit, Actual: best.Actual})
		}
	}
}

// covering looks for a capability that covers the act with all its
// parameters; nil if there is one, else the reason of the first that covers
// the action alone.
func (a *Authority) covering(act *Act) *Error {
	var reason *Error
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		if !ActionCovers(c.Action, act.Action) {
			continue
		}
		err := c.holds(act)
		if err == nil {
			return nil
		}
		if reason == nil {
			err.Path = fmt.Sprintf("/capabilities/%d/params%s", i, err.Path)
			reason = err
		}
	}
	if reason == nil {
		reason = &Error{Code: code.AuthorityActionNotAllowed, Detail: "no capability covers this action"}
	}
	return reason
}

// holds judges the parameters of a capability, rates apart.
func (c *Capability) holds(act *Act) *Error {
	for i := range c.Params {
		p := &c.Params[i]
		if p.Kind == ParamRate {
			continue
		}
		name := p.Attribute()
		v := act.Attributes.Get(name)
		if !v.Exists() {
			return &Error{Code: code.AuthorityAttributeMissing, Path: "/" + p.Name, Detail: fmt.Sprintf("the request does not state %q", name), Limit: p.limit()}
		}
		if !p.allows(v) {
			return &Error{Code: code.AuthorityLimitExceeded, Path: "/" + p.Name, Detail: fmt.Sprintf("attribute %q is not within the parameter", name), Limit: p.limit(), Actual: clip(v.Raw())}
		}
	}
	return nil
}

func (p *Param) allows(v credential.Value) bool {
	switch p.Kind {
	case ParamMax:
		return atMost(v, p.Int)
	case ParamBool:
		b, ok := v.Bool()
		return ok && (p.Bool || !b)
	case ParamStrings:
		s, ok := v.LookupStr()
		for _, allowed := range p.Strings {
			if ok && s == allowed {
				return true
			}
		}
	}
	return false
}

func (p *Param) limit() string {
	switch p.Kind {
	case ParamMax, ParamRate:
		return fmt.Sprint("at most ", p.Int)
	case ParamBool:
		return fmt.Sprint(p.Bool)
	case ParamStrings:
		return clip(fmt.Sprintf("one of %q", p.Strings))
	}
	return ""
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// atMost compares a JSON number with a bound, exactly.
func atMost(v credential.Value, bound int64) bool {
	if n, ok := v.Int(); ok {
		return n <= bound
	}
	if v.Kind() != strictjson.Number || len(v.Raw()) > 64 {
		return false
	}
	// The parser took it for a JSON number, so none of Rat's other notations.
	r, ok := new(big.Rat).SetString(v.Raw())
	return ok && r.Cmp(new(big.Rat).SetInt64(bound)) <= 0
}

// amount: every link must grant the currency, and no ceiling of one
// transaction may be passed.
func (j *judge) amount() {
	m := j.act.Amount
	if m.IsZero() {
		return
	}
	for i, a := range j.chain {
		if !a.GrantsCurrency(m) {
			j.deny(code.AuthorityCurrencyNotAllowed, i, "maxTransactionAmount", "the passport grants no spending in this currency", "", m.Currency())
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
func (j *judge) granted(c code.Code, member, value string, list func(*Authority) []string) {
	stated := false
	for _, a := range j.chain {
		stated = stated || len(list(a)) > 0
	}
	if !stated {
		if value != "" {
			j.deny(c, 0, member, "the passport grants none", "", value)
		}
		return
	}
	for i, a := range j.chain {
		if value == "" {
			j.deny(c, i, member, "the payment does not say which", clip(fmt.Sprintf("one of %q", list(a))), "")
			return
		}
		if !hasText(list(a), value) {
			j.deny(c, i, member, "not among those granted", clip(fmt.Sprintf("one of %q", list(a))), value)
		}
	}
}

// within judges a restriction: every link that states it must cover the value;
// an unknown value under a restriction is refused.
func (j *judge) within(c code.Code, member, value string, list func(*Authority) []string, covers func(pattern, value string) bool) {
	for i, a := range j.chain {
		allowed := list(a)
		if len(allowed) == 0 {
			continue
		}
		ok := false
		for _, p := range allowed {
			ok = ok || value != "" && covers(p, value)
		}
		if !ok {
			j.deny(c, i, member, "not among those allowed", clip(fmt.Sprintf("one of %q", allowed)), orNone(value))
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none stated"
	}
	return s
}

// limits judges maxima of attributes that are given, and permissions: an
// attribute that is true must be allowed by every link.
func (j *judge) limits() {
	for i, a := range j.chain {
		for k := range a.Limits {
			l := &a.Limits[k]
			if l.Kind != LimitMax {
				continue
			}
			if v := j.act.Attributes.Get(l.Attribute()); v.Exists() && !atMost(v, l.Int) {
				j.deny(code.AuthorityLimitExceeded, i, "limits/"+l.Name, "the attribute is beyond its limit", fmt.Sprint("at most ", l.Int), clip(v.Raw()))
			}
		}
	}
	for name, v := range j.act.Attributes.Members() {
		if b, isBool := v.Bool(); !isBool || !b {
			continue
		}
		for i, a := range j.chain {
			if !a.allowsTrue(name, j.act) {
				j.deny(code.AuthorityLimitExceeded, i, "limits/allow_"+name, "the passport does not permit this attribute to be true", "false", "true")
			}
		}
	}
}

// allowsTrue reports whether a boolean attribute may be true: by a permission
// of limits, or by a parameter of a capability that covers the act. A
// permission that says false stands.
func (a *Authority) allowsTrue(attribute string, act *Act) bool {
	for i := range a.Limits {
		if l := &a.Limits[i]; l.Kind == LimitAllow && l.Attribute() == attribute {
			return l.Bool
		}
	}
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		if !ActionCovers(c.Action, act.Action) {
			continue
		}
		for _, p := range c.Params {
			if p.Kind == ParamBool && p.Bool && p.Name == attribute {
				return true
			}
		}
	}
	return false
}

// windows: of every link that states time windows, one must hold.
func (j *judge) windows() {
	for i, a := range j.chain {
		if len(a.TimeWindows) == 0 {
			continue
		}
		ok := false
		for k := range a.TimeWindows {
			ok = ok || a.TimeWindows[k].Contains(j.act.At)
		}
		if !ok {
			j.deny(code.AuthorityOutsideTimeWindow, i, "timeWindows", "the passport does not serve at this time", "", j.act.At.UTC().Format(time.RFC3339))
		}
	}
}

func hasText(list []string, s string) bool {
	for _, t := range list {
		if t == s {
			return true
		}
	}
	return false
}

// Under returns the index of the capability that an act passes under, -1 if
// there is none: of several the first that has no rate, else the first.
func (a *Authority) Under(act *Act) int {
	found := -1
	for i := range a.Capabilities {
		c := &a.Capabilities[i]
		if !ActionCovers(c.Action, act.Action) || c.holds(act) != nil {
			continue
		}
		if !c.hasRate() {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

func (c *Capability) hasRate() bool {
	for i := range c.Params {
		if c.Params[i].Kind == ParamRate {
			return true
		}
	}
	return false
}
