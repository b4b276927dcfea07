package verify_test

import (
	"bytes"
	"context"
	"errors"
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

var ctx = context.Background()

// fault is one thing that is wrong with an otherwise good act.
type fault struct {
	name   string
	want   verify.Code
	pass   func(*verifytest.World, *passport.Passport)
	issuer func(*verifytest.World) did.Signer
	intent func(*passport.Intent)
	show   func(*verifytest.World, *passport.PresentOptions)
	bytes  func(*verifytest.World, []byte) []byte
	ask    func(*verifytest.World, *verify.Request)
	config func(*verifytest.World, *verify.Config)
	before func(*verifytest.World, *passport.Passport) // just before the decision
}

func (f fault) decide(t *testing.T) (*verify.Decision, error) {
	t.Helper()
	w := verifytest.NewWorld(t)
	p := w.Passport()
	if f.pass != nil {
		f.pass(w, p)
	}
	var signer did.Signer = w.Issuer
	if f.issuer != nil {
		signer = f.issuer(w)
	}
	signed, err := passport.Issue(ctx, signer, p, passport.IssueOptions{Now: w.Clock.Now, MaxLifetime: 87600 * time.Hour})
	require.NoError(t, err)
	in := w.Intent()
	if f.intent != nil {
		f.intent(&in)
	}
	raw := w.Present(signed, in, func(o *passport.PresentOptions) {
		if f.show != nil {
			f.show(w, o)
		}
	})
	if f.bytes != nil {
		raw = f.bytes(w, raw)
	}
	q := w.Request()
	if f.ask != nil {
		f.ask(w, &q)
	}
	c := w.Config()
	if f.config != nil {
		f.config(w, &c)
	}
	v, err := verify.New(c)
	require.NoError(t, err)
	if f.before != nil {
		f.before(w, p)
	}
	return v.Verify(ctx, raw, q)
}

func run(t *testing.T, faults []fault) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			d, err := f.decide(t)
			verifytest.AssertDenied(t, err, f.want)
			require.ErrorIs(t, err, f.want)
			requireConsistent(t, d, err)
			if step, ok := stepOfTest(t.Name()); ok {
				require.Equal(t, step, d.Violations[0].Step, err)
			}
		})
	}
}

// stepOfTest tells from a test's name, "TestStep4…", which step must refuse.
func stepOfTest(name string) (verify.StepName, bool) {
	steps := []verify.StepName{verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof, verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger}
	n, ok := strings.CutPrefix(name, "TestStep")
	if !ok || n[0] < '1' || n[0] > '8' {
		return "", false
	}
	return steps[n[0]-'1'], true
}

// requireConsistent checks what holds for every decision.
func requireConsistent(t testing.TB, d *verify.Decision, err error) {
	t.Helper()
	require.NotNil(t, d)
	require.Len(t, d.Steps, 8)
	if err == nil {
		require.Equal(t, verify.Allow, d.Verdict)
		require.NotNil(t, d.Passport)
		require.Empty(t, d.Violations)
		return
	}
	var r *verify.Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, d.Verdict, r.Verdict)
	require.NotEqual(t, verify.Allow, d.Verdict)
	require.Nil(t, d.Passport, "a refused decision shows no passport")
	require.Nil(t, d.Chain)
	require.Nil(t, d.Intent)
	require.NotEmpty(t, d.Violations)
	for _, vio := range d.Violations {
		info, ok := verify.Lookup(vio.Code)
		require.True(t, ok, vio.Code)
		require.NotEmpty(t, vio.Step)
		require.NotEmpty(t, vio.Error())
		if d.Verdict == verify.Undetermined {
			require.True(t, info.Undetermined, "a denial beats every undetermined")
		}
	}
}

func replace(old, new string) func(*verifytest.World, []byte) []byte {
	return func(w *verifytest.World, raw []byte) []byte {
		out := bytes.Replace(raw, []byte(old), []byte(new), 1)
		if bytes.Equal(out, raw) {
			panic("the test does not find " + old)
		}
		return out
	}
}

func TestAllowed(t *testing.T) {
	d, err := fault{}.decide(t)
	require.NoError(t, err)
	requireConsistent(t, d, err)
	for _, s := range d.Steps {
		require.Equal(t, verify.Passed, s.Outcome, s.Name)
	}
	require.Equal(t, "test agent", d.Passport.Name)
	require.Equal(t, "payments.charge", d.Intent.Action)
	require.Len(t, d.Chain, 1)
	require.NotEmpty(t, d.TZData)
}

