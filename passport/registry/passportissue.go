package registry

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// basis is what a passport stands on, and in which versions it was looked at.
type basis struct {
	org      *Org
	agent    *Agent
	grant    *Grant
	parent   *Passport // nil: none
	budgets  []*Budget // that its spending is drawn from
	versions [6]int64

	principal, office *Switch
}

// basis loads what a passport is to stand on.
func (s *Passports) basis(tx Tx, by Actor, n *NewPassport) (*basis, error) {
	r := s.r
	b := &basis{org: &Org{}}
	d, a, err := r.Agents.find(tx, by, n.Agent, ScopeIssue)
	if err != nil {
		return nil, asAgent(err)
	}
	b.agent, b.versions[0] = a, d.Version
	if d, b.grant, err = r.Grants.find(tx, by, n.Grant, ScopeIssue); err != nil {
		return nil, asGrant(err)
	}
	b.versions[1] = d.Version
	if d, err = load(tx, kindOrg, a.Org, b.org); err != nil {
		return nil, err
	}
	b.versions[2] = d.Version
	if d, b.principal, err = r.Switches.load(tx, a.Org, b.grant.Principal); err != nil {
		return nil, err
	}
	b.versions[3] = d.Version
	if d, b.office, err = r.Switches.load(tx, "", ""); err != nil {
		return nil, err
	}
	b.versions[4] = d.Version
	switch {
	case a.Status != Active:
		return nil, refuse(InvalidAgent, "Agent", "it is %s", a.Status)
	case b.grant.Agent != a.ID:
		return nil, refuse(InvalidGrant, "Grant", "there is no such grant")
	case b.grant.Status != Active:
		return nil, refuse(InvalidGrant, "Grant", "it is %s", b.grant.Status)
	case b.org.Paused:
		return nil, refuse(Forbidden, "Org", "the organisation is paused")
	case b.principal.Paused:
		return nil, refuse(Forbidden, "Grant", "its principal is paused")
	case b.office.Paused:
		return nil, refuse(Forbidden, "", "the office is paused")
	}
	if b.budgets, err = r.Budgets.line(tx, b.grant); err != nil {
		return nil, err
	}
	if n.Parent != "" {
		if d, b.parent, err = s.above(tx, by, n, b); err != nil {
			return nil, err
		}
		b.versions[5] = d.Version
	}
	return b, nil
}

// tries is how often something is signed that others change meanwhile.
const tries = 5

// Issue issues a passport (G1, G2). What it stands on may change while it is signed;
// then it is made once more.
func (s *Passports) Issue(ctx context.Context, by Actor, n NewPassport) (*Passport, error) {
	again := func(tx Tx, by Actor, id string) (*Passport, error) {
		_, p, _, err := s.find(tx, by, id, ScopeIssue)
		return p, err
	}
	return once(ctx, s.r, by, "passport.issued", n, s.issueWhenStill, again)
}

func (s *Passports) issueWhenStill(ctx context.Context, by Actor, n NewPassport) (*Passport, error) {
	return s.issueAnd(ctx, by, n, func(Tx, *Passport) error { return nil })
}

// issueAnd issues a passport, and calls also in the transaction that writes it.
func (s *Passports) issueAnd(
	ctx context.Context, by Actor, n NewPassport, also func(tx Tx, p *Passport) error,
) (*Passport, error) {
	for range tries {
		p, err := s.issue(ctx, by, &n, also)
		if !errors.Is(err, errMoved) {
			return p, err
		}
	}
	return nil, refuse(Conflict, "", "what the passport stands on changes all the time: ask again")
}

var errMoved = errors.New("registry: what the passport stands on has changed")

// draft is a passport that is to be signed, and what it stands on.
type draft struct {
	basis *basis
	p     *Passport
	doc   *passport.Passport
}

