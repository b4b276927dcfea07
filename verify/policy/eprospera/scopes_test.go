package eprospera_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// E2: eleven scopes and twelve operations for agents, in both editions; class
// and notice by the table.
func TestE2Editions(t *testing.T) {
	for _, reg := range []*policy.ScopeRegistry{eprospera.First(), eprospera.Current()} {
		require.NotNil(t, reg)
		scopes, operations, writes := 0, 0, 0
		for _, s := range reg.Scopes() {
			if s.ID[:6] != "agent:" {
				continue
			}
			scopes++
			operations += len(s.Operations)
			if s.Write {
				writes++
				require.True(t, s.NeedsConsent, s.ID)
				require.NotEmpty(t, s.Notify, s.ID)
			} else {
				require.False(t, s.NeedsConsent, s.ID)
			}
		}
		require.Equal(t, 11, scopes)
		require.Equal(t, 12, operations)
		require.Equal(t, 3, writes)
	}
	s, ok := eprospera.Current().Lookup("POST /verify_rpn")
	require.True(t, ok)
	require.False(t, s.Write, "a POST that reads")
	_, ok = eprospera.Current().Lookup("GET /legal_entities")
	require.False(t, ok, "there is no list")
	_, ok = eprospera.Current().Lookup("POST /legal_entity_applications/{id}/pay/coupon")
	require.False(t, ok)
}

// key issues an Agent Key for some scopes.
func ask(t *testing.T, w *verifytest.World, reg *policy.ScopeRegistry, operation, action, kind string, scopes ...string) error {
	t.Helper()
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = "mailto:owner@example.org"
		p.Authority = passport.Authority{}
		for _, s := range scopes {
			p.Authority.Capabilities = append(p.Authority.Capabilities, passport.Capability{Action: s})
		}
	}))
	raw := w.Present(pass, passport.Intent{Act: passport.Act{Action: action}})
	_, err := w.Verifier(func(c *verify.Config) { c.Operations = policy.Scopes{Registry: reg} }).Verify(t.Context(), raw, verify.Request{
		Audience: verifytest.Audience, Operation: operation, Act: passport.Act{Action: action}, CredentialKind: kind,
		ResourceOwner: "mailto:owner@example.org"})
	return err
}

// E7: each refusal has its own code.
func TestE7Codes(t *testing.T) {
	w := verifytest.NewWorld(t)
	require.NoError(t, ask(t, w, eprospera.Current(), "GET /legal_entities/{id}", eprospera.EntityRead, eprospera.AgentKey, eprospera.EntityRead))
	verifytest.AssertDenied(t, ask(t, w, eprospera.Current(), "GET /legal_entities/{id}", eprospera.EntityRead,
		eprospera.AgentKey, eprospera.VerifyRPN), verify.AuthorityScopeMissing)
	verifytest.AssertDenied(t, ask(t, w, eprospera.Current(), "GET /legal_entities", eprospera.EntityRead,
		eprospera.AgentKey, eprospera.EntityRead), verify.AuthorityOperationUnknown)
	w.Clock.Set(eprospera.CurrentSince.Add(9 * time.Hour))
	err := ask(t, w, eprospera.Current(), "POST /legal_entity_applications/{id}/checkout_session",
		eprospera.PaymentInitiate, eprospera.AgentKey, eprospera.PaymentInitiate)
	require.ErrorIs(t, err, verify.AuthorityScopeWithdrawn)
}

// E9: natural-person reads by OAuth or agent key, never by the owner's own;
// legal entities of the account by OAuth alone.
func TestE9CredentialKinds(t *testing.T) {
	w := verifytest.NewWorld(t)
	for kind, want := range map[string]verify.Code{eprospera.AgentKey: "", eprospera.OAuthToken: "",
		eprospera.PersonalKey: verify.AuthorityWrongCredentialKind, "": verify.AuthorityWrongCredentialKind} {
		err := ask(t, w, eprospera.Current(), "GET /me/natural-person", eprospera.PersonDetailsRead, kind, eprospera.PersonDetailsRead)
		if want == "" {
			require.NoError(t, err, kind)
		} else {
			verifytest.AssertDenied(t, err, want)
		}
	}
	err := ask(t, w, eprospera.Current(), "GET /me/legal-entities", "oauth:me.legal_entities.read", eprospera.AgentKey, "oauth:me.legal_entities.read")
	verifytest.AssertDenied(t, err, verify.AuthorityWrongCredentialKind)
}