func TestStep1Envelope(t *testing.T) {
	run(t, []fault{
		{name: "nothing", want: verify.EnvelopeMissing, bytes: func(*verifytest.World, []byte) []byte { return nil }},
		{name: "no JSON", want: verify.EnvelopeUnsupported, bytes: func(*verifytest.World, []byte) []byte { return []byte("hello") }},
		{name: "PAR-05 data behind", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return append(b, '{') }},
		{name: "PAR-01 member twice", want: verify.EnvelopeMalformed, bytes: replace(`"holder":`, `"holder":"did:key:z6Mk","holder":`)},
		{name: "PAR-03 other case", want: verify.EnvelopeDataLoss, bytes: replace(`"maxTransactionAmount":`, `"MaxTransactionAmount":`)},
		{name: "MOD-10 unknown member", want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"evil":"x","capabilities":`)},
		{name: "MOD-10 unknown limit", want: verify.EnvelopeMalformed, bytes: replace(`"allowedMPPCategories":`, `"limits":{"no_such":1},"allowedMPPCategories":`)},
		{name: "MON-03 number as amount", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"50.00"`, `"amount":50`)},
		{name: "MON-04 too precise", want: verify.EnvelopeMalformed, bytes: replace(`"amount":"50.00"`, `"amount":"50.001"`)},
		{name: "MON-05 unknown currency", want: verify.EnvelopeMalformed, bytes: replace(`"currency":"USD"`, `"currency":"usd"`)},
		{name: "CAN-22 unknown context", want: verify.EnvelopeContext, bytes: replace(`"https://w3id.org/safeconduct/v1"]`, `"https://w3id.org/safeconduct/v1","https://example.com/v1"]`)},
		{name: "CAN-15 inline context", want: verify.EnvelopeContext, bytes: replace(`"https://w3id.org/safeconduct/v1"]`, `"https://w3id.org/safeconduct/v1",{"@vocab":"https://example.com/"}]`)},
		{name: "CAN-27 context order", want: verify.EnvelopeContext, bytes: replace(`["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"]`, `["https://w3id.org/safeconduct/v1","https://www.w3.org/ns/credentials/v2"]`)},
		{name: "no intent", want: verify.EnvelopeMalformed, bytes: func(_ *verifytest.World, b []byte) []byte { return cut(b, "intent") }},
		{name: "no credentials", want: verify.EnvelopeMissing, bytes: func(w *verifytest.World, b []byte) []byte {
			v := cut(b, "verifiableCredential")
			return v
		}},
		{name: "SIG-18 no proof", want: verify.ProofMissing, bytes: func(_ *verifytest.World, b []byte) []byte {
			i := bytes.LastIndex(b, []byte(`,"proof":`))
			return append(b[:i:i], '}')
		}},
		{name: "bare passport", want: verify.PresentationRequired, bytes: bare},
		{name: "too many links", want: verify.EnvelopeTooLarge, config: func(_ *verifytest.World, c *verify.Config) {
			c.Bounds.DocumentBytes, c.Bounds.PresentationBytes = 1000, 1000
		}},
	})
}

// cut removes a member of the root object.
func cut(doc []byte, name string) []byte {
	v, err := credential.ParseValue(string(doc))
	if err != nil {
		panic(err)
	}
	m := v.Get(name)
	text := v.Raw()
	from := strings.LastIndex(text[:m.Offset()], `"`+name+`"`)
	to := m.Offset() + len(m.Raw())
	if to < len(text) && text[to] == ',' {
		to++
	}
	return []byte(text[:from] + text[to:])
}

// bare takes the passport out of its presentation.
func bare(_ *verifytest.World, doc []byte) []byte {
	v, err := credential.ParsePresentation(doc)
	if err != nil {
		panic(err)
	}
	return v.Unverified().Credentials[0].Bytes()
}

func TestBarePassportByName(t *testing.T) {
	allow := func(_ *verifytest.World, c *verify.Config) { c.InsecureAllowBarePassports = true }
	d, err := fault{bytes: bare, config: allow}.decide(t)
	require.NoError(t, err)
	require.Nil(t, d.Intent)
	run(t, []fault{
		{name: "tampered", want: verify.ProofInvalid, config: allow, bytes: func(w *verifytest.World, b []byte) []byte {
			return replace(`"50.00"`, `"90.00"`)(w, bare(w, b))
		}},
		{name: "revoked", want: verify.StatusRevoked, config: allow, bytes: bare, before: func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) }},
		{name: "over the limit", want: verify.AuthorityAmountExceeded, config: allow, bytes: bare, ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("50.01", "USD") }},
	})
}

