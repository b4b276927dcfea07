package verifytest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// Each fault of the status host has its code, and is mended by publishing.
func TestListFaults(t *testing.T) {
	const url = verifytest.RevocationURL
	for name, c := range map[string]struct {
		fault func(*verifytest.World)
		want  verify.Code
	}{
		"gone":       {func(w *verifytest.World) { w.Lists.Fail(url, errors.New("404")) }, verify.StatusUnavailable},
		"stale":      {func(w *verifytest.World) { w.Lists.PublishAt(url, w.Clock.Now().Add(-25*time.Hour)) }, verify.StatusStale},
		"future":     {func(w *verifytest.World) { w.Lists.PublishAt(url, w.Clock.Now().Add(time.Second)) }, verify.StatusEarly},
		"unsigned":   {func(w *verifytest.World) { w.Lists.Unsign(url) }, verify.StatusInvalid},
		"tampered":   {func(w *verifytest.World) { w.Lists.Tamper(url) }, verify.StatusInvalid},
		"a stranger": {func(w *verifytest.World) { w.Lists.SignBy(url, verifytest.Key("mallory")) }, verify.StatusInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			v := w.Verifier()
			pass := w.Issue(w.Passport())
			decide := func() error {
				_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
				return err
			}
			verifytest.AssertAllowed(t, decide())
			c.fault(w)
			v = w.Verifier() // one that has no newer edition to go on with
			verifytest.AssertDenied(t, decide(), c.want)
			w.Lists.Fail(url, nil)
			w.Clock.Advance(2 * time.Second)
			w.Lists.Publish()
			verifytest.AssertAllowed(t, decide())
		})
	}
}

// An older edition undoes nothing for a verifier that has seen a newer one.
func TestListsRolledBack(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	pass := w.Issue(p)
	decide := func() error {
		_, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		return err
	}
	verifytest.AssertAllowed(t, decide())
	w.Clock.Advance(time.Second)
	w.Lists.Set(p.Status[1], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusSuspended)
	w.Lists.RollBack(verifytest.SuspensionURL)
	verifytest.AssertDenied(t, decide(), verify.StatusSuspended)
	v = w.Verifier()
	verifytest.AssertAllowed(t, decide())
}

// An issuer with a did:web document: rotated, gone, another's.
func TestWebHost(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(*verifytest.World, *verifytest.WebHost)
		want  verify.Code
	}{
		"as it is": {func(*verifytest.World, *verifytest.WebHost) {}, ""},
		"rotated":  {func(_ *verifytest.World, h *verifytest.WebHost) { h.Rotate("the next key") }, verify.ProofInvalid},
		"other purpose": {func(_ *verifytest.World, h *verifytest.WebHost) {
			h.Rotate("key of issuer.example", did.Authentication)
		}, verify.ProofPurposeMismatch},
		"gone": {func(_ *verifytest.World, h *verifytest.WebHost) { h.Fail(did.ErrUnavailable) }, verify.ProofUnresolvable},
		"another's document": {func(w *verifytest.World, h *verifytest.WebHost) {
			h.Put(w.Web.Host("other.example").Document())
		}, verify.ProofKeyNotAuthorized},
		"no document": {func(_ *verifytest.World, h *verifytest.WebHost) { h.Put(nil) }, verify.ProofUnresolvable},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			h := w.Web.Host("issuer.example")
			require.Same(t, h, w.Web.Host("issuer.example"))
			pass, err := passport.Issue(ctx, h.Signer(), w.Passport(func(p *passport.Passport) {
				w.Lists.Open("https://issuer.example/web", "revocation", h.Signer())
				p.Status = p.Status[:0]
				p.Status = append(p.Status, w.Lists.Entry("https://issuer.example/web", ""))
			}), passport.IssueOptions{Now: w.Clock.Now})
			require.NoError(t, err)
			raw := w.Present(pass, w.Intent())
			c.fault(w, h)
			_, err = w.Verifier(func(c *verify.Config) { c.Anchors = []verify.Anchor{{Issuer: h.DID()}} }).Verify(ctx, raw, w.Request())
			if c.want == "" {
				verifytest.AssertAllowed(t, err)
			} else {
				verifytest.AssertDenied(t, err, c.want)
			}
			require.NotZero(t, w.Web.Lookups())
		})
	}
}

// The acceptance of an agreement lifts its obligation until it is withdrawn.
func TestPrincipal(t *testing.T) {
	w := verifytest.NewWorld(t)
	ada := w.Principal("ada")
	will, accepted := ada.Will(), ada.Accept("Terms")
	pass := w.Issue(w.Passport(ada.StandsOn(will)))
	scopes, err := policy.NewScopeRegistry("2026-11", []policy.Scope{{ID: "payments.charge", Operations: []string{"charge"}, Write: true, NeedsConsent: true,
		Obligations: []policy.ScopeObligation{{Kind: verify.SignAgreement, Attribute: "terms"}}}})
	require.NoError(t, err)
	terms, err := credential.ParseValue(`{"terms":"Terms"}`)
	require.NoError(t, err)
	v := w.Verifier(func(c *verify.Config) { c.Operations = policy.Scopes{Registry: scopes} })
	decide := func() error {
		in := w.Intent(func(in *passport.Intent) { in.Attributes = terms })
		raw := w.Present(pass, in, func(o *passport.PresentOptions) {
			o.Siblings = append(o.Siblings, will, accepted)
		})
		_, err := v.Verify(ctx, raw, w.Request(func(q *verify.Request) { q.Operation, q.Attributes = "charge", terms }))
		return err
	}
	verifytest.AssertAllowed(t, decide())
	w.Clock.Advance(time.Second)
	ada.Withdraw(accepted)
	verifytest.AssertDenied(t, decide(), verify.PolicyObligationUnmet)
	ada.Withdraw(will)
	verifytest.AssertDenied(t, decide(), verify.ConsentRevoked)
}

// The assertions notice both ways, and misuse of the world fails the test.
func TestAssertionsNotice(t *testing.T) {
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { verifytest.AssertAllowed(tb, errors.New("no")) }))
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { verifytest.AssertDenied(tb, nil, verify.ProofInvalid) }))
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { verifytest.AssertDenied(tb, verify.ProofInvalid, verify.ProofInvalid) }), "not a refusal")
	for name, misuse := range map[string]func(*verifytest.World){
		"no such list":    func(w *verifytest.World) { w.Lists.Entry("https://nobody.example/1", "") },
		"nothing to undo": func(w *verifytest.World) { w.Lists.RollBack(verifytest.RevocationURL) },
		"no such child":   func(w *verifytest.World) { w.Family().Chain(4) },
		"a bad passport":  func(w *verifytest.World) { w.Issue(&passport.Passport{}) },
	} {
		require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { misuse(verifytest.NewWorld(tb)) }), name)
	}
}
