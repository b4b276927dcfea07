package aip1

import (
	"errors"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
)

var (
	conform       = seam.MustBorrow[func(*passport.Passport) error]("passport.conform")
	isActMember   = seam.MustBorrow[func(name string) bool]("passport.isActMember")
	conformIntent = seam.MustBorrow[func(*passport.Intent) (string, error)]("passport.conformIntent")
)

// extension is the member of Passport.Extensions with what AIP-1 says and this
// library has no other word for.
const extension = "aip1"

func cannot(path string, err error) *Error {
	var place *passport.Error
	if errors.As(err, &place) {
		return malformed(path, "cannot be carried over: %s", place.Detail)
	}
	return malformed(path, "cannot be carried over: %v", err)
}

// Translate makes a passport of this library of a mandate: who issued it, for
// whom, until when, and the boundaries. The time window becomes part of the
// validity; what nothing enforces in AIP-1 either, data_access, and the instants
// as they were, are carried in Extensions. A member that cannot be carried is an
// [*Error] that names it: nothing is dropped.
func (m *Mandate) Translate() (*passport.Passport, error) {
	out := &passport.Passport{ID: m.ID, ValidFrom: m.IssuedAt, ValidUntil: m.ExpiresAt, OrganizationDID: m.Issuer}
	var err error
	if out.Issuer, err = did.Parse(m.Issuer); err != nil {
		return nil, cannot("/issuer", err)
	}
	if out.Agent, err = did.Parse(m.Subject); err != nil {
		return nil, cannot("/subject", err)
	}
	if m.ExpiresAt.IsZero() {
		return nil, cannot("/expires_at", errors.New("a passport has an end"))
	}
	b := &m.Boundaries
	if w := b.Window; w != nil {
		if w.Start.After(out.ValidFrom) {
			out.ValidFrom = w.Start
		}
		if w.End.Before(out.ValidUntil) {
			out.ValidUntil = w.End
		}
		if !out.ValidUntil.After(out.ValidFrom) {
			return nil, cannot("/boundaries/time_window",
				errors.New("the window and the mandate have no time in common"))
		}
	}
	if bad := b.authority(&out.Authority); bad != nil {
		return nil, bad
	}
	if out.Extensions, err = credential.ParseValue(m.rest()); err != nil {
		return nil, cannot("/boundaries/data_access", err)
	}
	if err := conform(out); err != nil {
		return nil, cannot(mandatePath(err), err)
	}
	return out, nil
}

// rest writes what goes into Extensions.
func (m *Mandate) rest() string {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name(extension)
	w.BeginObject()
	w.Member("mandate_id", m.ID)
	w.Member("issued_at", moment{Time: m.IssuedAt}.signed())
	w.Member("expires_at", moment{Time: m.ExpiresAt}.signed())
	if win := m.Boundaries.Window; win != nil {
		w.Name("time_window")
		w.BeginObject()
		w.Member("start", moment{Time: win.Start}.signed())
		w.Member("end", moment{Time: win.End}.signed())
		w.EndObject()
	}
	w.Strings("data_access", m.Boundaries.DataAccess)
	w.EndObject()
	w.EndObject()
	return string(w.Buf)
}

// mandatePath is a place in a passport as the mandate calls it.
func mandatePath(err error) string {
	var place *passport.Error
	if !errors.As(err, &place) {
		return ""
	}
	member, _, _ := strings.Cut(strings.TrimPrefix(place.Path, "/credentialSubject/"), "/")
	return map[string]string{
		"capabilities": "/boundaries/allowed_actions", "deniedActions": "/boundaries/denied_actions",
		"maxTransactionAmount": "/boundaries/monetary_limit", "spendLimits": "/boundaries/monetary_limit",
		"regions": "/boundaries/geo_restriction", "extensions": "/boundaries/data_access", "organizationDID": "/issuer",
	}[member]
}

// authority carries the boundaries over. An empty list of actions allows nothing.
func (b *Boundaries) authority(a *passport.Authority) *Error {
	for _, action := range b.AllowedActions {
		if err := passport.CheckAction(action); err != nil {
			return cannot("/boundaries/allowed_actions", err)
		}
		a.Capabilities = append(a.Capabilities, passport.Capability{Action: action})
	}
	for _, action := range b.DeniedActions {
		if err := passport.CheckAction(action); err != nil {
			return cannot("/boundaries/denied_actions", err)
		}
	}
	a.DeniedActions = slices.Clone(b.DeniedActions)
	const path = "/boundaries/monetary_limit"
	once, err := b.Limit.money(b.Limit.PerTransaction)
	if err != nil {
		return cannot(path+"/per_transaction", err)
	}
	a.MaxTransaction = once
	day, err := b.Limit.money(b.Limit.PerDay)
	if err != nil {
		return cannot(path+"/per_day", err)
	}
	if !day.IsZero() {
		a.SpendLimits = []passport.SpendLimit{{Money: day, Per: passport.PerDay}}
	}
	if once.IsZero() && day.IsZero() { // the currency is still said
		if a.MaxTransaction, err = passport.ParseMoney("0", b.Limit.Currency); err != nil {
			return cannot(path+"/currency", err)
		}
	}
	if b.Geo == "" {
		return nil
	}
	for geo := range strings.SplitSeq(b.Geo, ",") {
		region := strings.ToUpper(strings.TrimSpace(geo))
		if err := passport.CheckRegion(region); err != nil {
			return cannot("/boundaries/geo_restriction", err)
		}
		if !slices.Contains(a.Regions, region) {
			a.Regions = append(a.Regions, region)
		}
	}
	return nil
}

