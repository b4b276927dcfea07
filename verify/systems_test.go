package verify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// G9: what a Grantex verifier asks: trusted issuer, category, amount with its
// currency, revocation by the list, all offline, each with its own answer.
func TestG9GrantexQuestions(t *testing.T) {
	ask := func(edit func(*passport.Intent)) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return edit, func(_ *verifytest.World, q *verify.Request) {
			in := passport.Intent{Act: passport.Act{Amount: q.Amount, Category: q.Category, Rail: q.Rail}}
			edit(&in)
			q.Amount, q.Category, q.Rail = in.Amount, in.Category, in.Rail
		}
	}
	wrong, askWrong := ask(func(in *passport.Intent) { in.Category = "inference" })
	none, askNone := ask(func(in *passport.Intent) { in.Category = "" })
	rail, askRail := ask(func(in *passport.Intent) { in.Rail = "card" })
	run(t, []fault{
		{name: "category", want: verify.AuthorityCategoryNotAllowed, intent: wrong, ask: askWrong},
		{name: "no category named", want: verify.AuthorityCategoryNotAllowed, intent: none, ask: askNone},
		{name: "rail", want: verify.AuthorityRailNotAllowed, intent: rail, ask: askRail},
	})
}

// A12: time windows, geography and data access lists are enforced.
func TestA12WindowsRegionsResources(t *testing.T) {
	saturday := func(start, end string) func(*verifytest.World, *passport.Passport) {
		return func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.TimeWindows = []passport.TimeWindow{{Days: []string{"sat"}, Start: start, End: end, TimeZone: "Europe/Berlin"}}
		}
	}
	regions := func(_ *verifytest.World, p *passport.Passport) { p.Authority.Regions = []string{"DE"} }
	resources := func(_ *verifytest.World, p *passport.Passport) {
		p.Authority.Resources = []string{"https://api.example/v1/*"}
	}
	region := func(r string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { in.Region = r }, func(_ *verifytest.World, q *verify.Request) { q.Region = r }
	}
	resource := func(r string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { in.Resource = r }, func(_ *verifytest.World, q *verify.Request) { q.Resource = r }
	}
	fr, askFR := region("FR")
	by, askBY := region("DE-BY")
	other, askOther := resource("https://api.example/v2/x")
	up, askUp := resource("https://api.example/v1/../x")
	good, askGood := resource("https://api.example/v1/x")
	run(t, []fault{
		{name: "ended at ten", want: verify.AuthorityOutsideTimeWindow, pass: saturday("08:00", "10:00")}, // it is 10:00 in Berlin
		{name: "region unknown", want: verify.AuthorityRegionBlocked, pass: regions},
		{name: "other region", want: verify.AuthorityRegionBlocked, pass: regions, intent: fr, ask: askFR},
		{name: "resource unknown", want: verify.AuthorityResourceNotAllowed, pass: resources},
		{name: "other resource", want: verify.AuthorityResourceNotAllowed, pass: resources, intent: other, ask: askOther},
		{name: "ambiguous path", want: verify.AuthorityResourceNotAllowed, pass: resources, intent: up, ask: askUp},
	})
	for _, f := range []fault{
		{pass: saturday("10:00", "10:01")},
		{pass: regions, intent: by, ask: askBY},
		{pass: resources, intent: good, ask: askGood},
	} {
		_, err := f.decide(t)
		require.NoError(t, err)
	}
}

// P3: the level counts as far as the provider and the anchor are trusted.
func TestP3Assurance(t *testing.T) {
	claims := func(l passport.Level, provider string) func(*verifytest.World, *passport.Passport) {
		return func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.Assurance = passport.Assurance{Level: l, Provider: provider, Method: "kyc"}
		}
	}
	need := func(l passport.Level) func(*verifytest.World, *verify.Request) {
		return func(_ *verifytest.World, q *verify.Request) { q.MinAssurance = l }
	}
	trusts := func(anchor passport.Level, p verify.Providers) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) { c.Anchors[0].MaxAssurance, c.Providers = anchor, p }
	}
	const org = "did:web:kyc.example"
	run(t, []fault{
		{name: "nothing claimed", want: verify.AuthorityAssuranceInsufficient, ask: need(passport.L1)},
		{name: "less claimed", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L2, org), ask: need(passport.L3)},
		{name: "issuer not trusted for it", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L4KYC, org), ask: need(passport.L3), config: trusts(passport.L2, nil)},
		{name: "issuer trusted for nothing", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L4KYC, org), ask: need(passport.L1), config: trusts("", nil)},
		{name: "provider not trusted for it", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L4KYC, org), ask: need(passport.L3), config: trusts(passport.L4FIN, verify.Providers{org: passport.L2})},
		{name: "provider unknown", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L4KYC, "did:web:other.example"), ask: need(passport.L1), config: trusts(passport.L4FIN, verify.Providers{org: passport.L4FIN})},
	})
	_, err := fault{pass: claims(passport.L3, org), ask: need(passport.L3), config: trusts(passport.L3, verify.Providers{org: passport.L3})}.decide(t)
	require.NoError(t, err)
}

