package main

import (
	"context"
	"encoding/json"
	"strconv"
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

const orgPrefix = "ap_org_"

// G12: the list of an organisation. A passport that is suspended reads as revoked meanwhile: there is no other bit.
// As there, nobody has signed the list: what is signed are those of the office.
func grantexStatus(c *call) (any, error) {
	id := c.r.PathValue("id")
	org, number, _ := strings.Cut(strings.TrimPrefix(id, listPrefix), "-")
	if n, err := strconv.Atoi(number); err != nil || n < 1 || !strings.HasPrefix(id, listPrefix) {
		return nil, errNoList
	}
	list, err := c.bits(c.ctx(), orgPrefix+org, "/"+string(statuslist.Revocation)+"-"+number)
	if err != nil {
		return nil, err
	}
	type subject struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Purpose string `json:"statusPurpose"`
		Encoded string `json:"encodedList"`
	}
	url := c.grantexURL() + "/v1/credentials/status/" + id
	return struct {
		Context []string `json:"@context"`
		ID      string   `json:"id"`
		Type    []string `json:"type"`
		Issuer  string   `json:"issuer"`
		Issued  string   `json:"issued"`
		Subject subject  `json:"credentialSubject"`
	}{
		[]string{"https://www.w3.org/ns/credentials/v2", "https://w3id.org/vc/status-list/2021/v1"}, url,
		[]string{"VerifiableCredential", "StatusList2021Credential"}, c.grantexDID(), instant(c.Now()),
		subject{url + "#list", "StatusList2021", "revocation", list.Encode(statuslist.StatusList2021)},
	}, nil
}

var errNoList = refuse(registry.NotFound, 0, "there is no such status list")

// bits are those of an organisation's passports on one of the office's lists.
func (s *Server) bits(ctx context.Context, org, list string) (*statuslist.List, error) {
	out, err := statuslist.New(1<<17, 1)
	if err != nil {
		return nil, err
	}
	there := false
	for q := (registry.PassportQuery{Org: org, Limit: 200}); ; {
		page, err := s.Office.Passports.List(ctx, registry.Root(), q)
		if err != nil {
			return nil, errNoList
		}
		for _, p := range page.Items {
			for _, place := range p.Places {
				if p.Grant == "" || place.Purpose != statuslist.Revocation || !strings.HasSuffix(place.List, list) {
					continue
				}
				there = true
				if p.Status == registry.Revoked || p.Status == registry.Suspended {
					if err := out.Set(place.Index, 1); err != nil {
						return nil, err
					}
				}
				break
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if !there {
		return nil, errNoList // also of an organisation that has none
	}
	return out, nil
}
