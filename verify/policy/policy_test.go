package policy_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A rule whose configuration makes no sense is refused when the verifier is
// made, by name; its good twin is not.
func TestRulesAreCheckedByNew(t *testing.T) {
	w := verifytest.NewWorld(t)
	build := func(r verify.Rule) error {
		_, err := verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: w.Issuer.DID()}}, Resolver: w.Resolver(),
			Ledger: ledger.NewMemory(ledger.Options{}), Policy: []verify.Rule{r},
		})
		return err
	}
	known := records{}
	for name, bad := range map[string]verify.Rule{
		"trust without a source":   policy.Trust{Least: 500}.Rule(),
		"trust of nothing":         policy.Trust{Source: known}.Rule(),
		"trust below nothing":      policy.Trust{Source: known, Least: -1}.Rule(),
		"trust beyond the scale":   policy.Trust{Source: known, Least: 1001}.Rule(),
		"provider without a level": policy.Providers{"did:web:kyc.example": "L9"}.Rule(),
	} {
		err := build(bad)
		require.ErrorContains(t, err, "config.Policy[0], "+bad.ID, name)
	}
	for _, good := range []verify.Rule{
		policy.Trust{Source: known, Least: 1000}.Rule(), policy.Providers{"did:web:kyc.example": passport.L3}.Rule(),
		policy.Providers(nil).Rule(), policy.Attestations{}.Rule(), policy.Drift{}.Rule(),
	} {
		require.NoError(t, build(good), good.ID)
	}
}

// What a rule was made from may change afterwards; the rule does not.
func TestRulesKeepTheirConfiguration(t *testing.T) {
	w := verifytest.NewWorld(t)
	providers := policy.Providers{"did:web:kyc.example": passport.L3}
	p := w.Passport()
	models := map[string][]string{"known": {"a digest"}}
	prompts := map[did.DID][]string{p.Agent: {"a digest"}}
	rules := []verify.Rule{
		providers.Rule(), policy.Attestations{Frameworks: models, Required: true}.Rule(),
		policy.Attestations{Frameworks: models, Prompts: prompts, Required: true}.Rule(),
	}
	providers["did:web:kyc.example"] = passport.L0
	models[""] = []string{""}
	models["known"][0], prompts[p.Agent][0] = "another", "another" // S18

	p.Authority.Assurance = passport.Assurance{Level: passport.L3, Provider: "did:web:kyc.example"}
	f := verify.Facts{Chain: []*passport.Passport{p}, Assurance: passport.L3, Vouched: true}
	f.Request.MinAssurance = passport.L3
	require.NoError(t, rules[0].Check(f))
	require.ErrorIs(t, rules[1].Check(f), verify.AttestationFrameworkUnregistered)
	p.Attestation = passport.Attestation{Framework: "known", ModelDigest: "a digest", PromptDigest: "a digest"}
	require.NoError(t, rules[2].Check(f))
}

// One shortfall of assurance is told once, by whoever is short.
func TestP3ProvidersTellOnce(t *testing.T) {
	w := verifytest.NewWorld(t)
	const org = "did:web:kyc.example"
	decide := func(claimed, anchor, provider, asked passport.Level) []verify.Violation {
		v := w.Verifier(func(c *verify.Config) {
			c.Anchors[0].MaxAssurance = anchor
			c.Policy = []verify.Rule{policy.Providers{org: provider}.Rule()}
		})
		pass := w.Issue(w.Passport(func(p *passport.Passport) {
			p.Authority.Assurance = passport.Assurance{Level: claimed, Provider: org, Method: "kyc"}
		}))
		q := w.Request(func(q *verify.Request) { q.MinAssurance = asked })
		d, _ := v.Verify(t.Context(), w.Present(pass, w.Intent()), q)
		return d.Violations
	}
	for name, c := range map[string]struct {
		claimed, anchor, provider, asked passport.Level
		actual                           string // "": allowed
	}{
		"all suffice":                     {passport.L3, passport.L3, passport.L3, passport.L3, ""},
		"the claim is short":              {passport.L2, passport.L3, passport.L3, passport.L3, "L2"},
		"the anchor is short":             {passport.L3, passport.L1, passport.L3, passport.L3, "L1"},
		"the provider is short":           {passport.L3, passport.L3, passport.L2, passport.L3, "L2"},
		"the provider is worth nothing":   {passport.L3, passport.L3, "", passport.L1, "L0"},
		"claim, anchor and provider are":  {passport.L2, passport.L1, passport.L1, passport.L3, "L1"},
		"nothing is asked for, or stated": {passport.L0, "", "", "", ""},
	} {
		found := decide(c.claimed, c.anchor, c.provider, c.asked)
		if c.actual == "" {
			require.Empty(t, found, name)
			continue
		}
		require.Len(t, found, 1, name)
		require.Equal(t, verify.AuthorityAssuranceInsufficient, found[0].Code, name)
		require.Equal(t, c.actual, found[0].Actual, name)
	}
}