// A11: attestation against the host's register, and against what is measured.
func TestA11Attestation(t *testing.T) {
	model, prompt := passport.Digest([]byte("model")), passport.Digest([]byte("prompt"))
	attested := func(_ *verifytest.World, p *passport.Passport) {
		p.Attestation = passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: prompt}
	}
	register := func(edit func(*verify.Attestations)) func(*verifytest.World, *verify.Config) {
		return func(w *verifytest.World, c *verify.Config) {
			a := &verify.Attestations{Frameworks: map[string][]string{"fw": {model}}, Prompts: map[did.DID][]string{w.Agent.DID(): {prompt}}}
			edit(a)
			c.Attestations = a
		}
	}
	running := func(a passport.Attestation) func(*verifytest.World, *verify.Request) {
		return func(_ *verifytest.World, q *verify.Request) { q.Running = a }
	}
	same := func(*verify.Attestations) {}
	other := passport.Digest([]byte("other"))
	run(t, []fault{
		{name: "framework", want: verify.AttestationFrameworkUnregistered, pass: attested, config: register(func(a *verify.Attestations) { a.Frameworks = nil })},
		{name: "model", want: verify.AttestationModelMismatch, pass: attested, config: register(func(a *verify.Attestations) { a.Frameworks["fw"] = []string{other} })},
		{name: "prompt", want: verify.AttestationPromptMismatch, pass: attested, config: register(func(a *verify.Attestations) {
			for k := range a.Prompts {
				a.Prompts[k] = []string{other}
			}
		})},
		{name: "MOD-14 missing", want: verify.AttestationFrameworkUnregistered, config: register(func(a *verify.Attestations) { a.Required = true })},
		{name: "runs another model", want: verify.AttestationModelMismatch, pass: attested, ask: running(passport.Attestation{Framework: "fw", ModelDigest: other, PromptDigest: prompt})},
		{name: "runs another prompt", want: verify.AttestationPromptMismatch, pass: attested, ask: running(passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: other})},
		{name: "runs another framework", want: verify.AttestationFrameworkUnregistered, pass: attested, ask: running(passport.Attestation{Framework: "x", ModelDigest: model, PromptDigest: prompt})},
		{name: "runs what was never attested", want: verify.AttestationModelMismatch, ask: running(passport.Attestation{ModelDigest: model})},
	})
	_, err := fault{pass: attested, config: register(same), ask: running(passport.Attestation{Framework: "fw", ModelDigest: model, PromptDigest: prompt})}.decide(t)
	require.NoError(t, err)
	_, err = fault{config: register(same)}.decide(t)
	require.NoError(t, err, "not attested and not required")
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
	drift := func(_ *verifytest.World, c *verify.Config) { c.Drift = verify.KeywordDrift{} }
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
			c.Trust, c.MinTrust = s, 500
		}
	}
	run(t, []fault{
		{name: "low", want: verify.TrustTooLow, config: trust(499, true)},
		{name: "unknown", want: verify.TrustTooLow, config: trust(0, false)},
	})
	_, err := fault{config: trust(500, true)}.decide(t)
	require.NoError(t, err)
}

// A2, A3: the eight steps in order, each with its line, on one decision.
func TestA3EightSteps(t *testing.T) {
	d, err := fault{}.decide(t)
	require.NoError(t, err)
	var names []verify.StepName
	for _, s := range d.Steps {
		names = append(names, s.Name)
	}
	require.Equal(t, []verify.StepName{verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof, verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger}, names)
	require.NotEmpty(t, d.ID)
}

// A10, G7: chains are signed per hop and only narrow: see TestStep5ThreeHops
// and TestStep5Forged. Here: a sub-agent never does what its parent may not.
func TestG7SubAgentsOnlyNarrow(t *testing.T) {
	f := newFamily(t, func(p *passport.Passport) { p.Authority.Payees = []string{"did:web:good.example"} })
	chain := f.delegate(t, passport.Chain{f.signed}, nil)
	decide := func(payee string) error {
		raw := f.PresentChain(f.agents[1], chain, f.Intent(func(in *passport.Intent) { in.Payee = payee }))
		_, err := f.Verifier().Verify(ctx, raw, f.Request(func(q *verify.Request) { q.Payee = payee }))
		return err
	}
	require.NoError(t, decide("did:web:good.example"))
	verifytest.AssertDenied(t, decide("did:web:evil.example"), verify.AuthorityPayeeNotAllowed)
}