func TestStep2Anchor(t *testing.T) {
	stranger := verifytest.Key("stranger")
	scope := func(edit func(*verify.Anchor)) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) { edit(&c.Anchors[0]) }
	}
	run(t, []fault{
		{name: "untrusted issuer", want: verify.AnchorUntrustedIssuer, issuer: func(*verifytest.World) did.Signer { return stranger }},
		{name: "trusted for other types", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Types = []string{"ManifestationOfWillCredential"} })},
		{name: "trusted for other actions", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Actions = []string{"data.*"} })},
		{name: "trusted for no action", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Actions = []string{} })},
		{name: "over the ceiling", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("12.49", "USD")} })},
		{name: "currency without ceiling", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("1000", "EUR")} })},
		{name: "region not stated", want: verify.AnchorOutOfScope, config: scope(func(a *verify.Anchor) { a.Regions = []string{"DE"} })},
	})
	for _, ok := range []func(*verify.Anchor){
		func(a *verify.Anchor) { a.Actions = []string{"payments.*"} },
		func(a *verify.Anchor) { a.Actions = []string{"*"} },
		func(a *verify.Anchor) { a.Ceilings = []passport.Money{passport.MustMoney("12.50", "USD")} },
	} {
		_, err := fault{config: scope(ok)}.decide(t)
		require.NoError(t, err)
	}
}

// Nothing is looked up for a chain that a stranger began.
func TestStep2NothingIsFetchedForStrangers(t *testing.T) {
	lookups := 0
	resolver := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
		lookups++
		return nil, did.ErrNotFound
	})
	f := fault{issuer: func(*verifytest.World) did.Signer { return verifytest.Key("stranger") }}
	var lists *verifytest.Lists
	f.config = func(w *verifytest.World, c *verify.Config) { c.Resolver, lists = resolver, w.Lists }
	_, err := f.decide(t)
	verifytest.AssertDenied(t, err, verify.AnchorUntrustedIssuer)
	require.Zero(t, lookups)
	require.Zero(t, lists.Fetches())
}

// TIM-01: valid from the first instant to just before the last, with and
// without skew, to the nanosecond.
func TestStep3TIM01Boundaries(t *testing.T) {
	const skew = 2 * time.Minute
	for _, c := range []struct {
		name string
		skew time.Duration
		move func(p *passport.Passport) time.Time
		want verify.Code
	}{
		{"at validFrom", 0, func(p *passport.Passport) time.Time { return p.ValidFrom }, ""},
		{"before validFrom", 0, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-1) }, verify.TimeNotYetValid},
		{"just before validUntil", 0, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(-1) }, ""},
		{"at validUntil", 0, func(p *passport.Passport) time.Time { return p.ValidUntil }, verify.TimeExpired},
		{"at validFrom − skew", skew, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-skew) }, ""},
		{"before validFrom − skew", skew, func(p *passport.Passport) time.Time { return p.ValidFrom.Add(-skew - 1) }, verify.TimeNotYetValid},
		{"just before validUntil + skew", skew, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(skew - 1) }, ""},
		{"at validUntil + skew", skew, func(p *passport.Passport) time.Time { return p.ValidUntil.Add(skew) }, verify.TimeExpired},
		{"TIM-08 at the zero time", 0, func(*passport.Passport) time.Time { return time.Time{} }, verify.TimeNotYetValid},
		{"TIM-08 in 2100", 0, func(*passport.Passport) time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }, verify.TimeExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			p := w.Passport()
			at := c.move(p)
			// Everything but the passport is made for the instant of the
			// decision, so that nothing else is in question.
			w.Clock.Set(p.ValidFrom.Add(-10 * time.Minute))
			signed := w.Issue(p)
			w.Lists.Publish()
			w.Clock.Set(at)
			if at.After(w.Clock.Now().Add(-time.Hour)) && at.Year() == 2026 {
				w.Lists.Publish()
			}
			made := at
			if at.Year() != 2026 {
				made = p.ValidFrom
			}
			raw := w.Present(signed, w.Intent(), func(o *passport.PresentOptions) { o.Now = func() time.Time { return made } })
			d, err := w.Verifier(func(cfg *verify.Config) { cfg.Skew = c.skew }).Verify(ctx, raw, w.Request())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.want, d.Code())
			require.Equal(t, "/verifiableCredential/0", d.Violations[0].Path)
			if at.Year() == 2026 {
				require.Len(t, d.Violations, 1)
			}
		})
	}
}

