package verifytest

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Principal is a person who lets agents act for them, by credentials that
// they sign, and who can withdraw them.
type Principal struct {
	*did.KeyPair
	world *World
	url   string // of the person's list
}

// Principal returns a person, the same for the same name, with a revocation
// list of their own.
func (w *World) Principal(name string) *Principal {
	w.tb.Helper()
	p := &Principal{KeyPair: Key("principal " + name), world: w, url: "https://" + name + ".example/status"}
	if w.Lists.Get(p.url) == nil {
		w.Lists.Open(p.url, statuslist.Revocation, p.KeyPair)
	}
	return p
}

// Will signs a Manifestation of Will, valid since an hour ago and revocable.
func (p *Principal) Will(edits ...func(*passport.Manifestation)) *credential.Signed {
	p.world.tb.Helper()
	m := passport.Manifestation{
		StatementDigest: passport.Digest([]byte("My agents may act for me.")),
		ValidFrom:       p.world.Clock.Now().Add(-time.Hour),
		Status:          []statuslist.Entry{p.world.Lists.Entry(p.url, "")},
	}
	for _, edit := range edits {
		edit(&m)
	}
	s, err := passport.IssueManifestation(context.Background(), p.KeyPair, m, passport.IssueOptions{Now: p.world.Clock.Now})
	if err != nil {
		p.world.tb.Fatalf("a manifestation of will: %v", err)
	}
	return s
}

// Accept signs the acceptance of an agreement of that kind, revocable.
func (p *Principal) Accept(kind string, edits ...func(*passport.Acceptance)) *credential.Signed {
	p.world.tb.Helper()
	a := passport.Acceptance{
		Agreement: "https://shop.example/terms", Version: "1", Kind: kind,
		TextDigest: passport.Digest([]byte("the terms")),
		Status:     []statuslist.Entry{p.world.Lists.Entry(p.url, "")},
	}
	for _, edit := range edits {
		edit(&a)
	}
	s, err := passport.IssueAcceptance(context.Background(), p.KeyPair, a, passport.IssueOptions{Now: p.world.Clock.Now})
	if err != nil {
		p.world.tb.Fatalf("an acceptance: %v", err)
	}
	return s
}

// Withdraw revokes a credential that Will or Accept has made.
func (p *Principal) Withdraw(s *credential.Signed) {
	p.world.tb.Helper()
	for _, v := range s.Unverified().Status {
		e, err := statuslist.ParseEntry(v)
		if err != nil {
			p.world.tb.Fatal(err)
		}
		p.world.Lists.Set(e, 1)
	}
}

// StandsOn makes a passport one of this person that stands on a consent; for
// [World.Passport].
func (p *Principal) StandsOn(consent *credential.Signed) func(*passport.Passport) {
	return func(q *passport.Passport) {
		c, err := passport.ConsentTo(consent)
		if err != nil {
			p.world.tb.Fatal(err)
		}
		q.HumanPrincipal, q.Consent = p.DID().String(), c
	}
}
