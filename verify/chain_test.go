package verify_test

import (
	"context"
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

// family is a root passport and agents to delegate to.
type family struct {
	*verifytest.World
	root   *passport.Passport
	signed *credential.Signed
	agents []*did.KeyPair // agents[0] holds the root
}

func newFamily(t *testing.T, edit func(*passport.Passport)) *family {
	t.Helper()
	w := verifytest.NewWorld(t)
	f := &family{World: w, agents: []*did.KeyPair{w.Agent, verifytest.Key("child"), verifytest.Key("grandchild"), verifytest.Key("great-grandchild")}}
	f.root = w.Passport(func(p *passport.Passport) {
		p.Authority.MaxDelegationDepth = 3
		if edit != nil {
			edit(p)
		}
	})
	f.signed = w.Issue(f.root)
	return f
}

// child is what the agent at that depth gets: everything, unless edited.
func (f *family) child(depth int, edit func(*passport.Passport)) *passport.Passport {
	p := &passport.Passport{Agent: f.agents[depth].DID(), Name: "link", Authority: passport.Authority{MaxDelegationDepth: 3}.InheritGrants(&f.root.Authority)}
	if edit != nil {
		edit(p)
	}
	return p
}

func (f *family) delegate(t *testing.T, chain passport.Chain, edit func(*passport.Passport)) passport.Chain {
	t.Helper()
	depth := len(chain)
	out, err := passport.Delegate(ctx, chain, f.agents[depth-1], f.child(depth, edit), passport.IssueOptions{Now: f.Clock.Now})
	require.NoError(t, err)
	return out
}

// forge makes a link as Delegate would, but without its checks.
func (f *family) forge(t *testing.T, chain passport.Chain, signer did.Signer, edit func(*passport.Passport)) passport.Chain {
	t.Helper()
	depth := len(chain)
	parent, err := passport.ReadUnverified(chain[depth-1])
	require.NoError(t, err)
	p := f.child(depth, nil)
	p.ParentPassportID, p.ParentDigest, p.DelegationDepth = parent.ID, chain[depth-1].Digest(), depth
	p.ValidFrom, p.ValidUntil = parent.ValidFrom, parent.ValidUntil
	if edit != nil {
		edit(p)
	}
	s, err := passport.Issue(ctx, signer, p, passport.IssueOptions{Now: f.Clock.Now})
	require.NoError(t, err)
	return append(chain[:depth:depth], s)
}

func (f *family) verify(chain passport.Chain, edits ...func(*verify.Config)) (*verify.Decision, error) {
	leaf := f.agents[len(chain)-1]
	return f.Verifier(edits...).Verify(ctx, f.PresentChain(leaf, chain, f.Intent()), f.Request())
}

func TestStep5ThreeHops(t *testing.T) {
	f := newFamily(t, nil)
	chain := passport.Chain{f.signed}
	for depth := 1; depth <= 3; depth++ {
		chain = f.delegate(t, chain, func(p *passport.Passport) {
			p.Authority.MaxTransaction = passport.MustMoney([]string{"", "40.00", "30.00", "20.00"}[depth], "USD")
		})
		d, err := f.verify(chain)
		require.NoError(t, err, depth)
		require.Len(t, d.Chain, depth+1)
		require.Equal(t, d.Chain[depth], d.Passport)
		require.Equal(t, []string{"", "40.00 USD per transaction", "30.00 USD per transaction",
			"20.00 USD per transaction"}[depth], d.Authority().SpendLimits()[0].String())
	}
	// Beyond the tightest link.
	dear := passport.MustMoney("20.01", "USD")
	raw := f.PresentChain(f.agents[3], chain, f.Intent(func(in *passport.Intent) { in.Amount = dear }))
	_, err := f.Verifier().Verify(ctx, raw, f.Request(func(q *verify.Request) { q.Amount = dear }))
	verifytest.AssertDenied(t, err, verify.AuthorityAmountExceeded) // MON-18
}

// Each forged link claims one thing that it must not.
func TestStep5Forged(t *testing.T) {
	for name, c := range map[string]struct {
		root func(*passport.Passport)
		edit func(*passport.Passport)
		want verify.Code
	}{
		"DEL-02 action": {nil, func(p *passport.Passport) { p.Authority.Capabilities = []passport.Capability{{Action: "files.*"}} },
			verify.DelegationWidened},
		"DEL-02 amount": {nil, func(p *passport.Passport) {
			p.Authority.MaxTransaction = passport.MustMoney("50.01",
				"USD")
		}, verify.DelegationWidened},
		"DEL-02 currency": {nil, func(p *passport.Passport) {
			p.Authority.MaxTransaction = passport.MustMoney("1",
				"EUR")
		}, verify.DelegationWidened},
		"DEL-02 category": {nil, func(p *passport.Passport) { p.Authority.Categories = []string{"compute", "inference"} }, verify.DelegationWidened},
		"DEL-02 rail":     {nil, func(p *passport.Passport) { p.Authority.Rails = []string{"stripe"} }, verify.DelegationWidened},
		"DEL-02 depth":    {nil, func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 4 }, verify.DelegationWidened},
		"DEL-02 audience": {func(p *passport.Passport) { p.Authority.Audiences = []string{verifytest.Audience} },
			func(p *passport.Passport) { p.Authority.Audiences = []string{"did:web:other.example"} }, verify.DelegationWidened},
		"DEL-02 time":      {nil, func(p *passport.Passport) { p.ValidUntil = p.ValidUntil.Add(time.Second) }, verify.DelegationWidened},
		"DEL-02 before":    {nil, func(p *passport.Passport) { p.ValidFrom = p.ValidFrom.Add(-time.Second) }, verify.DelegationWidened},
		"DEL-02 assurance": {nil, func(p *passport.Passport) { p.Authority.Assurance.Level = passport.L1 }, verify.DelegationWidened},
		"DEL-04 deeper than stated": {func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 },
			func(p *passport.Passport) { p.Authority.MaxDelegationDepth = 0 }, verify.DelegationTooDeep},
		"DEL-05 to itself":          {nil, func(p *passport.Passport) { p.Agent = verifytest.Key("agent").DID() }, verify.DelegationInvalid},
		"DEL-05 back to the issuer": {nil, func(p *passport.Passport) { p.Agent = verifytest.Key("issuer").DID() }, verify.DelegationInvalid},
		"another parent": {nil, func(p *passport.Passport) {
			p.ParentPassportID = passport.PassportURN +
				"01KAJ0000000000000000000AA"
		}, verify.DelegationParentMismatch},
		"another edition":    {nil, func(p *passport.Passport) { p.ParentDigest = passport.Digest([]byte("x")) }, verify.DelegationParentMismatch},
		"another depth":      {nil, func(p *passport.Passport) { p.DelegationDepth = 2 }, verify.DelegationInvalid},
		"another principal":  {nil, func(p *passport.Passport) { p.HumanPrincipal = "mailto:eve@example.org" }, verify.DelegationInvalid},
		"a new organisation": {nil, func(p *passport.Passport) { p.OrganizationDID = "did:web:org.example" }, verify.DelegationInvalid},
		"a new grant":        {nil, func(p *passport.Passport) { p.GrantID = "g" }, verify.DelegationInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFamily(t, c.root)
			chain := f.forge(t, passport.Chain{f.signed}, f.agents[0], c.edit)
			leaf, err := passport.ReadUnverified(chain[1])
			require.NoError(t, err)
			holder := f.agents[1]
			for _, k := range []*did.KeyPair{verifytest.Key("agent"), verifytest.Key("issuer")} {
				if leaf.Agent == k.DID() {
					holder = k
				}
			}
			d, err := f.Verifier().Verify(ctx, f.PresentChain(holder, chain, f.Intent()), f.Request())
			verifytest.AssertDenied(t, err, c.want)
			require.Equal(t, verify.StepDelegation, d.Violations[0].Step)

			// Delegate refuses to make it, where it lets one say it at all.
			_, err = passport.Delegate(ctx, passport.Chain{f.signed}, f.agents[0], f.child(1, c.edit), passport.IssueOptions{Now: f.Clock.Now})
			if c.want == verify.DelegationWidened && leaf.ValidUntil == f.root.ValidUntil && leaf.ValidFrom == f.root.ValidFrom {
				require.ErrorIs(t, err, c.want)
			}
		})
	}
}

