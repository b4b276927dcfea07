package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A delegate writes its own description; the links above it must be for the
// act, too.
func TestDelegateCannotDescribeDriftAway(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) {
		p.Name = "flight booker"
		p.Role = "travel"
		p.Authority.Capabilities = []passport.Capability{{Action: "flight.book"}, {Action: "acme.*"}}
	})
	drift := func(c *verify.Config) { c.Policy = []verify.Rule{policy.Drift{}.Rule()} }
	act := "acme.password"
	raw := f.PresentChain(f.agents[0], passport.Chain{f.signed}, passport.Intent{Act: passport.Act{Action: act}})
	_, err := f.Verifier(drift).Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: act}})
	verifytest.AssertDenied(t, err, verify.AuthorityIntentDrift)
	chain := f.delegate(t, passport.Chain{f.signed}, func(p *passport.Passport) { p.Role = "password admin" })
	raw = f.PresentChain(f.agents[1], chain, passport.Intent{Act: passport.Act{Action: act}})
	_, err = f.Verifier(drift).Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: act}})
	require.Error(t, err, "drift")
}

// A11: attestation against the host's register, and against what is measured.
func TestA11Attestation(t *testing.T) {
	model, prompt := passport.Digest([]byte("model")), passport.Digest([]byte("prompt"))
	attested := func(_ *verifytest.World, p *passport.Passport) {
		p.Attestation = passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: prompt}
	}
	register := func(edit func(*policy.Attestations)) func(*verifytest.World, *verify.Config) {
		return func(w *verifytest.World, c *verify.Config) {
			a := &policy.Attestations{Frameworks: map[string][]string{"fw": {model}}, Prompts: map[did.DID][]string{w.Agent.DID(): {prompt}}}
			edit(a)
			c.Policy = []verify.Rule{a.Rule()}
		}
	}
	running := func(a passport.Attestation) func(*verifytest.World, *verify.Request) {
		return func(_ *verifytest.World, q *verify.Request) { q.Running = a }
	}
	same := func(*policy.Attestations) {}
	other := passport.Digest([]byte("other"))
	run(t, []fault{
		{name: "framework", want: verify.AttestationFrameworkUnregistered, pass: attested,
			config: register(func(a *policy.Attestations) { a.Frameworks = nil })},
		{name: "model", want: verify.AttestationModelMismatch, pass: attested,
			config: register(func(a *policy.Attestations) { a.Frameworks["fw"] = []string{other} })},
		{name: "prompt", want: verify.AttestationPromptMismatch, pass: attested, config: register(func(a *policy.Attestations) {
			for k := range a.Prompts {
				a.Prompts[k] = []string{other}
			}
		})},
		{name: "MOD-14 missing", want: verify.AttestationFrameworkUnregistered, config: register(func(a *policy.Attestations) { a.Required = true })},
		{name: "runs another model", want: verify.AttestationModelMismatch, pass: attested,
			ask: running(passport.Attestation{Framework: "fw", ModelDigest: other, PromptDigest: prompt})},
		{name: "runs another prompt", want: verify.AttestationPromptMismatch, pass: attested,
			ask: running(passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: other})},
		{name: "runs another framework", want: verify.AttestationFrameworkUnregistered, pass: attested,
			ask: running(passport.Attestation{Framework: "x", ModelDigest: model, PromptDigest: prompt})},
		{name: "runs what was never attested", want: verify.AttestationModelMismatch, ask: running(passport.Attestation{ModelDigest: model})},
	})
	_, err := fault{pass: attested, config: register(same),
		ask: running(passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: prompt})}.decide(t)
	require.NoError(t, err)
	unlisted := func(a *policy.Attestations) { a.Prompts = nil }
	_, err = fault{config: register(unlisted)}.decide(t)
	require.NoError(t, err, "not attested and not required")
}