// A rule refuses under its own code within its groups, and under no other.
func TestRulesKeepTheirCodes(t *testing.T) {
	type codes = []verify.Code
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	odd := errors.New("odd")
	for name, c := range map[string]struct {
		says error
		want codes
	}{
		"a plain error":           {odd, codes{verify.PolicyDenied}},
		"authority":               {&verify.Violation{Code: verify.AuthorityRegionBlocked}, codes{verify.AuthorityRegionBlocked}},
		"attestation":             {verify.AttestationModelMismatch, codes{verify.AttestationModelMismatch}},
		"trust":                   {fmt.Errorf("by us: %w", verify.TrustTooLow), codes{verify.TrustTooLow}},
		"a word of its own":       {verify.Code("policy.cooling_off"), codes{"policy.cooling_off"}},
		"a word with digits":      {verify.Code("policy.rule7"), codes{verify.PolicyDenied}},
		"a word in capitals":      {verify.Code("policy.No"), codes{verify.PolicyDenied}},
		"no word":                 {verify.Code("policy."), codes{verify.PolicyDenied}},
		"a word of another group": {verify.Code("authority.cooling_off"), codes{verify.PolicyDenied}},
		"what steps 1 to 6 say":   {verify.StatusRevoked, codes{verify.PolicyDenied}},
		"an undetermined of ours": {verify.ProofUnresolvable, codes{verify.PolicyDenied}},
		"the ledger's":            {&verify.Violation{Code: verify.LedgerReplay}, codes{verify.PolicyDenied}},
		"a fault of ours":         {verify.InternalError, codes{verify.PolicyDenied}},
		"two":                     {errors.Join(verify.TrustTooLow, verify.Code("policy.b")), codes{verify.TrustTooLow, "policy.b"}},
		"two, one without a code": {errors.Join(odd, verify.TrustTooLow), codes{verify.TrustTooLow}},
		"two, one not for a rule": {errors.Join(verify.LedgerReplay, verify.TrustTooLow), codes{verify.PolicyDenied, verify.TrustTooLow}},
		"a very long word":        {verify.Code("policy." + string(make([]byte, 100))), codes{verify.PolicyDenied}},
		"nothing":                 {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.Verifier(func(c2 *verify.Config) {
				c2.Policy = []verify.Rule{{ID: "ours", Check: func(verify.Facts) error { return c.says }}}
			})
			d, err := v.Verify(t.Context(), w.Present(pass, w.Intent()), w.Request())
			var codes []verify.Code
			for i := range d.Violations {
				vio := &d.Violations[i]
				codes = append(codes, vio.Code)
				require.Equal(t, verify.StepAuthority, vio.Step)
				require.NotEmpty(t, vio.Detail)
				require.ErrorIs(t, err, vio.Code)
				info, ok := verify.Lookup(vio.Code)
				require.True(t, ok)
				require.Equal(t, 403, info.HTTP)
			}
			require.Equal(t, c.want, codes)
			if c.want != nil {
				require.Equal(t, verify.Deny, d.Verdict)
			}
		})
	}
}

// Operations that panic, or speak of what is not theirs, refuse.
func TestOperationsThatFail(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	says := func(needs verify.Operation, err error) operations {
		return func() (verify.Operation, error) { return needs, err }
	}
	for name, c := range map[string]struct {
		operations verify.Operations
		want       verify.Code
	}{
		"a panic":         {operations(func() (verify.Operation, error) { panic("oh") }), verify.AuthorityOperationUnknown},
		"a plain error":   {says(verify.Operation{}, errors.New("no")), verify.PolicyDenied},
		"no registry":     {policy.Scopes{}, verify.AuthorityOperationUnknown},
		"another scope":   {says(verify.Operation{Scope: "data.read"}, nil), verify.RequestInvalid},
		"nothing against": {says(verify.Operation{}, nil), ""},
	} {
		_, err := w.Verifier(func(c2 *verify.Config) { c2.Operations = c.operations }).
			Verify(t.Context(), w.Present(pass, w.Intent()), w.Request())
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, c.want, name)
	}
}

type operations func() (verify.Operation, error)

func (f operations) Operation(*verify.Request, time.Time) (verify.Operation, error) { return f() }

// A registry is what it was made of, whatever becomes of the rows.
func TestE2RegistryIsImmutable(t *testing.T) {
	rows := []policy.Scope{{ID: "a.read", Operations: []string{"read"}, Credentials: []string{"ak"}}}
	reg, err := policy.NewScopeRegistry("1", rows)
	require.NoError(t, err)
	rows[0].Credentials[0], rows[0].ID = "sk", "x"
	reg.Scopes()[0].Credentials[0] = "sk"
	s, ok := reg.Lookup("read")
	require.True(t, ok)
	s.Credentials[0] = "sk"
	again, _ := reg.Lookup("read")
	require.Equal(t, policy.Scope{ID: "a.read", Operations: []string{"read"}, Credentials: []string{"ak"}}, again)
	require.Equal(t, "1", reg.Edition())
	for name, bad := range map[string][]policy.Scope{
		"no action":          {{ID: "A READ"}},
		"twice":              {{ID: "a.read"}, {ID: "a.read"}},
		"operation of two":   {{ID: "a.read", Operations: []string{"x"}}, {ID: "b.read", Operations: []string{"x"}}},
		"operation, one row": {{ID: "a.read", Operations: []string{"x", "x"}}},
	} {
		_, err := policy.NewScopeRegistry("1", bad)
		require.Error(t, err, name)
	}
	_, err = policy.NewScopeRegistry("", rows[:0])
	require.Error(t, err)
}

var _ policy.TrustSource = records{}
var _ policy.DriftClassifier = policy.KeywordDrift{}