func codes(d *verify.Decision) (out []verify.Code) {
	for _, vio := range d.Violations {
		out = append(out, vio.Code)
	}
	return out
}

func TestStep3Time(t *testing.T) {
	long := func(w *verifytest.World, p *passport.Passport) {
		p.ValidUntil = p.ValidFrom.Add(720*time.Hour + time.Second)
	}
	run(t, []fault{
		{name: "lifetime", want: verify.TimeLifetimeExceeded, pass: long},
		{name: "INT-10 intent ended", want: verify.TimeIntentExpired, before: func(w *verifytest.World, _ *passport.Passport) { w.Clock.Advance(5 * time.Minute) }},
		{name: "INT-10 intent of the future", want: verify.TimeNotYetValid, intent: func(in *passport.Intent) { in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 1, 0, time.UTC) }},
		{name: "INT-10 intent lives too long", want: verify.TimeLifetimeExceeded, intent: func(in *passport.Intent) {
			in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
			in.ExpiresAt = in.IssuedAt.Add(5*time.Minute + time.Second)
		}},
		{name: "TIM-06 proof of the future", want: verify.TimeNotYetValid, show: func(w *verifytest.World, o *passport.PresentOptions) {
			o.Now = func() time.Time { return w.Clock.Now().Add(time.Second) }
		}, intent: func(in *passport.Intent) {
			in.IssuedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		}},
		{name: "TIM-06 proof ended", want: verify.ProofExpired, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Expires = w.Clock.Now() })
		}},
	})
}

// resign takes the proof off a presentation and puts another on.
func resign(w *verifytest.World, doc []byte, signer did.Signer, edit func(*credential.SignOptions)) []byte {
	i := bytes.LastIndex(doc, []byte(`,"proof":`))
	o := credential.SignOptions{Created: w.Clock.Now(), Domain: []string{verifytest.Audience}, Challenge: "0123456789abcdef"}
	edit(&o)
	vp, err := credential.SignPresentation(ctx, signer, append(doc[:i:i], '}'), o)
	if err != nil {
		panic(err)
	}
	return vp.Bytes()
}

func keep(*credential.SignOptions) {}

func TestStep4Proof(t *testing.T) {
	mallory := verifytest.Key("mallory")
	run(t, []fault{
		{name: "SIG-05 passport changed", want: verify.ProofInvalid, bytes: replace(`"50.00"`, `"90.00"`)},
		{name: "SIG-05 intent changed", want: verify.ProofInvalid, bytes: replace(`"12.50"`, `"12.51"`), ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") }},
		{name: "SIG-32 presentation by a stranger", want: verify.ProofKeyNotAuthorized, bytes: func(w *verifytest.World, b []byte) []byte { return resign(w, b, mallory, keep) }},
		{name: "SIG-32 good presentation, forged passport", want: verify.ProofInvalid, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, replace(`"50.00"`, `"90.00"`)(w, b), w.Agent, keep)
		}},
		{name: "DEL-16 holder is not the agent", want: verify.ProofHolderMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, replace(`"holder":"`+w.Agent.DID().String()+`"`, `"holder":"`+mallory.DID().String()+`"`)(w, b), mallory, keep)
		}},
		{name: "SIG-11 presentation proof for assertion", want: verify.ProofPurposeMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Purpose = did.AssertionMethod })
		}},
		{name: "INT-06 other audience", want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:other.example" }},
		{name: "INT-06 audience prefix", want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:shop" }},
		{name: "INT-06 trailing slash", want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience += "/" }},
		{name: "INT-06 no audience", want: verify.ProofAudienceMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Domain = nil })
		}},
		{name: "INT-06 ours among others", want: verify.ProofAudienceMismatch, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Domain = []string{verifytest.Audience, "https://evil.example"} })
		}},
		{name: "other challenge", want: verify.ProofChallengeMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Nonce = "a challenge of the verifier" }},
		{name: "INT-05 challenge of 15 bytes", want: verify.EnvelopeNonceInvalid, show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = "123456789012345" }},
		{name: "INT-05 challenge of 129 bytes", want: verify.EnvelopeNonceInvalid, show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = strings.Repeat("n", 129) }},
		{name: "INT-05 no challenge", want: verify.EnvelopeNonceInvalid, bytes: func(w *verifytest.World, b []byte) []byte {
			return resign(w, b, w.Agent, func(o *credential.SignOptions) { o.Challenge = "" })
		}},
		{name: "other amount", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.51", "USD") }},
		{name: "other currency", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("12.50", "EUR") }},
		{name: "amount not asked for", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.Money{} }},
		{name: "amount not signed", want: verify.ProofIntentMismatch, intent: func(in *passport.Intent) { in.Amount = passport.Money{} }},
		{name: "other action", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Action = "payments.refund" }},
		{name: "resource not signed", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Resource = "https://a.example/x" }},
		{name: "resource not asked for", want: verify.ProofIntentMismatch, intent: func(in *passport.Intent) { in.Resource = "https://a.example/x" }},
		{name: "payee", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Payee = "did:web:payee.example" }},
		{name: "category", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Category = "inference" }},
		{name: "rail", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Rail = "" }},
		{name: "region", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Region = "DE" }},
		{name: "body", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.BodyDigest = passport.Digest([]byte("x")) }},
		{name: "parameters", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Attributes = object(`{"rows":5}`) }},
		{name: "parameters by value", want: verify.ProofIntentMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Attributes = object(`{"rows":5}`) }, intent: func(in *passport.Intent) { in.Attributes = object(`{"rows":6}`) }},
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

