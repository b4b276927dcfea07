package verify_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

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

func TestStep4Proof(t *testing.T) {
	mallory := verifytest.Key("mallory")
	run(t, []fault{
		{name: "SIG-05 passport changed", want: verify.ProofInvalid, bytes: replace(`"50.00"`, `"90.00"`)},
		{name: "SIG-05 intent changed", want: verify.ProofInvalid, bytes: replace(`"12.50"`, `"12.51"`),
			ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") }},
		{name: "SIG-32 presentation by a stranger", want: verify.ProofKeyNotAuthorized,
			bytes: func(w *verifytest.World, b []byte) []byte { return resign(w, b, mallory, keep) }},
		{name: "SIG-32 good presentation, forged passport", want: verify.ProofInvalid, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, replace(`"50.00"`, `"90.00"`)(w, b), w.Agent, keep)
		}},
		{name: "DEL-16 holder is not the agent", want: verify.ProofHolderMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, replace(`"holder":"`+w.Agent.DID().String()+`"`, `"holder":"`+mallory.DID().String()+`"`)(w, b), mallory, keep)
		}},
		{name: "SIG-11 presentation proof for assertion", want: verify.ProofPurposeMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Purpose = did.AssertionMethod })
		}},
		{name: "INT-06 other audience", want: verify.ProofAudienceMismatch,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:other.example" }},
		{name: "INT-06 audience prefix", want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:shop" }},
		{name: "INT-06 trailing slash", want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience += "/" }},
		{name: "INT-06 no audience", want: verify.ProofAudienceMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Domain = nil })
		}},
		{name: "INT-06 ours among others", want: verify.ProofAudienceMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Domain = []string{verifytest.Audience, "https://evil.example"} })
		}},
		{name: "other challenge", want: verify.ProofChallengeMismatch,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Nonce = "a challenge of the verifier" }},
		{name: "INT-05 challenge of 15 bytes", want: verify.EnvelopeNonceInvalid,
			show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = "123456789012345" }},
		{name: "INT-05 challenge of 129 bytes", want: verify.EnvelopeNonceInvalid,
			show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = strings.Repeat("n", 129) }},
		{name: "INT-05 no challenge", want: verify.EnvelopeNonceInvalid, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Challenge = "" })
		}},
		{name: "other amount", want: verify.ProofIntentMismatch,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") }},
		{name: "other currency", want: verify.ProofIntentMismatch,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.50", "EUR") }},
		{name: "amount not asked for", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.Money{} }},
		{name: "amount not signed", want: verify.ProofIntentMismatch, intent: func(in *passport.Intent) { in.Amount = passport.Money{} }},
		{name: "other action", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Action = "payments.refund" }},
		{name: "resource not signed", want: verify.ProofIntentMismatch,
			ask: func(_ *verifytest.World, q *verify.Request) { q.Resource = "https://a.example/x" }},
		{name: "resource not asked for", want: verify.ProofIntentMismatch, intent: func(in *passport.Intent) { in.Resource = "https://a.example/x" }},
		{name: "payee", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Payee = "did:web:payee.example" }},
		{name: "category", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Category = "inference" }},
		{name: "rail", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Rail = "" }},
		{name: "region", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Region = "DE" }},
		{name: "body", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.BodyDigest = passport.Digest([]byte("x")) }},
		{name: "parameters", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Attributes = object(`{"rows":5}`) }},
		{name: "parameters by value", want: verify.ProofIntentMismatch,
			ask:    func(_ *verifytest.World, q *verify.Request) { q.Attributes = object(`{"rows":5}`) },
			intent: func(in *passport.Intent) { in.Attributes = object(`{"rows":6}`) }},
		{name: "key not found", want: verify.ProofUnresolvable, config: func(_ *verifytest.World, c *verify.Config) {
			c.Resolver = did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, did.ErrUnavailable })
		}},
		{name: "no time to find the key", want: verify.ProofTimeout, config: func(_ *verifytest.World, c *verify.Config) {
			c.Resolver = did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, context.DeadlineExceeded })
		}},
	})
}

