package oap

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// ownerURN begins the IRI of an owner whose id is not one.
const ownerURN = "urn:oap:owner:"

// Extension is the member of passport.Passport.Extensions that holds the OAP
// passport, whole: nothing is lost, and packs find their limits in it.
const Extension = "oap"

// TranslateOptions is what a passport does not say of itself.
type TranslateOptions struct {
	// Issuer is whose word the passport is. Zero: its own DID, which is what APort's
	// tools name.
	Issuer did.DID
	// Until is when the passport ends: what its credential says as expirationDate.
	// Zero: its expires_at; a passport with neither is refused, since one of this
	// library always ends.
	Until time.Time
	// Judged are the names of blocks of limits that the host judges itself, as
	// package verify/policy/packs does: such as "system.command.execute". Such a
	// block is carried as it is. Any other must be carried over member by member.
	Judged []string
}

// Translate makes a passport of this library, without loss. What it cannot carry over
// it refuses, with the code NotCarried and the place. Only an active passport can be
// translated: one of this library says on a list, and not in itself, whether it is
// suspended. The result is not signed, and says no more than the OAP passport did.
func (p *Passport) Translate(o TranslateOptions) (*passport.Passport, error) {
	t := translation{from: p, judged: o.Judged}
	out := t.translate(&o)
	if t.err != nil {
		return nil, t.err
	}
	return out, nil
}

type translation struct {
	from   *Passport
	judged []string
	any    bool // whatever the status is: it is looked at elsewhere
	caps   []passport.Capability
	spend  []passport.SpendLimit
	err    *Error
}

// lost refuses a member by name.
func (t *translation) lost(path, format string, args ...any) {
	if t.err == nil {
		t.err = refuse(NotCarried, path, format, args...)
	}
}

func (t *translation) translate(o *TranslateOptions) *passport.Passport {
	p := t.from
	agent, err := did.Parse(p.DID)
	switch {
	case p.DID == "" || err != nil:
		t.lost("/did", "a passport of this library is for a DID, and this one has none")
	case p.Status != "active" && !t.any:
		t.lost("/status", "the passport is %s: whether one is, is on a status list and not in it", p.Status)
	}
	until := o.Until
	if until.IsZero() {
		until = p.ExpiresAt
	}
	if until.IsZero() {
		t.lost("/expires_at", "a passport of this library always ends, and this one does not say when")
	}
	if !p.ExpiresAt.IsZero() && p.ExpiresAt.Before(until) {
		until = p.ExpiresAt
	}
	issuer := o.Issuer
	if issuer.IsZero() {
		issuer = agent
	}
	out := &passport.Passport{ID: urn(p.ID), Issuer: issuer, Agent: agent, ValidFrom: p.CreatedAt, ValidUntil: until,
		Name: p.Metadata.Get("name").Str(), Role: p.Others.Get("role").Str(),
		Description: p.Others.Get("description").Str(), Framework: p.Others.Get("framework").Str()}
	if name := p.Others.Get("name").Str(); name != "" {
		out.Name = name
	}
	if p.Parent != "" {
		out.TemplateID = urn(p.Parent)
	}
	owner := ownerURN + p.OwnerID
	if strings.Contains(p.OwnerID, ":") {
		owner = p.OwnerID // an IRI already
	}
	if p.OwnerType == "org" {
		out.OrganizationDID = owner
	} else {
		out.HumanPrincipal = owner
	}
	out.Authority.Assurance = passport.Assurance{Level: p.Assurance}
	t.capabilities()
	t.limits()
	if len(p.Regions) == 0 {
		t.lost("/regions", "an empty list allows no region, which a passport of this library cannot say")
	} else if out.Authority.Regions, err = passport.ExpandRegions(p.Regions...); err != nil {
		t.lost("/regions", "%v", err)
	}
	out.Authority.Capabilities, out.Authority.SpendLimits = t.caps, t.spend
	ext, err := credential.ParseValue(`{"` + Extension + `":` + string(p.JSON()) + `}`)
	if err != nil {
		t.lost("", "%v", err)
	}
	out.Extensions = ext
	return out
}

// urn makes the id of a passport of this library from that of an OAP passport: the
// same for the same. An id that this package made of one is turned back.
func urn(id string) string {
	if rest, ok := strings.CutPrefix(id, "ap_"); ok {
		if u, err := ulid.ParseStrict(strings.ToUpper(rest)); err == nil && strings.ToLower(u.String()) == rest {
			return passport.PassportURN + u.String()
		}
	}
	sum := sha256.Sum256([]byte("oap passport id\n" + id))
	return passport.PassportURN + ulid.ULID(sum[:16]).String()
}

func (t *translation) capabilities() {
	for i, c := range t.from.Capabilities {
		at := fmt.Sprintf("/capabilities/%d", i)
		if err := passport.CheckAction(c.ID); err != nil {
			t.lost(at+"/id", "%v", err)
			return
		}
		t.caps = append(t.caps, passport.Capability{Action: c.ID})
		amount, currency := c.Params.Get("max_amount"), c.Params.Get("currency")
		for name, v := range c.Params.Members() {
			switch {
			case name == "max_amount" && amount.Exists() && currency.Exists():
				t.money(at+"/params/max_amount", c.ID, amount, currency.Str(), passport.PerTransaction)
			case name == "currency" && amount.Exists():
			default:
				t.param(at+"/params/"+pointer(name), c.ID, name, v)
			}
		}
	}
}