func object(text string) credential.Value {
	v, err := credential.ParseValue(text)
	if err != nil {
		panic(err)
	}
	return v
}

// An undetermined key is told apart from a wrong one.
func TestStep4Verdicts(t *testing.T) {
	d, err := fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Resolver = did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, errors.New("no line") })
	}}.decide(t)
	verifytest.AssertDenied(t, err, verify.ProofUnresolvable)
	require.Equal(t, verify.Undetermined, d.Verdict)
}

func TestStep2DEL07ALinkIsNoRoot(t *testing.T) {
	run(t, []fault{{name: "a link as the root", want: verify.AnchorUntrustedIssuer, pass: func(_ *verifytest.World, p *passport.Passport) {
		p.DelegationDepth, p.ParentPassportID, p.ParentDigest = 1, passport.PassportURN+"01KAJ0000000000000000000AA", passport.Digest(nil)
	}}})
}

func TestStep6Status(t *testing.T) {
	set := func(i int) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[i], 1) }
	}
	publishBy := func(who *did.KeyPair, edit func(*statuslist.PublishOptions)) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) {
			o := statuslist.PublishOptions{Now: w.Clock.Now()}
			if edit != nil {
				edit(&o)
			}
			list, _, err := w.Lists.Revocation.Publish(ctx, who, o)
			if err != nil {
				panic(err)
			}
			w.Lists.Put(verifytest.RevocationURL, list.Bytes())
		}
	}
	tamper := func(old, new string) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, replace(old, new)(w, w.Lists.Get(verifytest.RevocationURL)))
		}
	}
	put := func(raw string) func(*verifytest.World, *passport.Passport) {
		return func(w *verifytest.World, _ *passport.Passport) { w.Lists.Put(verifytest.RevocationURL, []byte(raw)) }
	}
	run(t, []fault{
		{name: "revoked", want: verify.StatusRevoked, before: set(0)},
		{name: "suspended", want: verify.StatusSuspended, before: set(1)},
		{name: "STL-08 unavailable", want: verify.StatusUnavailable, before: func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Fail(verifytest.RevocationURL, errors.New("404"))
		}},
		{name: "STL-08 no source", want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) { c.Status = nil }},
		{name: "STL-08 nothing", want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) {
			c.Status = statuslist.SourceFunc(func(context.Context, string) (*statuslist.Fetched, error) { return nil, nil })
		}},
		{name: "STL-08 malformed", want: verify.StatusInvalid, before: put("{")},
		{name: "STL-03 foreign issuer", want: verify.StatusInvalid, before: publishBy(verifytest.Key("mallory"), nil)},
		{name: "STL-07 unsigned", want: verify.StatusInvalid, before: func(w *verifytest.World, _ *passport.Passport) {
			raw := w.Lists.Get(verifytest.RevocationURL)
			i := bytes.LastIndex(raw, []byte(`,"proof":`))
			w.Lists.Put(verifytest.RevocationURL, append(raw[:i:i], '}'))
		}},
		{name: "STL-07 bad proof", want: verify.StatusInvalid, before: tamper(`"statusPurpose":"revocation"`, `"statusPurpose":["revocation","suspension"]`)},
		{name: "STL-04 other purpose", want: verify.StatusInvalid, before: func(w *verifytest.World, p *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, w.Lists.Get(verifytest.SuspensionURL))
		}},
		{name: "STL-06 a passport as list", want: verify.StatusInvalid, before: func(w *verifytest.World, p *passport.Passport) {
			w.Lists.Put(verifytest.RevocationURL, w.Issue(w.Passport()).Bytes())
		}},
		{name: "STL-10 too old", want: verify.StatusStale, before: func(w *verifytest.World, _ *passport.Passport) {}, config: func(w *verifytest.World, c *verify.Config) {
			c.Bounds.StatusAge = time.Minute
			w.Clock.Advance(time.Minute + 1)
		}},
		{name: "STL-10 ended", want: verify.StatusStale, before: func(w *verifytest.World, p *passport.Passport) {
			publishBy(w.Issuer, func(o *statuslist.PublishOptions) { o.ValidFor = time.Minute })(w, p)
			w.Clock.Advance(time.Minute)
		}},
		{name: "STL-10 of the future", want: verify.StatusInvalid, before: func(w *verifytest.World, p *passport.Passport) {
			publishBy(w.Issuer, func(o *statuslist.PublishOptions) { o.Now = o.Now.Add(time.Second) })(w, p)
		}},
		{name: "a status without id of its own stands", want: verify.StatusRevoked, before: set(0)},
	})
}

