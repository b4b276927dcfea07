package verify_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// alias is another name of a key: a did:jwk with one more member.
func alias(t *testing.T, k *did.KeyPair, member string) did.Signer {
	text := `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes()) + `"` + member + `}`
	id, err := did.ParseURL("did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(text)) + "#0")
	require.NoError(t, err)
	s, err := did.NewSigner(id, k.PrivateKey())
	require.NoError(t, err)
	return s
}

// S10: authority goes in no circle, told by keys: another name of the same key
// is the same party.
func TestS10CirclesAreToldByKeys(t *testing.T) {
	type world struct {
		*verifytest.World
		root passport.Chain
	}
	fresh := func(t *testing.T) world {
		w := verifytest.NewWorld(t)
		return world{w, passport.Chain{w.Issue(w.Passport(func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 3 }))}}
	}
	to := func(w world, chain passport.Chain, holder did.Signer, agent did.DID) (passport.Chain, error) {
		leaf, err := passport.ReadUnverified(chain[len(chain)-1])
		require.NoError(t, err)
		a := passport.Authority{MaxDelegationDepth: 3}
		return passport.Delegate(ctx, chain, holder, &passport.Passport{Agent: agent,
			Authority: a.InheritGrants(&leaf.Authority)}, passport.IssueOptions{Now: w.Clock.Now})
	}
	t.Run("names that are made of a key are refused when issued", func(t *testing.T) {
		w := fresh(t)
		for _, agent := range []did.Signer{alias(t, w.Agent, ""), alias(t, w.Agent, `,"alg":"EdDSA"`),
			alias(t, w.Issuer, ""), alias(t, w.Issuer, `,"use":"sig"`)} {
			_, err := to(w, w.root, w.Agent, agent.KeyID().DID())
			require.ErrorIs(t, err, verify.DelegationInvalid)
			require.ErrorContains(t, err, "circle")
		}
		child := verifytest.Key("child")
		chain, err := to(w, w.root, w.Agent, child.DID())
		require.NoError(t, err)
		for _, agent := range []did.Signer{alias(t, w.Agent, ""), alias(t, child, ""), alias(t, w.Issuer, "")} {
			_, err = to(w, chain, child, agent.KeyID().DID())
			require.ErrorIs(t, err, verify.DelegationInvalid)
		}
		// Two spellings of a key that is nobody else's are one party, too.
		one, two := alias(t, child, ""), alias(t, child, `,"alg":"EdDSA"`)
		chain, err = to(w, w.root, w.Agent, one.KeyID().DID())
		require.NoError(t, err)
		_, err = to(w, chain, one, two.KeyID().DID())
		require.ErrorIs(t, err, verify.DelegationInvalid)
		_, err = to(w, chain, one, alias(t, verifytest.Key("other"), "").KeyID().DID())
		require.NoError(t, err)
	})
	// What a did:web document says is known to whoever looks it up. The key of
	// the agent, the issuer and an agent in the middle, under a name of the web.
	for _, c := range []struct {
		name   string
		key    string
		middle bool // one honest link between
		proven int
		ok     bool
	}{
		{"the agent's own key", "agent", false, 0, false},
		{"the issuer's key", "issuer", false, 0, false},
		{"the agent's key, two links below", "agent", true, 0, false},
		{"the key of the link above", "middle", true, 0, false},
		{"a key of its own", "other", true, 0, true},
		{"the agent's own key, passports proven before", "agent", false, 8, false},
		{"a key of its own, passports proven before", "other", false, 8, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := fresh(t)
			host := w.Web.Host("alias.example")
			host.Rotate(c.key)
			chain, holder := w.root, did.Signer(w.Agent)
			if c.middle {
				var err error
				chain, err = to(w, chain, holder, verifytest.Key("middle").DID())
				require.NoError(t, err)
				holder = verifytest.Key("middle")
			}
			chain, err := to(w, chain, holder, host.DID())
			require.NoError(t, err, "nothing is looked up when a passport is issued")
			v := w.Verifier(func(cfg *verify.Config) { cfg.ProvenDocuments = c.proven })
			for range 2 {
				_, err = v.Verify(ctx, w.PresentChain(host.Signer(), chain, w.Intent()), w.Request())
				if c.ok {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, verify.DelegationInvalid)
				require.ErrorContains(t, err, "circle")
			}
		})
	}
}

