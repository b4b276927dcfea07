package passport

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// Descent walks down a chain of passports, root first, and keeps what they
// allow together. It compares the passports with each other; signatures,
// times and status are for others to judge. The zero Descent is above the
// root. It keeps the passports, which must not change any more.
type Descent struct {
	effective *Effective // of the whole chain, once it is settled
	above     *Effective // of what is above the last link
	alone     *alone
	owed      bool // of the last link, effective has the capabilities only
	leaf      *Passport
	digest    func() string
	agents    []did.DID // of every link, and the root's issuer; nil until there is a second link
	principal string
	org       string
	grant     string
}

// alone is what the root, and what the last link, allow by themselves: to be
// looked at, and to be written over.
type alone struct{ root, link Effective }

// settle brings effective up to date. Of the last link of most chains nobody asks
// for that; only that its capabilities are not too many is a rule of the descent.
func (d *Descent) settle() {
	if !d.owed {
		return
	}
	for _, f := range facets {
		if f != &capabilityFacet {
			f.meet(d.effective, d.above, &d.alone.link)
		}
	}
	d.owed = false
}

// Effective returns the authority of the chain walked so far; nil above the
// root.
func (d *Descent) Effective() *Effective {
	d.settle()
	if d.effective == nil && d.leaf != nil {
		d.effective = d.leaf.Authority.Effective()
	}
	return d.effective
}

// Next takes the next link. digest returns the digest of its signed form and
// is called only if there is a link below. The errors are joined:
// delegation.invalid (issuer, cycles, accountable parties),
// delegation.parent_mismatch, delegation.too_deep, and delegation.widened, also
// for a link that begins before its parent or ends after it.
func (d *Descent) Next(p *Passport, digest func() string) error {
	if d.leaf == nil {
		if p.Delegated() {
			return &Error{Code: code.DelegationInvalid, Path: "/delegationDepth", Detail: "the first passport of a chain is not a delegated link"}
		}
		d.principal, d.org, d.grant = p.HumanPrincipal, p.OrganizationDID, p.GrantID
		d.leaf, d.digest = p, digest
		return nil
	}
	if d.agents == nil {
		d.agents = append(make([]did.DID, 0, 8), d.leaf.Issuer, d.leaf.Agent) // as many as most chains need
	}
	var errs []error
	errs = append(errs, d.parentage(p)...)
	errs = append(errs, d.depth(p)...)
	errs = append(errs, d.accountable(p)...)
	d.settle()
	if d.alone == nil {
		d.alone = &alone{}
	}
	if d.above = d.effective; d.above == nil {
		d.above = d.leaf.Authority.alone(&d.alone.root)
	}
	link := p.Authority.alone(&d.alone.link)
	if errs = append(errs, d.above.narrow(link)...); len(errs) > 0 {
		return errors.Join(errs...)
	}
	d.effective, d.owed = &Effective{}, true
	capabilityFacet.meet(d.effective, d.above, link)
	if d.effective.tooMany {
		return &Error{Code: code.EnvelopeTooLarge, Path: "/capabilities", Detail: "the capabilities of the chain overlap in too many ways"}
	}
	d.agents = append(d.agents, p.Agent)
	d.leaf, d.digest = p, digest
	return nil
}

func (d *Descent) parentage(p *Passport) (errs []error) {
	bad := func(c code.Code, path, detail, limit, actual string) {
		errs = append(errs, &Error{Code: c, Path: path, Detail: detail, Limit: limit, Actual: actual})
	}
	if p.Issuer != d.leaf.Agent {
		bad(code.DelegationInvalid, "/issuer", "a delegated passport is issued by the agent of the one above it", d.leaf.Agent.String(), p.Issuer.String())
	}
	if p.ParentPassportID != d.leaf.ID {
		bad(code.DelegationParentMismatch, "/parentPassportId", "the link names another parent", d.leaf.ID, p.ParentPassportID)
	}
	if d.digest != nil {
		if want := d.digest(); p.ParentDigest != want {
			bad(code.DelegationParentMismatch, "/parentDigest", "the link was made below another edition of its parent", want, p.ParentDigest)
		}
	}
	for _, a := range d.agents {
		if a == p.Agent || oneKey(a, p.Agent) {
			bad(code.DelegationInvalid, "/id", "the agent is in the chain already: authority cannot go in a circle", "", p.Agent.String())
			break
		}
	}
	if late := p.ValidUntil.After(d.leaf.ValidUntil); late || p.ValidFrom.Before(d.leaf.ValidFrom) {
		path := "/validFrom"
		if late {
			path = "/validUntil"
		}
		bad(code.DelegationWidened, path, "the link is valid outside its parent's validity", span(d.leaf), span(p))
	}
	return errs
}

