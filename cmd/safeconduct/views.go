package main

import (
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
)

// The shapes in which passports and intents stand in the answers of -json.
// They are part of the interface (see outputVersion); the Go types of the
// library are not, and so are never marshalled themselves.

type passportJSON struct {
	ID         string       `json:"id"`
	Issuer     string       `json:"issuer"`
	Agent      string       `json:"agent"`
	Name       string       `json:"name,omitempty"`
	Principal  string       `json:"humanPrincipal,omitempty"`
	Org        string       `json:"organizationDID,omitempty"`
	ValidFrom  string       `json:"validFrom"`
	ValidUntil string       `json:"validUntil"`
	Depth      int          `json:"delegationDepth"`
	Status     []statusJSON `json:"status,omitempty"`
}

type statusJSON struct {
	Purpose string `json:"purpose"`
	URL     string `json:"url"`
	Index   int    `json:"index"`
}

func newPassportJSON(p *passport.Passport) passportJSON {
	j := passportJSON{
		ID: p.ID, Issuer: p.Issuer.String(), Agent: p.Agent.String(), Name: p.Name,
		Principal: p.HumanPrincipal, Org: p.OrganizationDID,
		ValidFrom: datetime.Format(p.ValidFrom), ValidUntil: datetime.Format(p.ValidUntil),
		Depth: p.DelegationDepth,
	}
	for _, e := range p.Status {
		j.Status = append(j.Status, statusJSON{string(e.Purpose), e.URL, e.Index})
	}
	return j
}

// changeJSON is one facet of authority that a link of a chain narrows.
type changeJSON struct {
	Facet  string `json:"facet"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func newChangesJSON(list []passport.Change) []changeJSON {
	out := make([]changeJSON, 0, len(list))
	for _, c := range list {
		out = append(out, changeJSON{c.Facet, c.Before, c.After})
	}
	return out
}

type moneyJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type intentJSON struct {
	ID         string          `json:"id"`
	PassportID string          `json:"passportId"`
	Action     string          `json:"action"`
	Resource   string          `json:"resource,omitempty"`
	Amount     *moneyJSON      `json:"amount,omitempty"`
	Payee      string          `json:"payee,omitempty"`
	Category   string          `json:"category,omitempty"`
	Rail       string          `json:"rail,omitempty"`
	Region     string          `json:"region,omitempty"`
	Parameters json.RawMessage `json:"parameters,omitempty"`
	BodyDigest string          `json:"bodyDigest,omitempty"`
	IssuedAt   string          `json:"issuedAt"`
	ExpiresAt  string          `json:"expiresAt"`
}

func newIntentJSON(in *passport.Intent) intentJSON {
	j := intentJSON{
		ID: in.ID, PassportID: in.PassportID, Action: in.Action, Resource: in.Resource, Payee: in.Payee,
		Category: in.Category, Rail: in.Rail, Region: in.Region, BodyDigest: in.BodyDigest,
		IssuedAt: datetime.Format(in.IssuedAt), ExpiresAt: datetime.Format(in.ExpiresAt),
	}
	if !in.Amount.IsZero() {
		j.Amount = &moneyJSON{in.Amount.Amount(), in.Amount.Currency()}
	}
	if in.Attributes.Exists() {
		j.Parameters = json.RawMessage(in.Attributes.Raw())
	}
	return j
}

type proofJSON struct {
	Type      string   `json:"type"`
	Suite     string   `json:"cryptosuite,omitempty"`
	Method    string   `json:"verificationMethod"`
	Purpose   string   `json:"proofPurpose"`
	Created   string   `json:"created,omitempty"`
	Expires   string   `json:"expires,omitempty"`
	Audience  []string `json:"domain,omitempty"`
	Challenge string   `json:"challenge,omitempty"`
}

func newProofsJSON(list []credential.ProofInfo) []proofJSON {
	out := make([]proofJSON, 0, len(list))
	for _, p := range list {
		out = append(out, proofJSON{
			Type: p.Type, Suite: p.Cryptosuite, Method: p.VerificationMethod.String(), Purpose: string(p.Purpose),
			Created: instant(p.Created), Expires: instant(p.Expires), Audience: p.Domain, Challenge: p.Challenge,
		})
	}
	return out
}

// instant formats an instant, "" for the zero one.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return datetime.Format(t)
}
