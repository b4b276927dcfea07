package credential_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What the public verify call must say no to, whatever the cryptosuite: each of
// these tests kills one mutant of internal/mutants.

// A proof that does not hold: the passport's, or the presentation's.
func TestRDFCProofMustHold(t *testing.T) {
	s := newShown(t)
	for _, changed := range []string{
		edit(t, s.good, subject+"/maxTransactionAmount/amount", `"5000.00"`),
		edit(t, s.good, "/intent/expiresAt", `"2026-11-21T09:04:00Z"`),
	} {
		require.ErrorIs(t, s.decide(t, changed), code.ProofInvalid)
	}
	require.ErrorIs(t, s.decide(t, s.again(t, edit(t, s.good, subject+"/maxTransactionAmount/amount", `"5000.00"`))), code.ProofInvalid,
		"the agent vouches for a passport that its issuer did not sign")
}

func TestRDFCChallenge(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass, err := passport.Issue(context.Background(), w.Issuer, w.Passport(), passport.IssueOptions{Now: w.Clock.Now, Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	show := func(challenge string) error {
		presented := w.Present(pass, w.Intent(), func(o *passport.PresentOptions) { o.Suite, o.Challenge = credential.SuiteRDFC, challenge })
		_, err := w.Verifier().Verify(context.Background(), presented, w.Request(func(q *verify.Request) { q.Nonce = "the-challenge-that-was-asked-for" }))
		return err
	}
	require.NoError(t, show("the-challenge-that-was-asked-for"))
	require.ErrorIs(t, show("another-challenge-of-that-length"), code.ProofChallengeMismatch)
}

func TestRDFCStatus(t *testing.T) {
	var entries []string
	s := newShown(t, func(p *passport.Passport) {
		for _, e := range p.Status {
			entries = append(entries, e.URL)
		}
	})
	require.Len(t, entries, 2)
	require.NoError(t, s.Lists.Revocation.Set(7, 1))
	s.Lists.Publish()
	require.ErrorIs(t, s.decide(t, s.again(t, s.good)), code.StatusRevoked)
}

// A passport in the issuer's name, signed with the agent's key.
func TestRDFCIssuerIsBound(t *testing.T) {
	s := newShown(t)
	unsigned := ""
	for doc := range mustValue(t, edit(t, s.good, inPassport+"/proof", "")).Get("verifiableCredential").Items() {
		unsigned = doc.Raw()
	}
	forged, err := credential.SignJSON(context.Background(), s.Agent, []byte(unsigned), credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	require.ErrorIs(t, s.decide(t, s.again(t, edit(t, s.good, inPassport, forged.Text()))), code.ProofKeyNotAuthorized)
	require.ErrorIs(t, forged.CheckProofs(context.Background(), s.Resolver(), "assertionMethod", time.Time{}), code.ProofKeyNotAuthorized)
}

func TestRDFCValidity(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass, err := passport.Issue(context.Background(), w.Issuer, w.Passport(func(p *passport.Passport) { p.ValidUntil = w.Clock.Now().Add(time.Minute) }),
		passport.IssueOptions{Now: w.Clock.Now, Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	show := func() error {
		presented := w.Present(pass, w.Intent(), func(o *passport.PresentOptions) { o.Suite = credential.SuiteRDFC })
		_, err := w.Verifier().Verify(context.Background(), presented, w.Request())
		return err
	}
	require.NoError(t, show())
	w.Clock.Advance(time.Minute)
	require.ErrorIs(t, show(), code.TimeExpired)
}

// The presentation holds, the passport in it does not: its own proof is looked
// at, and one that is missing is missed.
func TestRDFCNestedCredential(t *testing.T) {
	s := newShown(t)
	proof := ""
	for doc := range mustValue(t, s.good).Get("verifiableCredential").Items() {
		proof = doc.Get("proof").Get("proofValue").Str()
	}
	other := proof[:20] + map[bool]string{true: "A", false: "B"}[proof[20] != 'A'] + proof[21:]
	require.NotEqual(t, proof, other)
	require.ErrorIs(t, s.decide(t, s.again(t, edit(t, s.good, inPassport+"/proof/proofValue", `"`+other+`"`))), code.ProofInvalid)
	require.Error(t, s.decide(t, s.again(t, edit(t, s.good, inPassport+"/proof", ""))))
}