// Amounts are compared by value, not by text.
func TestStep4AmountsByValue(t *testing.T) {
	_, err := fault{
		intent: func(in *passport.Intent) { in.Amount = passport.MustMoney("12.5", "USD") },
	}.decide(t)
	require.NoError(t, err)
	_, err = fault{
		intent: func(in *passport.Intent) { in.Attributes = object(`{"a":1.0,"b":"x"}`) },
		ask:    func(_ *verifytest.World, q *verify.Request) { q.Attributes = object(` { "b":"x", "a":1 } `) },
	}.decide(t)
	require.NoError(t, err)
}

// An undetermined key is told apart from a wrong one.
func TestStep4Verdicts(t *testing.T) {
	d, err := fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Resolver = did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, errors.New("no line") })
	}}.decide(t)
	verifytest.AssertDenied(t, err, verify.ProofUnresolvable)
	require.Equal(t, verify.Undetermined, d.Verdict)
}

// DEL-15: a link is judged by its issuer's key of today: once the key is
// rotated out, what it delegated is over.
func TestStep4DEL15RotatedDelegator(t *testing.T) {
	f := newFamily(t, nil)
	agent := &webIssuer{id: did.MustParse("did:web:agent.example")}
	agent.rotate(t, "first", did.AssertionMethod, did.Authentication)
	root := f.Passport(func(p *passport.Passport) { p.Agent, p.Authority.MaxDelegationDepth = agent.id, 1 })
	chain, err := passport.Delegate(ctx, passport.Chain{f.Issue(root)}, agent.signer,
		&passport.Passport{Agent: f.agents[1].DID(), Authority: passport.Authority{}.InheritGrants(&root.Authority)}, passport.IssueOptions{Now: f.Clock.Now})
	require.NoError(t, err)
	decide := func() error {
		_, err := f.Verifier(func(c *verify.Config) {
			c.Resolver = did.Mux{"key": did.KeyMethods(),
				"web": agent}
		}).Verify(ctx, f.PresentChain(f.agents[1], chain, f.Intent()), f.Request())
		return err
	}
	require.NoError(t, decide())
	agent.rotate(t, "second", did.AssertionMethod, did.Authentication)
	verifytest.AssertDenied(t, decide(), verify.ProofInvalid)
}

// INT-08: whatever of the intent is changed after signing, the proof tells.
func TestStep4INT08ChangedAfterSigning(t *testing.T) {
	digest := passport.Digest([]byte("body"))
	in := func(in *passport.Intent) {
		in.Resource, in.Payee, in.Region, in.BodyDigest, in.Attributes = "https://api.example/x", "did:web:payee.example", "DE", digest, object(`{"tool":"a"}`)
	}
	ask := func(edit func(*verify.Request)) func(*verifytest.World, *verify.Request) {
		return func(_ *verifytest.World, q *verify.Request) {
			q.Resource, q.Payee, q.Region, q.BodyDigest, q.Attributes = "https://api.example/x", "did:web:payee.example", "DE", digest, object(`{"tool":"a"}`)
			edit(q)
		}
	}
	other := passport.Digest([]byte("other"))
	for name, c := range map[string]struct {
		old, new string
		ask      func(*verify.Request)
	}{
		"action":   {`"action":"payments.charge","resource"`, `"action":"data.read","resource"`, func(q *verify.Request) { q.Action = "data.read" }},
		"payee":    {`payee.example`, `eve.example`, func(q *verify.Request) { q.Payee = "did:web:eve.example" }},
		"resource": {`https://api.example/x`, `https://api.example/y`, func(q *verify.Request) { q.Resource = "https://api.example/y" }},
		"currency": {`"amount":"12.50","currency":"USD"`, `"amount":"12.50","currency":"EUR"`,
			func(q *verify.Request) { q.Amount = passport.MustMoney("12.50", "EUR") }},
		"region": {`"region":"DE"`, `"region":"FR"`, func(q *verify.Request) { q.Region = "FR" }},
		"tool":   {`"tool":"a"`, `"tool":"b"`, func(q *verify.Request) { q.Attributes = object(`{"tool":"b"}`) }},
		"body":   {digest, other, func(q *verify.Request) { q.BodyDigest = other }},
	} {
		run(t, []fault{{name: name, want: verify.ProofInvalid, intent: in, ask: ask(c.ask), bytes: replace(c.old, c.new)}})
	}
	_, err := fault{intent: in, ask: ask(func(*verify.Request) {})}.decide(t)
	require.NoError(t, err)
}
