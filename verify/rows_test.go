package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// DEL-10: who was not given the right to delegate cannot, whatever it signs.
func TestStep5DEL10NoRightToDelegate(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 })
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 })
	_, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.DelegationTooDeep)
	_, err = passport.Delegate(ctx, passport.Chain{f.signed}, f.agents[0], f.child(1, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 }), passport.IssueOptions{Now: f.Clock.Now})
	require.ErrorIs(t, err, verify.DelegationTooDeep)
}

// DEL-13: a kind of constraint that is not known is not skipped.
func TestStep1DEL13UnknownConstraints(t *testing.T) {
	run(t, []fault{
		{name: "caveat", want: verify.EnvelopeDataLoss, bytes: replace(`"capabilities":`, `"caveats":[{"never":true}],"capabilities":`)},
		{name: "kind of limit", want: verify.EnvelopeMalformed, bytes: replace(`"allowedMPPCategories":`, `"limits":{"min_rows":1},"allowedMPPCategories":`)},
		{name: "kind of parameter", want: verify.EnvelopeMalformed, bytes: replace(`{"action":"payments.charge"}`, `{"action":"payments.charge","params":{"x":{"y":1}}}`)},
		{name: "period", want: verify.EnvelopeMalformed, bytes: replace(`"allowedMPPCategories":`, `"spendLimits":[{"amount":"1","currency":"USD","per":"year"}],"allowedMPPCategories":`)},
	})
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
		_, err := f.Verifier(func(c *verify.Config) { c.Resolver = did.Mux{"key": did.KeyMethods(), "web": agent} }).Verify(ctx, f.PresentChain(f.agents[1], chain, f.Intent()), f.Request())
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
		"currency": {`"amount":"12.50","currency":"USD"`, `"amount":"12.50","currency":"EUR"`, func(q *verify.Request) { q.Amount = passport.MustMoney("12.50", "EUR") }},
		"region":   {`"region":"DE"`, `"region":"FR"`, func(q *verify.Request) { q.Region = "FR" }},
		"tool":     {`"tool":"a"`, `"tool":"b"`, func(q *verify.Request) { q.Attributes = object(`{"tool":"b"}`) }},
		"body":     {digest, other, func(q *verify.Request) { q.BodyDigest = other }},
	} {
		run(t, []fault{{name: name, want: verify.ProofInvalid, intent: in, ask: ask(c.ask), bytes: replace(c.old, c.new)}})
	}
	_, err := fault{intent: in, ask: ask(func(*verify.Request) {})}.decide(t)
	require.NoError(t, err)
}

// STL-05: the status entry cannot be taken away or blinded under a signature
// that stays valid, with either suite.
func TestStep1STL05StatusTakenAway(t *testing.T) {
	for _, suite := range []string{credential.SuiteJCS, credential.SuiteRDFC} {
		w := verifytest.NewWorld(t)
		p := w.Passport(func(p *passport.Passport) {
			p.Status = p.Status[:1]
			p.Status[0].ID = "urn:safeconduct:status:passport:01KAJ0000000000000000000AA"
		})
		signed, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Suite: suite})
		require.NoError(t, err)
		w.Lists.Set(p.Status[0], 1)
		_, err = w.Verifier().Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		verifytest.AssertDenied(t, err, verify.StatusRevoked)
		raw := w.Present(signed, w.Intent())
		for name, edit := range map[string][2]string{
			"relative id":       {`"urn:safeconduct:status:passport:01KAJ0000000000000000000AA"`, `"rel"`},
			"id dropped by RDF": {`"urn:safeconduct:status:passport:01KAJ0000000000000000000AA"`, `"http://-bad-/x"`},
			"aliased":           {`"credentialStatus":`, `"https://www.w3.org/2018/credentials#credentialStatus":`},
			"other purpose":     {`"statusPurpose":"revocation"`, `"statusPurpose":"message"`},
			"as data":           {`"credentialStatus":`, `"evidence":`},
		} {
			broken := bytes.Replace(raw, []byte(edit[0]), []byte(edit[1]), 1)
			require.NotEqual(t, raw, broken, name)
			// The agent, who would do this, signs the presentation anew.
			if vp, err := credential.ParsePresentation(broken); err == nil && vp != nil {
				broken = resign(w, broken, w.Agent, keep)
			}
			d, err := w.Verifier().Verify(ctx, broken, w.Request())
			require.Error(t, err, "%s %s", suite, name)
			require.Equal(t, verify.Deny, d.Verdict)
		}
	}
}