// money reads a limit; zero is none.
func (l *Limit) money(d Decimal) (passport.Money, error) {
	n, ok := decimal.Parse(string(d))
	if !ok {
		return passport.Money{}, errors.New("not a decimal number")
	}
	if n.Sign() == 0 {
		return passport.Money{}, nil
	}
	return passport.ParseMoney(n.String(), l.Currency)
}

// Translate makes an intent of this library: the action, the amount, and every
// other parameter as an attribute; the target is the audience. Its id is derived
// from the agent, the target and the nonce. A member that cannot be carried is an
// [*Error] that names it.
func (e *Envelope) Translate() (*passport.Intent, error) {
	agent, err := did.Parse(e.Agent.ID)
	if err != nil {
		return nil, cannot("/agent/id", err)
	}
	if e.Intent.Target == "" {
		return nil, cannot("/intent/target", errors.New("an intent is for somebody"))
	}
	out := &passport.Intent{IssuedAt: e.IssuedAt, ExpiresAt: e.ExpiresAt}
	if out.ExpiresAt.IsZero() {
		out.ExpiresAt = e.IssuedAt.Add(defaultTTL)
	}
	// Passports and their signatures know no parts of a second.
	if out.IssuedAt = out.IssuedAt.UTC(); out.ID == "" {
		if out.ID, err = passport.IntentIDOf(agent, e.Intent.Target, e.Nonce); err != nil {
			return nil, cannot("/entropy", err)
		}
	}
	if err := passport.CheckAction(e.Intent.Action); err != nil {
		return nil, cannot("/intent/action", err)
	}
	out.Action = e.Intent.Action
	if bad := e.act(&out.Act); bad != nil {
		return nil, bad
	}
	if _, err := conformIntent(out); err != nil {
		return nil, cannot("/intent/parameters", err)
	}
	return out, nil
}

// act carries the parameters over.
func (e *Envelope) act(act *passport.Act) *Error {
	const path = "/intent/parameters"
	v, err := credential.ParseValue(string(e.Intent.Parameters))
	if err != nil {
		return cannot(path, err)
	}
	currency := e.Boundaries.Limit.Currency
	if c, ok := v.Get("currency").LookupStr(); ok {
		currency = c
	}
	switch units, major := v.Get("amount_minor"), v.Get("amount"); {
	case units.Exists() && major.Exists():
		return malformed(path+"/amount", "two amounts, amount_minor and amount: only one may be there")
	case units.Exists():
		n, bad := decimal.Parse(units.Raw())
		if !bad || n.Fraction() > 0 {
			return malformed(path+"/amount_minor", "want an integer")
		}
		text := n.String()
		if places := exponent(currency); places > 0 {
			text = shifted(text, places)
		}
		if act.Amount, err = passport.ParseMoney(text, currency); err != nil {
			return cannot(path+"/amount_minor", err)
		}
	case major.Exists():
		source, isText := major.LookupStr()
		if !isText {
			source = major.Raw()
		}
		n, ok := decimal.Parse(source)
		if !ok {
			return malformed(path+"/amount", "want a number")
		}
		if act.Amount, err = passport.ParseMoney(n.String(), currency); err != nil {
			return cannot(path+"/amount", err)
		}
	}
	var w jsonwrite.Writer
	w.BeginObject()
	n := 0
	for name, m := range v.Members() {
		if name == "amount" || name == "amount_minor" || name == "currency" && !act.Amount.IsZero() {
			continue
		}
		if isActMember(name) {
			return malformed(path+"/"+name,
				"cannot be carried over: an act has a member of that name, which means something else")
		}
		n++
		w.Name(name)
		w.Raw(m.Raw())
	}
	w.EndObject()
	if n > 0 {
		if act.Attributes, err = credential.ParseValue(string(w.Buf)); err != nil {
			return cannot(path, err)
		}
	}
	return nil
}

// shifted puts a point before the last digits of a whole number.
func shifted(digits string, places int) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}