// S10: what an agent runs is an anchor's word. A delegate that gives its child a
// passport may write any model into it.
func TestS10DelegatesDoNotVouch(t *testing.T) {
	model, other := passport.Digest([]byte("model")), passport.Digest([]byte("other"))
	runs := passport.Attestation{Framework: "fw", ModelDigest: model}
	register := func(edit func(*policy.Attestations)) verify.Rule {
		a := &policy.Attestations{Frameworks: map[string][]string{"fw": {model}}}
		if edit != nil {
			edit(a)
		}
		return a.Rule()
	}
	required := func(a *policy.Attestations) { a.Required = true }
	type names func(w *verifytest.World) []did.DID
	agent := func(w *verifytest.World) []did.DID { return []did.DID{w.Agent.DID()} }
	child := verifytest.Key("child")
	for _, c := range []struct {
		name     string
		root     passport.Attestation // of the root; the leaf, if it is one
		leaf     passport.Attestation // of the delegated link
		single   bool                 // the root is presented, by its agent
		running  passport.Attestation
		rule     func(*policy.Attestations)
		believed names
		want     error
	}{
		{name: "an anchor's word", single: true, root: runs, running: runs},
		{name: "an anchor's word, required", single: true, root: runs, rule: required},
		{name: "a delegate's word on what runs", leaf: runs, running: runs, want: verify.AttestationFrameworkUnregistered},
		{name: "though the root says the same", root: runs, leaf: runs, running: runs, want: verify.AttestationFrameworkUnregistered},
		{name: "a delegate whom the host names", leaf: runs, running: runs, believed: agent},
		{name: "another whom the host names", leaf: runs, running: runs,
			believed: func(*verifytest.World) []did.DID { return []did.DID{child.DID()} }, want: verify.AttestationFrameworkUnregistered},
		{name: "the issuer named as a delegate", leaf: runs, running: runs,
			believed: func(w *verifytest.World) []did.DID { return []did.DID{w.Issuer.DID()} }, want: verify.AttestationFrameworkUnregistered},
		{name: "a delegate's word, required", leaf: runs, rule: required, want: verify.AttestationFrameworkUnregistered},
		{name: "a delegate whom the host names, required", leaf: runs, rule: required, believed: agent},
		{name: "a delegate's word on a prompt that is asked for", leaf: passport.Attestation{Framework: "fw",
			ModelDigest: model, PromptDigest: other},
			rule: func(a *policy.Attestations) { a.Prompts = map[did.DID][]string{child.DID(): {other}} }, want: verify.AttestationFrameworkUnregistered},
		{name: "a delegate's word that nobody asked for", leaf: runs, rule: func(*policy.Attestations) {}},
		{name: "and that is not in the register", leaf: passport.Attestation{Framework: "fw", ModelDigest: other},
			rule: func(*policy.Attestations) {}, want: verify.AttestationModelMismatch},
		{name: "a digest that differs always denies", leaf: passport.Attestation{Framework: "fw", ModelDigest: other},
			running: runs, believed: agent, want: verify.AttestationModelMismatch},
		{name: "no word of the delegate, the root's is not inherited", root: runs, running: runs, believed: agent,
			want: verify.AttestationModelMismatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			root := w.Issue(w.Passport(func(p *passport.Passport) { p.Attestation, p.Authority.MaxDelegationDepth = c.root, 1 }))
			chain, holder := passport.Chain{root}, did.Signer(w.Agent)
			if !c.single {
				above, err := passport.ReadUnverified(root)
				require.NoError(t, err)
				chain, err = passport.Delegate(ctx, chain, w.Agent, &passport.Passport{Agent: child.DID(),
					Attestation: c.leaf, Authority: passport.Authority{}.InheritGrants(&above.Authority)}, passport.IssueOptions{Now: w.Clock.Now})
				require.NoError(t, err)
				holder = child
			}
			v := w.Verifier(func(cfg *verify.Config) {
				if c.rule != nil {
					cfg.Policy = []verify.Rule{register(c.rule)}
				}
				if c.believed != nil {
					cfg.DelegateAttestations = c.believed(w)
				}
			})
			_, err := v.Verify(ctx, w.PresentChain(holder, chain, w.Intent()), w.Request(func(q *verify.Request) { q.Running = c.running }))
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.want)
		})
	}
}

// S21: what the host calls a payment carries an amount.
func TestS21PaymentsCarryAnAmount(t *testing.T) {
	ask := func(t *testing.T, payments []string, act passport.Act) error {
		w := verifytest.NewWorld(t)
		v := w.Verifier(func(c *verify.Config) { c.Payments = payments })
		raw := w.Present(w.Issue(w.Passport()), passport.Intent{Act: act})
		_, err := v.Verify(ctx, raw, verify.Request{Audience: verifytest.Audience, Act: act})
		return err
	}
	charge := passport.Act{Action: "payments.charge"}
	for _, c := range []struct {
		name     string
		payments []string
		act      passport.Act
		refused  bool
	}{
		{"nothing is called a payment", nil, charge, false},
		{"a pattern", []string{"payments.*"}, charge, true},
		{"the action", []string{"payments.charge"}, charge, true},
		{"the second pattern", []string{"orders.*", "payments.*"}, charge, true},
		{"all actions", []string{"*"}, passport.Act{Action: "data.read"}, true},
		{"another action", []string{"payments.*"}, passport.Act{Action: "data.read"}, false},
		{"a longer name", []string{"payments.char"}, charge, false},
		{"zero is an amount", []string{"payments.*"}, passport.Act{Action: "payments.charge",
			Amount: passport.MustMoney("0", "USD"), Category: "compute", Rail: "tempo"}, false},
		{"a category is none", []string{"payments.*"}, passport.Act{Action: "payments.charge", Category: "compute", Rail: "tempo"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := ask(t, c.payments, c.act)
			if !c.refused {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, verify.AuthorityAttributeMissing)
			require.ErrorContains(t, err, "states its amount")
		})
	}
	w := verifytest.NewWorld(t)
	for _, bad := range []string{"", "payments*", "Payments.*", "a..b"} {
		_, err := verify.New(w.Config(func(c *verify.Config) { c.Payments = []string{"payments.*", bad} }))
		require.ErrorContains(t, err, "config.Payments[1]")
	}
}