// draft makes what is to be signed, and takes its places: a crash behind that wastes them, which costs nothing, and
// none is given twice.
func (s *Passports) draft(tx Tx, by Actor, n *NewPassport) (*draft, error) {
	r, at := s.r, s.r.now()
	d, err := life(n.ExpiresIn)
	if err != nil {
		return nil, err
	}
	if !n.Authority.Assurance.IsZero() { // P3
		return nil, refuse(InvalidAssurance, "Authority", "a level is attested, never set")
	}
	before, err := s.basis(tx, by, n)
	if err != nil {
		return nil, err
	}
	p := &Passport{
		ID: newID(r.config.PassportPrefix, at), Org: before.org.ID, Owner: before.agent.Owner, Agent: before.agent.ID,
		Grant:    before.grant.ID,
		IssuedAt: at.Truncate(time.Second), Principal: switchKey(before.org.ID, before.grant.Principal),
	}
	if p.ExpiresAt = p.IssuedAt.Add(d); p.ExpiresAt.After(before.grant.ExpiresAt) {
		e := refuse(InvalidExpiry, "ExpiresIn", "the passport would outlive its grant, which ends %s",
			before.grant.ExpiresAt.Format(time.RFC3339))
		e.Status = 422
		return nil, e
	}
	if above := before.parent; above != nil {
		p.Parent, p.Depth = above.ID, above.Depth+1
		if n.ExpiresIn == "" && p.ExpiresAt.After(above.ExpiresAt) {
			p.ExpiresAt = above.ExpiresAt
		}
		if p.ExpiresAt.After(above.ExpiresAt) {
			e := refuse(InvalidExpiry, "ExpiresIn", "the passport would outlive the one above it, which ends %s",
				above.ExpiresAt.Format(time.RFC3339))
			e.Status = 422
			return nil, e
		}
	}
	doc, err := n.document(p, before)
	if err != nil {
		return nil, err
	}
	return &draft{before, p, doc}, r.begin(tx, p)
}

// still refuses a draft that no longer fits what it stands on.
func (s *Passports) still(tx Tx, by Actor, n *NewPassport, d *draft) error {
	now, err := s.basis(tx, by, n)
	switch {
	case err != nil:
		return err
	case now.versions != d.basis.versions, !now.leaves(d.doc.Authority.MaxTransaction):
		return errMoved
	}
	if err := s.agrees(tx, d.p); err != nil || now.parent == nil {
		return err
	}
	return s.fits(tx, now.parent, d.p)
}

func (s *Passports) issue(
	ctx context.Context, by Actor, n *NewPassport, also func(tx Tx, p *Passport) error,
) (*Passport, error) {
	r := s.r
	var d *draft
	if err := r.update(ctx, func(tx Tx) (err error) {
		d, err = s.draft(tx, by, n)
		return err
	}); err != nil {
		return nil, err
	}
	if err := r.sign(ctx, d.p, d.doc, d.basis.org, d.basis.principal, d.basis.office); err != nil {
		return nil, err
	}
	if err := r.update(ctx, func(tx Tx) error {
		if err := s.still(tx, by, n, d); err != nil {
			return err
		}
		d.p.Status = Active
		if err := r.issued(tx, d.p); err != nil {
			return err
		}
		if err := r.note(tx, by, d.p.Org, "passport.issued", d.p.ID, "", map[string]any{
			"agent": d.p.Agent, "grant": d.p.Grant, "expiresAt": d.p.ExpiresAt,
		}); err != nil {
			return err
		}
		return also(tx, d.p)
	}); err != nil {
		return nil, err
	}
	return d.p, nil
}

// passportPrefixes are those that ids of passports may have, whatever the office is configured with now.
func passportPrefixes() [2]string { return [...]string{grantexPrefix, passportPrefix} }

// sign signs a passport, with its places and those of the kill switches above it.
func (r *Registry) sign(
	ctx context.Context, p *Passport, doc *passport.Passport, org *Org, principal, office *Switch,
) error {
	if err := r.consented(doc, p.IssuedAt); err != nil {
		return err
	}
	doc.Status = nil
	for _, own := range p.Places {
		doc.Status = append(doc.Status, own.entry(""))
	}
	doc.Status = append(doc.Status, principal.entry(),
		org.Switch.entry("urn:safeconduct:status:organization:"+org.ID[len("ap_org_"):]), office.entry())
	signed, err := passport.Issue(ctx, r.signerOf(p.SignedBy), doc, passport.IssueOptions{
		Now: func() time.Time { return p.IssuedAt },
	})
	if err != nil {
		return &Error{Code: BadRequest, Detail: "the passport cannot be issued", Err: err}
	}
	p.Credential = string(signed.Bytes())
	return nil
}