// A11: whose prompt is asked for states one: to say nothing is no way around it.
func TestA11APromptThatIsAskedForIsStated(t *testing.T) {
	model, prompt := passport.Digest([]byte("model")), passport.Digest([]byte("prompt"))
	stated := passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: prompt}
	promptless := passport.Attestation{Framework: "fw", ModelDigest: model}
	mismatch := []verify.Code{verify.AttestationPromptMismatch}
	another := []verify.Code{verify.AttestationFrameworkUnregistered}
	w := verifytest.NewWorld(t)
	f := w.Family()
	for name, c := range map[string]struct {
		says      passport.Attestation
		delegated bool
		listed    bool
		want      []verify.Code
	}{
		"stated":                    {says: stated, listed: true},
		"no prompt":                 {says: promptless, listed: true, want: mismatch},
		"nothing":                   {listed: true, want: mismatch},
		"nothing, not asked for":    {},
		"a delegate's, nothing":     {delegated: true, listed: true, want: mismatch},
		"a delegate's, not asked":   {delegated: true},
		"a delegate's word on that": {says: stated, delegated: true, listed: true, want: another},
	} {
		t.Run(name, func(t *testing.T) {
			says := func(p *passport.Passport) { p.Attestation = c.says }
			agent, raw := w.Agent, []byte(nil)
			if c.delegated {
				agent, raw = f.Agents[1], f.Present(f.Delegate(f.Chain(0), says), w.Intent())
			} else {
				raw = w.Present(w.Issue(w.Passport(says)), w.Intent())
			}
			register := policy.Attestations{Frameworks: map[string][]string{"fw": {model}}}
			if c.listed {
				register.Prompts = map[did.DID][]string{agent.DID(): {prompt}}
			}
			v := w.Verifier(func(cfg *verify.Config) { cfg.Policy = []verify.Rule{register.Rule()} })
			d, _ := v.Verify(ctx, raw, w.Request())
			var codes []verify.Code
			for _, v := range d.Violations {
				codes = append(codes, v.Code)
			}
			require.Equal(t, c.want, codes)
		})
	}
}

// A4: E303, raised truthfully: an act that the passport allows and the agent is
// not for.
func TestA4Drift(t *testing.T) {
	clerk := func(_ *verifytest.World, p *passport.Passport) {
		p.Role = "answers e-mail"
		p.Authority.Capabilities = []passport.Capability{{Action: "mail.*"}, {Action: "x.*"}}
	}
	act := func(action string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: action}} }, func(_ *verifytest.World, q *verify.Request) {
			*q = verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: action}}
		}
	}
	drift := func(_ *verifytest.World, c *verify.Config) { c.Policy = []verify.Rule{policy.Drift{}.Rule()} }
	refund, askRefund := act("x.refund")
	send, askSend := act("mail.send")
	odd, askOdd := act("x.frobnicate")
	run(t, []fault{{name: "refund", want: verify.AuthorityIntentDrift, pass: clerk, intent: refund, ask: askRefund, config: drift}})
	for _, f := range []fault{
		{pass: clerk, intent: send, ask: askSend, config: drift},
		{pass: clerk, intent: odd, ask: askOdd, config: drift},
		{pass: clerk, intent: refund, ask: askRefund},
	} {
		_, err := f.decide(t)
		require.NoError(t, err)
	}
}

type scores map[did.DID]int

func (s scores) Trust(agent did.DID) (int, bool) { n, ok := s[agent]; return n, ok }

// A7: a threshold on the agent's record; an unknown agent has none.
func TestA7TrustThreshold(t *testing.T) {
	trust := func(n int, known bool) func(*verifytest.World, *verify.Config) {
		return func(w *verifytest.World, c *verify.Config) {
			s := scores{}
			if known {
				s[w.Agent.DID()] = n
			}
			c.Policy = []verify.Rule{policy.Trust{Source: s, Least: 500}.Rule()}
		}
	}
	run(t, []fault{
		{name: "low", want: verify.TrustTooLow, config: trust(499, true)},
		{name: "unknown", want: verify.TrustTooLow, config: trust(0, false)},
	})
	_, err := fault{config: trust(500, true)}.decide(t)
	require.NoError(t, err)
}
