package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A passport with two proofs of one suite, both good, is refused for its form.
func TestStep1TwoProofsOnAPassport(t *testing.T) {
	w := verifytest.NewWorld(t)
	once := w.Issue(w.Passport())
	twice, err := credential.SignJSON(ctx, w.Issuer, once.Bytes(), credential.SignOptions{Nonce: "another"})
	require.NoError(t, err)
	d, err := w.Verifier().Verify(ctx, w.Present(twice, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.EnvelopeMalformed)
	require.Equal(t, verify.StepEnvelope, d.Violations[0].Step)
}

// RES-03: keys of did:web count against the budget of look-ups, and the walk
// stops where it is spent.
func TestStep4RES03FetchBudget(t *testing.T) {
	f := newFamily(t, nil)
	docs := map[did.DID]*webIssuer{}
	asked := 0
	web := did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		asked++
		return docs[id].doc, nil
	})
	issuer := newWebIssuer(t)
	docs[issuer.id] = issuer
	agent := &webIssuer{id: did.MustParse("did:web:agent.example")}
	agent.rotate(t, "agent", did.AssertionMethod, did.Authentication)
	docs[agent.id] = agent

	root := f.Passport(func(p *passport.Passport) { p.Agent, p.Authority.MaxDelegationDepth = agent.id, 1 })
	signed, err := passport.Issue(ctx, issuer.signer, root, passport.IssueOptions{Now: f.Clock.Now})
	require.NoError(t, err)
	child := &passport.Passport{Agent: f.agents[1].DID(), Authority: passport.Authority{}.InheritGrants(&root.Authority)}
	chain, err := passport.Delegate(ctx, passport.Chain{signed}, agent.signer, child, passport.IssueOptions{Now: f.Clock.Now})
	require.NoError(t, err)
	raw := f.PresentChain(f.agents[1], chain, f.Intent())
	v := f.Verifier(func(c *verify.Config) {
		c.Anchors = []verify.Anchor{{Issuer: issuer.id}}
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": web}
		c.Bounds.Fetches = 1
	})
	d, err := v.Verify(ctx, raw, f.Request())
	verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
	require.Equal(t, verify.StepProof, d.Violations[0].Step)
	require.Equal(t, 1, asked)
}

// Every facet that a link widens is told, each with its place.
func TestStep5AllWidenings(t *testing.T) {
	f := newFamily(t, nil)
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) {
		p.Authority.Categories = []string{"inference"}
		p.Authority.MaxTransaction = passport.MustMoney("60", "USD")
		p.ValidUntil = p.ValidUntil.Add(time.Hour)
	})
	d, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.DelegationWidened)
	var paths []string
	for _, v := range d.Violations {
		paths = append(paths, v.Path)
	}
	require.Equal(t, []string{"/verifiableCredential/1/validUntil", "/verifiableCredential/1/credentialSubject/allowedMPPCategories", "/verifiableCredential/1/credentialSubject/maxTransactionAmount"}, paths)
}

// INT-01: one challenge serves once, whatever the intent; and per audience.
func TestStep8OneChallengeServesOnce(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport())
	challenge := strings.Repeat("c", 16)
	same := func(o *passport.PresentOptions) { o.Challenge = challenge }
	_, err := v.Verify(ctx, w.Present(pass, w.Intent(), same), w.Request(func(q *verify.Request) { q.Nonce = challenge }))
	require.NoError(t, err)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent(), same), w.Request(func(q *verify.Request) { q.Nonce = challenge }))
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
}

// Roll-back is told per list and purpose, for more lists than one.
func TestStep6ManyLists(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	for range 3 {
		for i := range 3 {
			pass := w.Issue(w.Passport())
			_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
			require.NoError(t, err, fmt.Sprint(i))
		}
		w.Clock.Advance(time.Second)
		w.Lists.Publish()
	}
}

// voucher answers for lists that are not signed, where it says so.
type voucher struct {
	*verifytest.Lists
	yes bool
}

func (v voucher) Vouched(*statuslist.Fetched) bool { return v.yes }

// G12: an unsigned list is believed only when the source answers for it.
func TestStep6G12VouchedLists(t *testing.T) {
	unsigned := func(w *verifytest.World, _ *passport.Passport) {
		raw := w.Lists.Get(verifytest.RevocationURL)
		w.Lists.Put(verifytest.RevocationURL, append(raw[:bytes.LastIndex(raw, []byte(`,"proof":`))], '}'))
	}
	source := func(yes bool) func(*verifytest.World, *verify.Config) {
		return func(w *verifytest.World, c *verify.Config) { c.Status = voucher{w.Lists, yes} }
	}
	run(t, []fault{{name: "not vouched", want: verify.StatusInvalid, before: unsigned, config: source(false)}})
	_, err := fault{before: unsigned, config: source(true)}.decide(t)
	require.NoError(t, err)
	// Revoked in an unsigned list that is vouched for: revoked.
	run(t, []fault{{name: "revoked", want: verify.StatusRevoked, config: source(true), before: func(w *verifytest.World, p *passport.Passport) {
		w.Lists.Set(p.Status[0], 1)
		unsigned(w, p)
	}}})
	// A bad signature is not mended by a voucher.
	run(t, []fault{{name: "bad proof", want: verify.StatusInvalid, config: source(true), before: func(w *verifytest.World, _ *passport.Passport) {
		raw := w.Lists.Get(verifytest.RevocationURL)
		w.Lists.Put(verifytest.RevocationURL, bytes.Replace(raw, []byte(`"statusPurpose":"revocation"`), []byte(`"statusPurpose":["revocation","suspension"]`), 1))
	}}})
}

// A presentation with a proof of each suite: both must be for this audience
// and this challenge.
func TestStep4ProofsOfBothSuites(t *testing.T) {
	w := verifytest.NewWorld(t)
	first := strings.Repeat("c", 16)
	decide := func(second string, nonce string) error {
		raw := w.Present(w.Issue(w.Passport()), w.Intent(), func(o *passport.PresentOptions) { o.Challenge = first })
		both := secondProof(w, raw, credential.SignOptions{Suite: credential.SuiteRDFC, Domain: []string{verifytest.Audience}, Challenge: second})
		_, err := w.Verifier().Verify(ctx, both, w.Request(func(q *verify.Request) { q.Nonce = nonce }))
		return err
	}
	require.NoError(t, decide(first, first))
	require.NoError(t, decide(first, ""))
	verifytest.AssertDenied(t, decide(strings.Repeat("d", 16), ""), verify.ProofChallengeMismatch)
	verifytest.AssertDenied(t, decide(strings.Repeat("d", 16), first), verify.ProofChallengeMismatch)
}
