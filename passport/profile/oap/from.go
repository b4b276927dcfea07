package oap

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/passport"
)

// FromPassport makes an OAP passport of one of this library, without loss, or refuses
// with the member that an OAP passport cannot say. status is what the passport's lists
// say now: an OAP passport has it as a word. One that came from [Passport.Translate]
// becomes what it was, if its authority still says the same; the options must be those
// of its translation.
func FromPassport(p *passport.Passport, status string, o TranslateOptions) (*Passport, error) {
	if was := p.Extensions.Get(Extension); was.Exists() {
		return back(p, was, status, o)
	}
	f := &fromOurs{p: p}
	out := f.passport()
	out.Status = status
	if f.err != nil {
		return nil, f.err
	}
	return NewPassport(*out)
}

// back returns the passport that was translated.
func back(p *passport.Passport, was credential.Value, status string, o TranslateOptions) (*Passport, error) {
	out, err := ParsePassport([]byte(was.Raw()), Strict)
	if err != nil {
		return nil, err
	}
	o.Issuer, o.Until = p.Issuer, p.ValidUntil
	same, err := out.Translate(o)
	if err != nil {
		return nil, err
	}
	switch {
	case same.Agent != p.Agent || same.ID != p.ID || p.Delegated():
		return nil, refuse(NotCarried, "/extensions/oap", "it is of another passport than this one")
	case !reflect.DeepEqual(same.Authority, p.Authority):
		return nil, refuse(NotCarried, "/extensions/oap", "the authority was changed since the passport was translated")
	case status != out.Status:
		return nil, refuse(NotCarried, "/status", "the passport was active when it was translated, and is %.20q now",
			status)
	}
	return out, nil
}

// fromOurs says in an OAP passport what one of this library says.
type fromOurs struct {
	p   *passport.Passport
	err *Error
}

func (f *fromOurs) lost(path, format string, args ...any) {
	if f.err == nil {
		f.err = refuse(NotCarried, path, format, args...)
	}
}

// unsaid are the members that an OAP passport has no word for.
func (f *fromOurs) unsaid() {
	p, a := f.p, &f.p.Authority
	for _, m := range []struct {
		path   string
		stated bool
	}{
		{"/grantId", p.GrantID != ""}, {"/consent", !p.Consent.IsZero()}, {"/attestation", !p.Attestation.IsZero()},
		{"/delegationDepth", p.Delegated()}, {"/maxDelegationDepth", a.MaxDelegationDepth > 0}, {"/templateId",
			p.TemplateID != ""},
		{"/deniedActions", a.DeniedActions != nil}, {"/allowedMPPCategories", a.Categories != nil}, {"/paymentRails",
			a.Rails != nil},
		{"/maxTransactionAmount", !a.MaxTransaction.IsZero()}, {"/limits", a.Limits != nil}, {"/payees",
			a.Payees != nil},
		{"/resources", a.Resources != nil}, {"/audiences", a.Audiences != nil}, {"/timeWindows", a.TimeWindows != nil},
		{"/issuer/name", p.IssuerName != "" || p.IssuerDescription != ""}, {"/extensions", p.Extensions.Exists()},
		{"/assurance", a.Assurance != passport.Assurance{Level: a.Assurance.Level}},
		{"/organizationDID", p.HumanPrincipal != "" && p.OrganizationDID != ""},
		{"/humanPrincipal", p.HumanPrincipal == "" && p.OrganizationDID == ""},
	} {
		if m.stated {
			f.lost(m.path, "an OAP passport has no member for it")
		}
	}
	if len(a.Regions) == 0 {
		f.lost("/regions", "an OAP passport lists its regions, and this one restricts none")
	}
}