// A list that is exactly as old as allowed serves; the age is told.
func TestStep6STL10Age(t *testing.T) {
	d, err := fault{config: func(w *verifytest.World, c *verify.Config) {
		c.Bounds.StatusAge = time.Minute
		w.Clock.Advance(time.Minute)
	}}.decide(t)
	require.NoError(t, err)
	require.Equal(t, time.Minute, d.Steps[5].DataAge)
}

// A6: the entries of principal, organisation and issuer stop every passport
// that carries them.
func TestStep6A6KillSwitches(t *testing.T) {
	for scope, want := range map[string]verify.Code{
		"passport": verify.StatusRevoked, "principal": verify.StatusPrincipalRevoked,
		"organization": verify.StatusPrincipalRevoked, "issuer": verify.StatusIssuerPaused,
	} {
		run(t, []fault{{name: scope, want: want,
			pass: func(_ *verifytest.World, p *passport.Passport) {
				p.Status[0].ID = "urn:safeconduct:status:" + scope + ":01KAJ0000000000000000000AA"
			},
			before: func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) },
		}})
	}
}

// Roll-back, and STL-16 (a revocation stays), and STL-17 (a revocation counts
// on the next call), with one verifier that lives on.
func TestStep6Memory(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	signed := w.Issue(p)
	decide := func() error {
		_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		return err
	}
	require.NoError(t, decide())
	old := w.Lists.Get(verifytest.RevocationURL)

	w.Clock.Advance(time.Minute)
	w.Lists.Publish()
	require.NoError(t, decide())
	w.Lists.Put(verifytest.RevocationURL, old)
	verifytest.AssertDenied(t, decide(), verify.StatusRolledBack)

	w.Lists.Publish()
	require.NoError(t, decide())
	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[1], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusSuspended)
	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[1], 0)
	require.NoError(t, decide(), "a suspension may end")

	w.Clock.Advance(time.Minute)
	w.Lists.Set(p.Status[0], 1)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked) // STL-17

	// STL-16: an issuer, or who has its key, cannot make it unhappen.
	fresh, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: verifytest.RevocationURL, Purpose: statuslist.Revocation})
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	list, _, err := fresh.Publish(ctx, w.Issuer, statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	w.Lists.Put(verifytest.RevocationURL, list.Bytes())
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)
}