// capability finds the capability of an id.
func (t *translation) capability(id string) *passport.Capability {
	i := slices.IndexFunc(t.caps, func(c passport.Capability) bool { return c.Action == id })
	if i < 0 {
		return nil
	}
	return &t.caps[i]
}

// money adds a limit in minor units, the lower of two for one thing.
func (t *translation) money(at, action string, v credential.Value, currency string, per passport.Period) {
	m, err := passport.ParseMinorUnits(v.Raw(), currency)
	if err != nil {
		t.lost(at, "%v", err)
		return
	}
	for i := range t.spend {
		l := &t.spend[i]
		if l.Action == action && l.Per == per && l.Money.SameAsset(m) {
			if m.Cmp(l.Money) < 0 {
				l.Money = m
			}
			return
		}
	}
	t.spend = append(t.spend, passport.SpendLimit{Money: m, Per: per, Action: action})
}

// lists are the members that are a list of what an attribute of the act may be.
var lists = map[string]string{
	"allowed_collections": "collection", "allowed_recipients": "recipient",
	"allowed_destination_types": "destination_type",
	"allowed_branches":          "branch", "allowed_base_branches": "base_branch", "allowed_repos": "repository",
	"reason_codes": "reason_code", "refund_reason_codes": "reason_code", "allowed_formats": "format",
	"allowed_methods": "method", "allowed_environments": "environment", "channels_allowlist": "channel",
	"allowed_roles": "role", "allowed_merchant_ids": "merchant_id", "allowed_session_types": "session_type",
}

// rates are the members that bound how often the action happens.
var rates = map[string]string{
	"msgs_per_min": "max_per_minute", "msgs_per_day": "max_per_day", "max_payouts_per_day": "max_per_day",
	"max_releases_per_day": "max_per_day", "max_per_minute": "max_per_minute", "max_per_hour": "max_per_hour",
	"max_per_day": "max_per_day", "max_calls_per_minute": "max_per_minute", "max_requests_per_minute": "max_per_minute",
}

// param carries one parameter, or one member of a block, to the capability.
func (t *translation) param(at, id, name string, v credential.Value) {
	p := passport.Param{Name: name}
	n, isCount := v.Int()
	b, isBool := v.Bool()
	attribute, isList := lists[name]
	texts, textsOnly := stringsOf(v)
	switch {
	case isCount && n >= 0 && rates[name] != "":
		p.Name, p.Kind, p.Int = rates[name], passport.ParamRate, n
	case isCount && n >= 0 && strings.HasPrefix(name, "max_") && !strings.Contains(name, "_per_"):
		p.Kind, p.Int = passport.ParamMax, n
	case isBool && strings.HasPrefix(name, "allow_"):
		p.Name, p.Kind, p.Bool = strings.TrimPrefix(name, "allow_"), passport.ParamBool, b
	case textsOnly && isList && len(texts) > 0:
		p.Name, p.Kind, p.Strings = attribute, passport.ParamStrings, texts
	default:
		t.lost(at, "%.80q has no place in a passport of this library", name)
		return
	}
	c := t.capability(id)
	for i := range c.Params {
		if c.Params[i].Name == p.Name {
			t.lost(at, "%.80q is stated twice, in the capability and in limits", name)
			return
		}
	}
	c.Params = append(c.Params, p)
}

func stringsOf(v credential.Value) (out []string, ok bool) {
	for item := range v.Items() {
		s, ok := item.LookupStr()
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

func (t *translation) limits() {
	for name, block := range t.from.Limits.Members() {
		at := "/limits/" + pointer(name)
		switch {
		case slices.Contains(t.judged, name):
		case t.capability(name) == nil:
			t.lost(at, "%.80q is not one of the capabilities, and no pack of the host judges it", name)
		default:
			t.block(at, name, block)
		}
	}
}

func (t *translation) block(at, id string, block credential.Value) {
	currencies := block.Get("currency_limits")
	for name, v := range block.Members() {
		path := at + "/" + pointer(name)
		flag, isFlag := v.Bool()
		switch {
		case name == "currency_limits":
			t.currencies(path, id, v)
		case name == "supported_currencies":
			for c := range v.Items() {
				if !currencies.Get(c.Str()).Exists() {
					t.lost(path, "%.20q has no limit, and without one nothing may be spent in it here", c.Str())
				}
			}
		case name == "idempotency_required" && isFlag: // every act here has an idempotency key
		case isFlag && !flag && (strings.HasPrefix(name, "require") || strings.HasSuffix(name, "_required")):
		default:
			t.param(path, id, name, v)
		}
	}
}

// windows are the members of a currency's limits.
var windows = map[string]passport.Period{
	"max_per_tx": passport.PerTransaction, "daily_cap": passport.PerDay, "max_daily_amount": passport.PerDay,
}

func (t *translation) currencies(at, id string, v credential.Value) {
	supported := t.from.Limits.Get(id).Get("supported_currencies")
	for currency, caps := range v.Members() {
		if supported.Exists() && !has(supported, currency) {
			t.lost(at+"/"+pointer(currency), "the currency has limits and is not one of supported_currencies")
		}
		for name, most := range caps.Members() {
			path := at + "/" + pointer(currency) + "/" + pointer(name)
			if windows[name] == "" {
				t.lost(path, "%.80q has no place in a passport of this library", name)
				return
			}
			t.money(path, id, most, currency, windows[name])
		}
	}
}

func has(list credential.Value, text string) bool {
	for item := range list.Items() {
		if item.Str() == text {
			return true
		}
	}
	return false
}