// DEL-06: a link by another key, or in the wrong place.
func TestStep4DEL06Links(t *testing.T) {
	f := newFamily(t, nil)
	mallory := verifytest.Key("mallory")
	one := f.delegate(t, passport.Chain{f.signed}, nil)
	two := f.delegate(t, one, nil)

	// Signed by a stranger, in the stranger's own name.
	forged := f.forge(t, passport.Chain{f.signed}, mallory, nil)
	d, err := f.verify(forged)
	verifytest.AssertDenied(t, err, verify.DelegationInvalid)
	require.Equal(t, verify.StepProof, d.Violations[0].Step)

	// A link left out, two exchanged.
	for name, chain := range map[string]passport.Chain{
		"missing":   {two[0], two[2]},
		"exchanged": {two[0], two[2], two[1]},
	} {
		t.Run(name, func(t *testing.T) {
			leaf, err := passport.ReadUnverified(chain[len(chain)-1])
			require.NoError(t, err)
			holder := f.agents[1]
			if leaf.Agent == f.agents[2].DID() {
				holder = f.agents[2]
			}
			_, err = f.Verifier().Verify(ctx, f.PresentChain(holder, chain, f.Intent()), f.Request())
			verifytest.AssertDenied(t, err, verify.DelegationInvalid)
		})
	}
	// DEL-16: the parent's agent shows the child's passport.
	vp := f.PresentChain(f.agents[2], two, f.Intent())
	stolen := resign(f.World, vp, mallory, keep)
	_, err = f.Verifier().Verify(ctx, stolen, f.Request())
	verifytest.AssertDenied(t, err, verify.ProofKeyNotAuthorized)
}