// A list that was never proven must not move the roll-back mark.
func TestStep6UnprovenListsLeaveNoTrace(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	signed := w.Issue(w.Passport())
	good := w.Lists.Get(verifytest.RevocationURL)
	w.Clock.Advance(time.Minute)
	forged, _, err := w.Lists.Revocation.Publish(ctx, verifytest.Key("mallory"), statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	asIssuer := bytes.Replace(forged.Bytes(), []byte(`"issuer":"`+verifytest.Key("mallory").DID().String()), []byte(`"issuer":"`+w.Issuer.DID().String()), 1)
	w.Lists.Put(verifytest.RevocationURL, asIssuer)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
	w.Lists.Put(verifytest.RevocationURL, good)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	require.NoError(t, err)
}

func TestStep7Authority(t *testing.T) {
	act := func(action string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: action}} },
			func(_ *verifytest.World, q *verify.Request) {
				*q = verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: action}}
			}
	}
	amount := func(s, cur string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		m := passport.MustMoney(s, cur)
		return func(in *passport.Intent) { in.Amount = m }, func(_ *verifytest.World, q *verify.Request) { q.Amount = m }
	}
	other, askOther := act("files.write")
	dear, askDear := amount("50.01", "USD")
	eur, askEUR := amount("1", "EUR")
	read, askRead := act("data.read.all")
	limit, askLimit := amount("50", "USD")
	run(t, []fault{
		{name: "no capability", want: verify.AuthorityActionNotAllowed, intent: other, ask: askOther},
		{name: "MON-06 one cent more", want: verify.AuthorityAmountExceeded, intent: dear, ask: askDear},
		{name: "MON-06 currency not granted", want: verify.AuthorityCurrencyNotAllowed, intent: eur, ask: askEUR},
		{name: "denied", want: verify.AuthorityActionDenied, pass: func(_ *verifytest.World, p *passport.Passport) { p.Authority.DeniedActions = []string{"payments.*"} }},
		{name: "everything denied", want: verify.AuthorityActionDenied, pass: func(_ *verifytest.World, p *passport.Passport) { p.Authority.DeniedActions = []string{"*"} }},
		{name: "limit 0", want: verify.AuthorityAmountExceeded, pass: func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.MaxTransaction = passport.MustMoney("0", "USD")
		}},
		{name: "host's rule", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "no", Check: func(verify.Facts) error { return errors.New("not today") }}}
		}},
		{name: "host's rule panics", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "no", Check: func(verify.Facts) error { panic("oh") }}}
		}},
	})
	_, err := fault{intent: read, ask: askRead}.decide(t)
	require.NoError(t, err)
	_, err = fault{intent: limit, ask: askLimit}.decide(t)
	require.NoError(t, err, "exactly the limit")
}

// Status and authority are both evaluated, and every reason is told; a denial
// comes before an undetermined in spite of the order of the steps.
func TestAllReasonsAndPrecedence(t *testing.T) {
	f := fault{
		pass: func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.DeniedActions = []string{"payments.charge"}
		},
		intent: func(in *passport.Intent) { in.Amount = passport.MustMoney("99", "USD") },
		ask:    func(_ *verifytest.World, q *verify.Request) { q.Amount = passport.MustMoney("99", "USD") },
		before: func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Fail(verifytest.RevocationURL, errors.New("gone"))
		},
	}
	d, err := f.decide(t)
	require.Equal(t, verify.Deny, d.Verdict)
	verifytest.AssertDenied(t, err, verify.AuthorityActionDenied)
	require.Equal(t, []verify.Code{verify.StatusUnavailable, verify.AuthorityActionDenied, verify.AuthorityAmountExceeded}, codes(d))
	require.ErrorIs(t, err, verify.StatusUnavailable)
	require.ErrorIs(t, err, verify.AuthorityAmountExceeded)
	require.Equal(t, verify.StepUndetermined, d.Steps[5].Outcome)
	require.Equal(t, verify.Failed, d.Steps[6].Outcome)
	require.Equal(t, verify.NotReached, d.Steps[7].Outcome)
}