func (f *fromOurs) passport() *Passport {
	p := f.p
	f.unsaid()
	out := &Passport{Spelling: Registry, ID: "ap_" + strings.ToLower(strings.TrimPrefix(p.ID, passport.PassportURN)),
		DID: p.Agent.String(), Kind: "template", OwnerType: "user", OwnerID: strings.TrimPrefix(p.HumanPrincipal,
			ownerURN),
		Assurance: p.Authority.Assurance.Level, Regions: p.Authority.Regions, CreatedAt: p.ValidFrom,
		ExpiresAt: p.ValidUntil}
	if p.OrganizationDID != "" {
		out.OwnerType, out.OwnerID = "org", strings.TrimPrefix(p.OrganizationDID, ownerURN)
	}
	if out.Assurance == "" {
		out.Assurance = passport.L0
	}
	var others jsonwrite.Writer
	others.BeginObject()
	others.Member("name", p.Name)
	others.Member("description", p.Description)
	others.Member("role", p.Role)
	others.Member("framework", p.Framework)
	others.EndObject()
	if v, err := credential.ParseValue(string(others.Buf)); err == nil && v.Len() > 0 {
		out.Others = v
	}
	var limits jsonwrite.Writer
	limits.BeginObject()
	for i, c := range p.Authority.Capabilities {
		if !capabilityForm.MatchString(c.Action) {
			f.lost(fmt.Sprintf("/capabilities/%d/action", i), "an OAP passport has no pattern such as %.80q", c.Action)
		}
		out.Capabilities = append(out.Capabilities, Capability{ID: c.Action, Params: f.params(i, c)})
		if block := f.currencies(c.Action); block != "" {
			limits.Name(c.Action)
			limits.Raw(block)
		}
	}
	limits.EndObject()
	out.Limits, _ = credential.ParseValue(string(limits.Buf))
	for i, l := range p.Authority.SpendLimits {
		covers := func(c passport.Capability) bool { return c.Action == l.Action }
		if l.TimeZone != "" || perName(l.Per) == "" || !slices.ContainsFunc(p.Authority.Capabilities, covers) ||
			!currencyForm.MatchString(l.Money.Currency()) {
			f.lost(fmt.Sprintf("/spendLimits/%d", i),
				"an OAP passport limits one action, per transaction or per rolling day")
		}
	}
	return out
}

// params writes the parameters of a capability.
func (f *fromOurs) params(i int, c passport.Capability) credential.Value {
	var w jsonwrite.Writer
	w.BeginObject()
	for _, p := range c.Params {
		name, ok := "", false
		switch p.Kind {
		case passport.ParamMax:
			name, ok = p.Name, strings.HasPrefix(p.Name, "max_") && p.Name != "max_amount" &&
				!strings.Contains(p.Name, "_per_")
			w.Name(name)
			w.Int(p.Int)
		case passport.ParamRate:
			name, ok = p.Name, rates[p.Name] == p.Name
			w.Name(name)
			w.Int(p.Int)
		case passport.ParamBool:
			name, ok = "allow_"+p.Name, true
			w.Name(name)
			w.Bool(p.Bool)
		case passport.ParamStrings:
			name = listOf(p.Name)
			ok = name != ""
			w.Strings(name, p.Strings)
		}
		if !ok {
			f.lost(fmt.Sprintf("/capabilities/%d/params/%s", i, pointer(p.Name)),
				"an OAP passport has no such parameter")
		}
	}
	w.EndObject()
	if len(c.Params) == 0 {
		return credential.Value{}
	}
	v, _ := credential.ParseValue(string(w.Buf))
	return v
}

// listOf is the member that is a list of an attribute.
func listOf(attribute string) string {
	var names []string
	for name, of := range lists {
		if of == attribute {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func perName(p passport.Period) string {
	switch p {
	case passport.PerTransaction:
		return "max_per_tx"
	case passport.PerDay:
		return "daily_cap"
	}
	return ""
}

// currencies writes the block of limits of one action; "" if it has none.
func (f *fromOurs) currencies(action string) string {
	list := slices.Clone(f.p.Authority.SpendLimits)
	list = slices.DeleteFunc(list, func(l passport.SpendLimit) bool { return l.Action != action })
	if len(list) == 0 {
		return ""
	}
	slices.SortStableFunc(list, func(a, b passport.SpendLimit) int {
		return strings.Compare(a.Money.Currency(), b.Money.Currency())
	})
	text, last := `{"currency_limits":{`, ""
	for _, l := range list {
		switch currency := l.Money.Currency(); {
		case currency == last:
			text += ","
		case last == "":
			text += strconv.Quote(currency) + ":{"
		default:
			text += "}," + strconv.Quote(currency) + ":{"
		}
		last = l.Money.Currency()
		text += strconv.Quote(perName(l.Per)) + ":" + l.Money.AtomicUnits()
	}
	return text + "}}}"
}