// Nothing is looked up that only an unproven link names.
func TestStep4WalkStopsAtTheUnproven(t *testing.T) {
	f := newFamily(t, nil)
	lookups := 0
	evil := did.MustParse("did:web:evil.example")
	kid, err := evil.URL("k")
	require.NoError(t, err)
	signer, err := did.NewSigner(kid, verifytest.Key("mallory").PrivateKey())
	require.NoError(t, err)
	chain := f.forge(t, passport.Chain{f.signed}, signer, nil)
	_, err = f.verify(chain, func(c *verify.Config) {
		c.Resolver = did.Mux{"key": did.KeyMethods(), "web": did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
			lookups++
			return nil, did.ErrNotFound
		})}
	})
	verifytest.AssertDenied(t, err, verify.DelegationInvalid)
	require.Zero(t, lookups)
}

// Links: as many as the bound, and one more (RES-01, DEL-04).
func TestRES01Links(t *testing.T) {
	f := newFamily(t, nil)
	chain := f.delegate(t, f.delegate(t, passport.Chain{f.signed}, nil), nil)
	_, err := f.verify(chain, func(c *verify.Config) { c.Bounds.Links = 2 })
	require.NoError(t, err)
	_, err = f.verify(chain, func(c *verify.Config) { c.Bounds.Links = 1 })
	verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
}

// DEL-08: what happens to an ancestor happens to everything below.
func TestStep6DEL08Ancestors(t *testing.T) {
	for position := range 3 {
		f := newFamily(t, nil)
		f.Lists.Fail("https://agent.example/status", nil)
		chain := passport.Chain{f.signed}
		var entries []statuslist.Entry
		entries = append(entries, f.root.Status[0])
		for depth := 1; depth <= 2; depth++ {
			pub, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://agent.example/status/" +
				[]string{"", "1", "2"}[depth], Purpose: statuslist.Revocation})
			require.NoError(t, err)
			require.NoError(t, pub.Claim(5))
			entry, err := pub.Entry(5)
			require.NoError(t, err)
			if position == depth {
				require.NoError(t, pub.Set(5, 1))
			}
			list, err := pub.Publish(ctx, f.agents[depth-1], statuslist.PublishOptions{Now: f.Clock.Now()})
			require.NoError(t, err)
			f.Lists.Put(entry.URL, list[0].Raw)
			chain = f.delegate(t, chain, func(p *passport.Passport) { p.Status = []statuslist.Entry{entry} })
		}
		if position == 0 {
			f.Lists.Set(entries[0], 1)
		}
		_, err := f.verify(chain)
		verifytest.AssertDenied(t, err, verify.StatusRevoked)
	}
}

// A list of a link is by that link's issuer, not by the root's.
func TestStep6ListOfALink(t *testing.T) {
	f := newFamily(t, nil)
	chain := f.delegate(t, passport.Chain{f.signed}, func(p *passport.Passport) { p.Status = f.Lists.Entries() })
	_, err := f.verify(chain)
	verifytest.AssertDenied(t, err, verify.StatusInvalid)
}