// INT-13: of two faults the earlier step's is reported, and later steps are
// not reached.
func TestINT13EarlierStepWins(t *testing.T) {
	faults := []fault{
		{want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"evil":"x","capabilities":`)},
		{want: verify.AnchorUntrustedIssuer, issuer: func(*verifytest.World) did.Signer { return verifytest.Key("stranger") }},
		{want: verify.TimeIntentExpired, before: func(w *verifytest.World, _ *passport.Passport) { w.Clock.Advance(time.Hour) }},
		{want: verify.ProofAudienceMismatch, ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:other.example" }},
		{want: verify.StatusUnavailable, config: func(_ *verifytest.World, c *verify.Config) { c.Status = nil }},
	}
	for i, early := range faults {
		for _, late := range faults[i+1:] {
			both := early
			if late.bytes != nil {
				both.bytes = late.bytes
			}
			if late.issuer != nil {
				both.issuer = late.issuer
			}
			if late.before != nil {
				both.before = late.before
			}
			if late.ask != nil {
				both.ask = late.ask
			}
			if late.config != nil {
				both.config = late.config
			}
			d, err := both.decide(t)
			verifytest.AssertDenied(t, err, early.want)
			require.NotContains(t, codes(d), late.want)
		}
	}
}

func TestStep8Replay(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	raw := w.Present(w.Issue(w.Passport()), w.Intent())

	// A refused attempt uses nothing up (INT-15).
	bad := w.Request(func(q *verify.Request) { q.Action = "payments.refund" })
	_, err := v.Verify(ctx, raw, bad)
	require.Error(t, err)

	_, err = v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)
	_, err = v.Verify(ctx, raw, w.Request()) // INT-01
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
	_, err = v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.NoError(t, err, "another presentation is another matter")
}

// INT-03: a clock set back does not bring a forgotten nonce back to life.
func TestStep8INT03ClockSetBack(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	pass := w.Issue(w.Passport())
	raw := w.Present(pass, w.Intent())
	_, err := v.Verify(ctx, raw, w.Request())
	require.NoError(t, err)
	w.Clock.Advance(time.Hour)
	_, err = v.Verify(ctx, w.Present(pass, w.Intent()), w.Request()) // the first is forgotten now
	require.NoError(t, err)
	w.Clock.Advance(-time.Hour)
	_, err = v.Verify(ctx, raw, w.Request())
	verifytest.AssertDenied(t, err, verify.LedgerReplay)
}

func TestStep8LedgerDown(t *testing.T) {
	d, err := fault{config: func(_ *verifytest.World, c *verify.Config) { c.Ledger = broken{} }}.decide(t) // INT-16
	verifytest.AssertDenied(t, err, verify.LedgerUnavailable)
	require.Equal(t, verify.Undetermined, d.Verdict)
}

func TestRequestInvalid(t *testing.T) {
	for name, edit := range map[string]func(*verify.Request){
		"no audience":          func(q *verify.Request) { q.Audience = "" },
		"no action":            func(q *verify.Request) { q.Action = "" },
		"action pattern":       func(q *verify.Request) { q.Action = "payments.*" },
		"short nonce":          func(q *verify.Request) { q.Nonce = "123456789012345" },
		"long nonce":           func(q *verify.Request) { q.Nonce = strings.Repeat("n", 129) },
		"region":               func(q *verify.Request) { q.Region = "Europe" },
		"digest":               func(q *verify.Request) { q.BodyDigest = "sha256:abc" },
		"attributes":           func(q *verify.Request) { q.Attributes = object(`[1]`) },
		"a facet as attribute": func(q *verify.Request) { q.Attributes = object(`{"amount":5}`) },
		"usage":                func(q *verify.Request) { q.Usage = map[string]int64{"rows": -1} },
		"wildcard":             func(q *verify.Request) { q.Resource = "https://a.example/*" },
		"control":              func(q *verify.Request) { q.Payee = "a\u202eb" },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := fault{ask: func(_ *verifytest.World, q *verify.Request) { edit(q) }}.decide(t)
			verifytest.AssertDenied(t, err, verify.RequestInvalid)
			requireConsistent(t, d, err)
		})
	}
}

func TestWEB10ConfigRefused(t *testing.T) {
	w := verifytest.NewWorld(t)
	for name, edit := range map[string]func(*verify.Config){
		"zero":              func(c *verify.Config) { *c = verify.Config{} },
		"no anchors":        func(c *verify.Config) { c.Anchors = nil },
		"zero anchor":       func(c *verify.Config) { c.Anchors = []verify.Anchor{{}} },
		"anchor twice":      func(c *verify.Config) { c.Anchors = append(c.Anchors, c.Anchors[0]) },
		"anchor's level":    func(c *verify.Config) { c.Anchors[0].MaxAssurance = "L9" },
		"no resolver":       func(c *verify.Config) { c.Resolver = nil },
		"no ledger":         func(c *verify.Config) { c.Ledger = nil },
		"TIM-05 skew":       func(c *verify.Config) { c.Skew = -1 },
		"TIM-05 large skew": func(c *verify.Config) { c.Skew = 5*time.Minute + 1 },
		"bounds":            func(c *verify.Config) { c.Bounds.Links = 11 },
		"negative bound":    func(c *verify.Config) { c.Bounds.StatusAge = -1 },
		"nil format":        func(c *verify.Config) { c.Formats = []credential.Format{nil} },
		"nil rule":          func(c *verify.Config) { c.Policy = []verify.Rule{{ID: "x"}} },
	} {
		t.Run(name, func(t *testing.T) {
			c := w.Config()
			edit(&c)
			v, err := verify.New(c)
			require.Error(t, err)
			require.Nil(t, v)
		})
	}
}