// A5: a suspension ends by itself when the next list no longer has it; a
// revocation does not (TestStep6Memory). P15: counters hold (ledger tests).
func TestA5SuspensionEnds(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	p := w.Passport()
	signed := w.Issue(p)
	w.Lists.Set(p.Status[1], 1)
	_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.StatusSuspended)
	w.Clock.Advance(time.Hour)
	w.Lists.Set(p.Status[1], 0)
	_, err = v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
	require.NoError(t, err)
}

// TIM-11: as of a past instant, by what held then.
func TestTIM11Audit(t *testing.T) {
	w := verifytest.NewWorld(t)
	ledger := verify.NewMemoryLedger(verify.MemoryLedgerOptions{})
	v := w.Verifier(func(c *verify.Config) { c.Ledger = ledger })
	p := w.Passport()
	raw := w.Present(w.Issue(p), w.Intent())
	then := w.Clock.Now()
	old := w.Lists.Get(verifytest.RevocationURL)
	oldS := w.Lists.Get(verifytest.SuspensionURL)
	w.Clock.Advance(48 * time.Hour)
	w.Lists.Set(p.Status[0], 1)
	_, err := v.Verify(ctx, raw, w.Request())
	verifytest.AssertDenied(t, err, verify.TimeExpired)
	rep := v.Audit(ctx, raw, w.Request(), then)
	require.Equal(t, verify.StatusInvalid, rep.Code(), "today's list does not speak of then")
	w.Lists.Put(verifytest.RevocationURL, old)
	w.Lists.Put(verifytest.SuspensionURL, oldS)
	rep = v.Audit(ctx, raw, w.Request(), then)
	require.Equal(t, verify.Allow, rep.WouldBe, rep.Violations)
	require.Equal(t, then, rep.At)
	require.Len(t, ledger.Records(), 1, "only the decision was recorded")
}

// The memory of proven documents saves signature checks and nothing else.
func TestProvenDocuments(t *testing.T) {
	w, wi, _, p, _ := webWorld(t)
	v := w.Verifier(func(c *verify.Config) {
		c.Anchors = []verify.Anchor{{Issuer: wi.id}}
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": wi}
		c.ProvenDocuments = 16
	})
	signed, err := passport.Issue(ctx, wi.signer, w.Passport(func(q *passport.Passport) { q.Status = p.Status }), passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	decide := func() error {
		_, err := v.Verify(ctx, w.Present(signed, w.Intent()), w.Request())
		return err
	}
	require.NoError(t, decide())
	require.NoError(t, decide())

	// A tampered twin is another document.
	raw := w.Present(signed, w.Intent())
	_, err = v.Verify(ctx, resign(w, replace(`"50.00"`, `"90.00"`)(w, raw), w.Agent, keep), w.Request())
	verifytest.AssertDenied(t, err, verify.ProofInvalid)

	// Revoked in between.
	w.Clock.Advance(time.Minute)
	require.NoError(t, w.Lists.Revocation.Set(p.Status[0].Index, 1))
	publishAs(t, w, wi)
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)

	// The key is gone, or serves another purpose, or the time is over.
	wi.rotate(t, "key of 2027")
	verifytest.AssertDenied(t, decide(), verify.ProofInvalid)
	wi.rotate(t, "key of 2026", did.Authentication)
	verifytest.AssertDenied(t, decide(), verify.ProofPurposeMismatch)
	wi.rotate(t, "key of 2026")
	w.Clock.Advance(24 * time.Hour)
	verifytest.AssertDenied(t, decide(), verify.TimeExpired)
}

// A verifier is shared by many (CAN-30): same verdicts, no race.
func TestSixtyFourGoroutines(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport()
	pass := w.Issue(p)
	v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments = 8 })
	good := make([][]byte, 64)
	for i := range good {
		good[i] = w.Present(pass, w.Intent())
	}
	errs := make([]error, 64)
	together(64, func(i int) {
		raw := good[i]
		if i%4 == 3 {
			raw = replace(`"50.00"`, `"90.00"`)(w, raw)
		}
		_, errs[i] = v.Verify(ctx, raw, w.Request())
		if i%8 == 0 {
			w.Lists.Publish()
		}
	})
	for i, err := range errs {
		if i%4 == 3 {
			verifytest.AssertDenied(t, err, verify.ProofInvalid)
		} else {
			require.NoError(t, err, fmt.Sprint(i))
		}
	}
}
