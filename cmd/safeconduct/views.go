package main

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	people "github.com/safeconduct/safeconduct/verify/view"
)

// The shapes in which passports and intents stand in the answers of -json. They are part of the interface (see
// outputVersion); the Go types of the library are not, and so are never marshalled themselves.

func passportView(p *passport.Passport) view {
	var status []view
	for _, e := range p.Status {
		status = append(status, entryView(e))
	}
	return view{
		{"id", "", p.ID}, {"issuer", "", p.Issuer.String()}, {"agent", "", p.Agent.String()}, {"name", "", p.Name},
		{"humanPrincipal", "", p.HumanPrincipal}, {"organizationDID", "", p.OrganizationDID},
		{"validFrom", "", instant(p.ValidFrom)}, {"validUntil", "", instant(p.ValidUntil)},
		{"delegationDepth", "", p.DelegationDepth}, {"status", "", status},
	}
}

func entryView(e statuslist.Entry) view {
	return view{{"purpose", "", string(e.Purpose)}, {"url", "", e.URL}, {"index", "", e.Index}}
}

// changeViews are the facets of authority that a link of a chain narrows.
func changeViews(list []passport.Change) []view {
	out := make([]view, 0, len(list))
	for _, c := range list {
		out = append(out, view{{"facet", "", c.Facet}, {"before", "", c.Before}, {"after", "", c.After}})
	}
	return out
}

func intentView(in *passport.Intent, now time.Time) view {
	v := view{{"id", "intent", in.ID}, {"", "act", people.Act(&in.Act)}, {"passportId", "passport", in.PassportID}, {"action", "", in.Action}, {"resource", "", in.Resource}}
	if !in.Amount.IsZero() {
		v = append(v, row{"amount", "", view{{"amount", "", in.Amount.Amount()}, {"currency", "", in.Amount.Currency()}}})
	}
	v = append(v, view{
		{"payee", "", in.Payee}, {"category", "", in.Category}, {"rail", "", in.Rail}, {"region", "", in.Region},
	}...)
	if in.Attributes.Exists() {
		v = append(v, row{"parameters", "parameters", json.RawMessage(in.Attributes.Raw())})
	}
	return append(v, view{
		{"bodyDigest", "body digest", in.BodyDigest},
		{"issuedAt", "issued", datetime.Format(in.IssuedAt)}, {"expiresAt", "", datetime.Format(in.ExpiresAt)},
		{"", "ends", during(in.ExpiresAt, !now.Before(in.ExpiresAt), " (over)")},
	}...)
}

func proofViews(list []credential.ProofInfo) []view {
	out := make([]view, 0, len(list))
	for _, p := range list {
		out = append(out, view{
			{"", "proof by", p.VerificationMethod.String()},
			{"type", ifTrue(p.Cryptosuite == "", "form"), p.Type}, {"cryptosuite", "suite", p.Cryptosuite},
			{"verificationMethod", "", p.VerificationMethod.String()}, {"proofPurpose", "made for", string(p.Purpose)},
			{"created", "created", instant(p.Created)}, {"expires", "expires", instant(p.Expires)},
			{"domain", "audience", p.Domain}, {"challenge", "challenge", p.Challenge},
		})
	}
	return out
}

// passportLines are what a passport says to people, beside what every credential says.
func passportLines(p *passport.Passport) view {
	v := view{
		{"", "agent", p.Agent.String()}, {"", "name", p.Name}, {"", "principal", p.HumanPrincipal}, {"", "organization", p.OrganizationDID},
		{"", "consent", p.Consent.ID}, {"", "parent", p.ParentPassportID}, {"", "depth", ifTrue(p.Delegated(), strconv.Itoa(p.DelegationDepth))},
	}
	for _, e := range p.Status {
		v = append(v, row{"", string(e.Purpose), e.URL + ", index " + strconv.Itoa(e.Index)})
	}
	for name, text := range people.Facets(p.Authority.Effective()) {
		v = append(v, row{"", name, text})
	}
	return v
}

// authorityView is what a chain allows together: every facet as texts, and what programs ask for most as values.
func authorityView(e *passport.Effective) view {
	may, most, facets := []view{}, []view{}, []view{}
	for _, c := range e.Capabilities() {
		may = append(may, view{{"action", "", c.Action}, {"text", "", c.String()}})
	}
	for _, l := range e.SpendLimits() {
		most = append(most, view{
			{"amount", "", l.Money.Amount()}, {"currency", "", l.Money.Currency()}, {"per", "", string(l.Per)},
			{"timeZone", "", l.TimeZone}, {"action", "", l.Action},
		})
	}
	for f := range e.Facets() {
		kind, texts := "restriction", []string{}
		if f.Grant {
			kind = "grant"
		}
		if f.Stated {
			texts = append(texts, f.Texts...)
		}
		facets = append(facets, view{{"facet", "", f.Name}, {"kind", "", kind}, {"stated", "", f.Stated}, {"texts", "", texts}})
	}
	return view{{"capabilities", "", may}, {"spendLimits", "", most}, {"assurance", "", string(e.Assurance())}, {"facets", "", facets}}
}
