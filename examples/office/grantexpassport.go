package main

import (
	"encoding/json"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	gx "github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
)

// worn is a passport in Grantex's form, as its own verifier takes it: the claims of the credential that the office has
// signed, in a JWT of RS256. It is the same text each time. depths are those of grants that were looked up before.
func (c *call) worn(p *registry.Passport, depths map[string]int) (json.RawMessage, error) {
	depth, ok := depths[p.Grant]
	if !ok {
		g, err := c.Office.Grants.Get(c.ctx(), c.by, p.Grant)
		if err != nil {
			return nil, err
		}
		depth = g.Depth
		depths[p.Grant] = depth
	}
	v, err := credential.ParseValue(p.Credential)
	if err != nil {
		return nil, err
	}
	subject := v.Get("credentialSubject")
	most := subject.Get("maxTransactionAmount")
	out := gx.Passport{
		ID: p.ID, Issuer: c.grantexDID(), ValidFrom: p.IssuedAt, ValidUntil: p.ExpiresAt,
		Agent:          subject.Get("id").Str(),
		HumanPrincipal: subject.Get("humanPrincipal").Str(), Organization: c.grantexDID(), GrantID: p.Grant,
		Categories: texts(subject.Get("allowedMPPCategories")), Rails: texts(subject.Get("paymentRails")),
		MaxAmount: gx.Amount{Amount: plain(most.Get("amount").Str()), Currency: most.Get("currency").Str()},
		Depth:     depth, Parent: p.Parent,
	}
	if out.Status, err = c.entry(p); err != nil {
		return nil, err
	}
	header, err := gx.Emit(gx.Signer{KeyID: c.tokens.ID, Key: c.TokenKey}, out)
	if err != nil {
		return nil, err
	}
	return b64.DecodeString(header)
}

func texts(list credential.Value) (out []string) {
	for item := range list.Items() {
		out = append(out, item.Str())
	}
	return out
}

// plain is an amount as JavaScript writes the number: without zeros at its end.
func plain(amount string) string {
	if whole, fraction, ok := strings.Cut(amount, "."); ok {
		if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
			return whole
		}
		return whole + "." + fraction
	}
	return amount
}

const listPrefix = "vcsl_"

// entry is where Grantex's verifiers look up a passport: a list of its own organisation, at the place that it has in
// the office's list.
func (s *Server) entry(p *registry.Passport) (*gx.Status, error) {
	for _, place := range p.Places {
		if place.Purpose == statuslist.Revocation {
			_, number, _ := strings.Cut(place.List, "/"+string(statuslist.Revocation)+"-")
			id := listPrefix + strings.TrimPrefix(p.Org, orgPrefix) + "-" + number
			return &gx.Status{List: s.grantexURL() + "/v1/credentials/status/" + id, Index: place.Index}, nil
		}
	}
	return nil, refuse(registry.Internal, 0, "the passport %s has no place for its revocation", p.ID)
}