// oneKey reports whether two identifiers are made of one key. A did:jwk has many
// spellings, and each key one did:key besides. What other methods name is for a
// verifier to tell, who looks it up.
func oneKey(a, b did.DID) bool {
	if a.Method() != "jwk" && b.Method() != "jwk" {
		return false // of one key there is one did:key
	}
	k := keyOf(a)
	return k != (did.PublicKey{}) && k == keyOf(b)
}

// keyOf returns the key that an identifier is made of, the zero key if it is not
// made of one.
func keyOf(d did.DID) did.PublicKey {
	fragment := "0"
	if d.Method() == "key" {
		fragment = d.SpecificID()
	}
	id, err := d.URL(fragment)
	if err != nil {
		return did.PublicKey{}
	}
	key, err := did.ResolveKey(context.Background(), did.KeyMethods(), id, did.Authentication, time.Time{})
	if err != nil {
		return did.PublicKey{}
	}
	return key
}

func span(p *Passport) string {
	return p.ValidFrom.UTC().Format(time.RFC3339) + " to " + p.ValidUntil.UTC().Format(time.RFC3339)
}

// depth: own depth ≤ child's ≤ parent's; a parent that states none may not
// delegate at all.
func (d *Descent) depth(p *Passport) (errs []error) {
	own, deepest := d.leaf.DelegationDepth, d.leaf.Authority.MaxDelegationDepth
	if deepest == 0 {
		deepest = own
	}
	if p.DelegationDepth != own+1 {
		errs = append(errs, &Error{Code: code.DelegationInvalid, Path: "/delegationDepth",
			Detail: "each link is one deeper than its parent", Limit: itoa(own + 1), Actual: itoa(p.DelegationDepth)})
	}
	if p.DelegationDepth > deepest {
		errs = append(errs, &Error{Code: code.DelegationTooDeep, Path: "/delegationDepth",
			Detail: "deeper than the passport above allows (its MaxDelegationDepth)", Limit: itoa(deepest), Actual: itoa(p.DelegationDepth)})
	}
	return errs
}

// accountable: who answers for the agent, and the grant, are equal along the
// chain; a link may leave them out, and may not bring them in.
func (d *Descent) accountable(p *Passport) (errs []error) {
	for _, f := range []struct{ path, above, own string }{
		{"/humanPrincipal", d.principal, p.HumanPrincipal},
		{"/organizationDID", d.org, p.OrganizationDID},
		{"/grantId", d.grant, p.GrantID},
	} {
		if f.own != "" && f.own != f.above {
			errs = append(errs, &Error{Code: code.DelegationInvalid, Path: f.path,
				Detail: "not what the root of the chain says", Limit: orNone(f.above), Actual: f.own})
		}
	}
	return errs
}

func itoa(n int) string { return strconv.Itoa(n) }

// Narrows says what the last link takes away from what those above it allow together; nothing of a root. The passports
// are read and compared, as [Descent] does it; nothing is verified. The error is that of the first link that cannot be
// read or does not fit those above it.
func (c Chain) Narrows() ([]Change, error) {
	var d Descent
	for i, s := range c {
		p, err := ReadUnverified(s)
		if err != nil {
			return nil, err
		}
		var changes []Change
		if last := i == len(c)-1; last && i > 0 {
			changes = d.Effective().Diff(&p.Authority)
		}
		if err := d.Next(p, s.Digest); err != nil || i == len(c)-1 {
			return changes, err
		}
	}
	return nil, nil
}