// TIM-04: no leeway of a token library is added to ours.
func TestStep3TIM04TokensHaveNoLeeway(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport()
	signed, err := passport.Issue(ctx, w.Issuer, p, passport.IssueOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
	require.NoError(t, err)
	w.Clock.Set(p.ValidUntil.Add(-30 * time.Second))
	w.Lists.Publish()
	v := w.Verifier(func(c *verify.Config) { c.Formats = []credential.Format{vcjwt.Format()} })
	show := func() []byte {
		vp, err := passport.Present(ctx, w.Agent, passport.Chain{signed}, w.Intent(), verifytest.Audience, passport.PresentOptions{Now: w.Clock.Now, Format: vcjwt.Format()})
		require.NoError(t, err)
		return vp.Bytes()
	}
	_, err = v.Verify(ctx, show(), w.Request())
	require.NoError(t, err)
	for _, past := range []time.Duration{0, time.Second, 61 * time.Second, 119 * time.Second} {
		w.Clock.Set(p.ValidUntil.Add(past))
		_, err = v.Verify(ctx, show(), w.Request())
		verifytest.AssertDenied(t, err, verify.TimeExpired)
	}
}

// RES-04: a context that is over is answered at once, and never by a yes.
func TestRES04CancelledContext(t *testing.T) {
	w := verifytest.NewWorld(t)
	over, cancel := context.WithCancel(ctx)
	cancel()
	d, err := w.Verifier().Verify(over, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	require.Error(t, err)
	require.NotEqual(t, verify.Allow, d.Verdict)
}

// RES-05: thousands of refusals leave nothing behind.
func TestRES05RefusalsLeaveNothing(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	raw := w.Present(w.Issue(w.Passport()), w.Intent())
	bad := replace(`"50.00"`, `"90.00"`)(w, raw)
	before := runtime.NumGoroutine()
	var m0, m1 runtime.MemStats
	for i := range 4000 {
		if i == 1000 { // pools and memories are warm by then
			runtime.GC()
			runtime.ReadMemStats(&m0)
		}
		_, err := v.Verify(ctx, bad, w.Request())
		require.Error(t, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	require.Less(t, int64(m1.HeapAlloc)-int64(m0.HeapAlloc), int64(4<<20))
}

// nested returns n capabilities of which each covers the next, with parameters
// that make them incomparable: the hardest authority to intersect.
func nested(n int) (list []passport.Capability) {
	action := "a"
	for i := range n {
		list = append(list, passport.Capability{Action: action + ".*", Params: []passport.Param{{Name: fmt.Sprintf("max_p%d", i), Kind: passport.ParamMax, Int: int64(i)}}})
		action += ".a"
	}
	return list
}

// RES-02: the chain that is hardest to intersect is refused for it, instead of
// being worked through.
func TestStep5RES02OverlappingCapabilities(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.Capabilities = nested(64) })
	chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], func(p *passport.Passport) {
		p.Authority.Capabilities = nested(64)
		for i := range p.Authority.Capabilities {
			p.Authority.Capabilities[i].Params = append(p.Authority.Capabilities[i].Params, passport.Param{Name: "max_q", Kind: passport.ParamMax, Int: int64(i)})
		}
	})
	_, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
}

// The same through a benchmark, for its time.
func BenchmarkRES02Worst(b *testing.B) {
	w := verifytest.NewWorld(b)
	p := w.Passport(func(p *passport.Passport) {
		p.Authority.MaxDelegationDepth = 5
		p.Authority.Capabilities = nested(64)
	})
	chain := passport.Chain{w.Issue(p)}
	child := &passport.Passport{Agent: verifytest.Key("child").DID(), Authority: passport.Authority{}.InheritGrants(&p.Authority), DelegationDepth: 1, ParentPassportID: chain[0].Unverified().ID, ParentDigest: chain[0].Digest(), ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil}
	s, err := passport.Issue(ctx, w.Agent, child, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(b, err)
	raw := w.PresentChain(verifytest.Key("child"), append(chain, s), w.Intent(func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: "a.b"}} }))
	v := w.Verifier()
	b.ReportAllocs()
	for b.Loop() {
		_, err := v.Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: "a.b"}})
		if err == nil {
			b.Fatal("allowed")
		}
	}
}

// RES-03, RES-10 of the goals: a presentation of the largest size, of which
// everything is refused at the first byte that is wrong.
func BenchmarkRES02Largest(b *testing.B) {
	raw := []byte(`{"a":[` + strings.Repeat(`{"b":"c"},`, 40000) + `1]}`)
	w := verifytest.NewWorld(b)
	v := w.Verifier()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := v.Verify(ctx, raw, w.Request()); err == nil {
			b.Fatal("allowed")
		}
	}
}
