package grantex

import (
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// Passport is what a Grantex passport says. One that [Verifier.Verify] returned
// is proven; in the compatible reading only as far as Grantex' verifier looks.
type Passport struct {
	ID     string // urn:grantex:passport:<ULID>
	Issuer string // a DID

	ValidFrom, ValidUntil time.Time // to the second, as they are signed

	Agent          string // credentialSubject.id: did:grantex:ag_<ULID>, which has no key behind it
	HumanPrincipal string // did:grantex: and free text of the issuer's customer
	Organization   string // organizationDID: always the issuer's own DID
	GrantID        string // grnt_<ULID>

	Categories []string // allowedMPPCategories; empty: none
	MaxAmount  Amount   // maxTransactionAmount: ceiling of one payment
	Rails      []string // paymentRails
	Depth      int      // delegationDepth: of the grant, not of the passport
	Parent     string   // parentPassportId; "": it has none

	Status *Status // nil: it cannot be revoked

	claims string
}

// Amount is an amount as Grantex has it: plain decimal text and a currency.
type Amount struct{ Amount, Currency string }

// Claims returns the signed claims as JSON text, all of them: what the
// compatible reading kept, too. It is "" for a passport that was not read.
func (p *Passport) Claims() string { return p.claims }

// compatible reads what Grantex' verifier returns, whatever it is.
func (d *document) compatible() *Passport {
	s := d.subject
	p := &Passport{ID: d.claims.Get("jti").Text(), Issuer: d.claims.Get("iss").Text(), ValidFrom: d.from,
		ValidUntil: d.until,
		Agent:      s.Get("id").Text(), HumanPrincipal: s.Get("humanPrincipal").Text(),
		Organization: s.Get("organizationDID").Text(),
		GrantID:      s.Get("grantId").Text(), Parent: s.Get("parentPassportId").Text(), claims: d.payload,
		MaxAmount: Amount{s.Get("maxTransactionAmount").Get("amount").Text(),
			s.Get("maxTransactionAmount").Get("currency").Text()}}
	for _, c := range s.Get("allowedMPPCategories").Items() {
		p.Categories = append(p.Categories, c.Text())
	}
	for _, rail := range s.Get("paymentRails").Items() {
		p.Rails = append(p.Rails, rail.Text())
	}
	p.Depth, _ = index(s.Get("delegationDepth").Text())
	return p
}

// UnverifiedID returns the id that a header value claims, "" if it cannot be
// read: to find a passport again, and for nothing else.
func UnverifiedID(header string) string {
	d, err := Compatible.read(header)
	if err != nil {
		return ""
	}
	return d.envelope.Get("id").Text()
}

// asked compares what the act needs with the signed claims.
func (v *Verifier) asked(d *document) *Error {
	allowed := d.subject.Get("allowedMPPCategories")
	for _, c := range v.RequiredCategories {
		if allowed.Kind() != laxjson.Array || !includes(allowed, c) {
			return refuse(CategoryMismatch, "/credentialSubject/allowedMPPCategories",
				"the category %.80q is not allowed", c)
		}
	}
	if v.Amount == "" {
		return nil
	}
	const path = "/credentialSubject/maxTransactionAmount/amount"
	want, ok := decimal.Parse(v.Amount)
	if !ok {
		return refuse(MalformedCredential, "", "the amount that is asked for, %.40q, is not a decimal number", v.Amount)
	}
	most := d.subject.Get("maxTransactionAmount").Get("amount")
	limit, ok := decimal.Parse(most.Text())
	switch {
	case !ok || most.Kind() != laxjson.Number:
		return unusable(path, "want a number, not %s", most.Kind())
	case v.Reading == Strict && want.Sign() < 0:
		return refuse(MalformedCredential, "", "the amount that is asked for is negative")
	case v.Reading == Strict && limit.Cmp(&want) < 0,
		v.Reading == Compatible && double(most.Text()) < double(v.Amount):
		return refuse(AmountExceeded, path, "the ceiling of one payment is %.40s", limit.String())
	}
	return nil
}

// parent judges a passport with a parent: Grantex narrows nothing at issue and
// stops no child of a revoked parent, so a reader must see the parent itself.
func (v *Verifier) parent(p *Passport, at time.Time) *Error {
	const path = "/credentialSubject/parentPassportId"
	if p.Parent == "" {
		return nil
	}
	if v.above == maxDepth {
		return unusable(path, "more than %d parents, one above the other", maxDepth)
	}
	var texts []string
	if v.Parents != nil {
		texts = v.Parents(p.Parent)
	}
	w := *v
	w.RequiredCategories, w.Amount = nil, ""
	w.above++
	refused := refuse(RevocationCheckFailed, path,
		"the parent %.80q is not at hand, so whether it was revoked, or allowed as much, is not known", p.Parent)
	refused.ParentMissing = true
	for _, text := range texts {
		above, err := w.prove(text, at)
		if err != nil {
			continue // nobody signed that one
		}
		if above.claims.Get("jti").Text() != p.Parent {
			continue
		}
		parent, err := w.judge(above, at)
		if err == nil {
			err = p.narrows(parent)
		}
		if err == nil {
			return nil
		}
		err.err.Path = path
		refused = err
	}
	return refused
}

// narrows reports a child that may do more than its parent.
func (p *Passport) narrows(parent *Passport) *Error {
	const path = "/credentialSubject"
	within := func(child, parent []string) bool {
		return !slices.ContainsFunc(child, func(s string) bool { return !slices.Contains(parent, s) })
	}
	mine, _ := decimal.Parse(p.MaxAmount.Amount)
	above, _ := decimal.Parse(parent.MaxAmount.Amount)
	switch {
	case p.Issuer != parent.Issuer || p.HumanPrincipal != parent.HumanPrincipal:
		return mismatch(path, "the parent is of another issuer or principal")
	case !within(p.Categories, parent.Categories):
		return mismatch(path+"/allowedMPPCategories", "more categories than the parent has")
	case !within(p.Rails, parent.Rails):
		return mismatch(path+"/paymentRails", "more payment rails than the parent has")
	case p.MaxAmount.Currency != parent.MaxAmount.Currency || mine.Cmp(&above) > 0:
		return mismatch(path+"/maxTransactionAmount", "more than the parent's ceiling, or another currency")
	case p.ValidUntil.After(parent.ValidUntil):
		return mismatch("/validUntil", "the passport outlives its parent")
	}
	return nil
}
