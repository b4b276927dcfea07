package grantex

import (
	"errors"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

var conform = seam.MustBorrow[func(*passport.Passport) error]("passport.conform")

// extension is the member of Passport.Extensions with what Grantex says and this
// library has no other word for.
const extension = "grantex"

// Translate makes a passport of this library: its categories as they are, each
// with the action "payments:mpp:<category>", the ceiling of one payment, the
// rails, the principal, the grant. What
// Grantex calls delegationDepth and parentPassportId is carried in Extensions,
// since it narrows nothing. A member that cannot be carried is an [*Error] that
// names it: nothing is dropped.
func (p *Passport) Translate() (*passport.Passport, error) {
	out := &passport.Passport{ID: p.ID, ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil,
		HumanPrincipal:  p.HumanPrincipal,
		OrganizationDID: p.Organization, GrantID: p.GrantID}
	cannot := func(path string, err error) (*passport.Passport, error) {
		return nil, unusable(path, "cannot be carried over: %v", err)
	}
	var err error
	if out.Issuer, err = did.Parse(p.Issuer); err != nil {
		return cannot("/issuer", err)
	}
	if out.Agent, err = did.Parse(p.Agent); err != nil {
		return cannot("/credentialSubject/id", err)
	}
	a := &out.Authority
	if a.MaxTransaction, err = passport.ParseMoney(p.MaxAmount.Amount, p.MaxAmount.Currency); err != nil {
		return cannot("/credentialSubject/maxTransactionAmount", err)
	}
	a.Categories, a.Rails = slices.Clone(p.Categories), slices.Clone(p.Rails)
	for _, c := range p.Categories {
		a.Capabilities = append(a.Capabilities, passport.Capability{Action: passport.MPPScopePrefix + c})
	}
	if p.Status != nil {
		out.Status = []statuslist.Entry{{Encoding: statuslist.StatusList2021, ID: p.Status.id(),
			Purpose: statuslist.Revocation,
			URL:     p.Status.List, Index: p.Status.Index}}
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name(extension)
	w.BeginObject()
	w.Name("delegationDepth")
	w.Int(int64(p.Depth))
	w.Member("parentPassportId", p.Parent)
	w.EndObject()
	w.EndObject()
	if out.Extensions, err = credential.ParseValue(string(w.Buf)); err != nil {
		return cannot("/credentialSubject/parentPassportId", err)
	}
	if err := conform(out); err != nil {
		var place *passport.Error
		if errors.As(err, &place) {
			return nil, unusable(foreignPath(place.Path), "cannot be carried over: %s", place.Detail)
		}
		return cannot("", err)
	}
	return out, nil
}

// foreignPath is a place in a passport of ours as Grantex calls it: the names
// are the same, but for the capabilities.
func foreignPath(path string) string {
	if strings.HasPrefix(path, "/credentialSubject/capabilities") {
		return "/credentialSubject/allowedMPPCategories"
	}
	return path
}

// Of makes a Grantex passport of one of this library, for [Emit]. The error names
// what Grantex cannot say: a limit that its verifier would not see must not be
// lost on the way.
func Of(p *passport.Passport) (Passport, error) {
	a := &p.Authority
	out := Passport{ID: p.ID, Issuer: p.Issuer.String(), ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil,
		Agent:          p.Agent.String(),
		HumanPrincipal: p.HumanPrincipal, Organization: p.OrganizationDID, GrantID: p.GrantID,
		Categories: slices.Clone(a.Categories), Rails: slices.Clone(a.Rails),
		MaxAmount: Amount{a.MaxTransaction.Amount(), a.MaxTransaction.Currency()}}
	if out.Organization == "" {
		out.Organization = out.Issuer
	}
	if len(p.Status) == 1 && p.Status[0].Encoding == statuslist.StatusList2021 &&
		p.Status[0].Purpose == statuslist.Revocation {
		out.Status = &Status{List: p.Status[0].URL, Index: p.Status[0].Index}
	} else if len(p.Status) > 0 {
		return Passport{}, unusable("/credentialStatus",
			"Grantex has one StatusList2021Entry for revocation, and no other")
	}
	for _, m := range []struct {
		there bool
		path  string
	}{
		{!slices.EqualFunc(a.Capabilities, a.Categories, plainPayment), "/credentialSubject/capabilities"},
		{len(a.DeniedActions) > 0, "/credentialSubject/deniedActions"},
		{len(a.SpendLimits) > 0, "/credentialSubject/spendLimits"},
		{len(a.Limits) > 0, "/credentialSubject/limits"},
		{len(a.Payees) > 0, "/credentialSubject/payees"},
		{len(a.Resources) > 0, "/credentialSubject/resources"},
		{len(a.Audiences) > 0, "/credentialSubject/audiences"},
		{len(a.Regions) > 0, "/credentialSubject/regions"},
		{len(a.TimeWindows) > 0, "/credentialSubject/timeWindows"},
		{p.Consent != passport.Consent{}, "/credentialSubject/consent"},
		{!p.Attestation.IsZero(), "/credentialSubject/attestation"},
		{!a.Assurance.IsZero(), "/credentialSubject/assurance"},
		{a.MaxDelegationDepth > 0, "/credentialSubject/maxDelegationDepth"},
		{p.Delegated(), "/credentialSubject/delegationDepth"},
		{p.TemplateID != "", "/credentialSubject/templateId"},
		{p.Name+p.Description+p.Role+p.Framework != "", "/credentialSubject/name"},
		{p.IssuerName+p.IssuerDescription != "", "/issuer/name"},
	} {
		if m.there {
			return Passport{}, unusable(m.path, "Grantex has no word for the member, so it cannot be carried over")
		}
	}
	return out, out.extended(p.Extensions)
}

// plainPayment reports the capability that a category has by itself.
func plainPayment(c passport.Capability, category string) bool {
	return c.Action == passport.MPPScopePrefix+category && len(c.Params) == 0
}

// extended reads what [Passport.Translate] put into Extensions.
func (p *Passport) extended(v credential.Value) error {
	for name, m := range v.Members() {
		if name != extension {
			return unusable("/credentialSubject/extensions", "Grantex has no word for %.80q", name)
		}
		if depth, ok := m.Get("delegationDepth").Int(); ok {
			p.Depth = int(depth)
		}
		p.Parent = m.Get("parentPassportId").Str()
	}
	return nil
}
