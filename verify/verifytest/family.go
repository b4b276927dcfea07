package verifytest

import (
	"context"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Family is a root passport and agents below, each of whom gets its passport
// from the one above.
type Family struct {
	Root   *passport.Passport
	Agents []*did.KeyPair // by depth; Agents[0] is the world's Agent

	world *World
	chain passport.Chain
}

// Family issues [World.Passport], edited, to Agent, with leave to delegate
// three deep.
func (w *World) Family(edits ...func(*passport.Passport)) *Family {
	w.tb.Helper()
	f := &Family{world: w, Agents: []*did.KeyPair{w.Agent, Key("child"), Key("grandchild"), Key("great-grandchild")}}
	f.Root = w.Passport(func(p *passport.Passport) {
		p.Authority.MaxDelegationDepth = 3
		for _, edit := range edits {
			edit(p)
		}
	})
	f.chain = passport.Chain{w.Issue(f.Root)}
	return f
}

// Chain returns the chain down to a depth, each link delegated with everything
// that the one above has. Depth 0 is the root alone.
func (f *Family) Chain(depth int) passport.Chain {
	f.world.tb.Helper()
	chain := f.chain
	for len(chain) <= depth {
		chain = f.Delegate(chain)
	}
	return chain
}

// Child returns the passport that the agent at that depth is to get:
// everything that the root grants.
func (f *Family) Child(depth int, edits ...func(*passport.Passport)) *passport.Passport {
	f.world.tb.Helper()
	if depth < 1 || depth >= len(f.Agents) {
		f.world.tb.Fatalf("the family has no child at depth %d", depth)
	}
	p := &passport.Passport{
		Agent: f.Agents[depth].DID(), Name: "link",
		Authority: passport.Authority{MaxDelegationDepth: f.Root.Authority.MaxDelegationDepth}.InheritGrants(&f.Root.Authority),
	}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

// Delegate has the leaf's agent of a chain give the next one its passport.
func (f *Family) Delegate(chain passport.Chain, edits ...func(*passport.Passport)) passport.Chain {
	f.world.tb.Helper()
	depth := len(chain)
	out, err := passport.Delegate(context.Background(), chain, f.Agents[depth-1], f.Child(depth, edits...), passport.IssueOptions{Now: f.world.Clock.Now})
	if err != nil {
		f.world.tb.Fatalf("delegating: %v", err)
	}
	return out
}

// Forge makes a link as Delegate does, but without its checks and signed by
// anybody.
func (f *Family) Forge(chain passport.Chain, signer did.Signer, edits ...func(*passport.Passport)) passport.Chain {
	f.world.tb.Helper()
	depth := len(chain)
	above := chain[depth-1]
	parent, err := passport.ReadUnverified(above)
	if err != nil {
		f.world.tb.Fatal(err)
	}
	p := f.Child(min(depth, len(f.Agents)-1))
	p.ParentPassportID, p.ParentDigest, p.DelegationDepth = parent.ID, above.Digest(), depth
	p.ValidFrom, p.ValidUntil = parent.ValidFrom, parent.ValidUntil
	for _, edit := range edits {
		edit(p)
	}
	s, err := passport.Issue(context.Background(), signer, p, passport.IssueOptions{Now: f.world.Clock.Now})
	if err != nil {
		f.world.tb.Fatalf("forging: %v", err)
	}
	return append(chain[:depth:depth], s)
}

// Present has the agent at the end of a chain present it to [Audience]. The
// agent must be one of the family.
func (f *Family) Present(chain passport.Chain, in passport.Intent, edits ...func(*passport.PresentOptions)) []byte {
	f.world.tb.Helper()
	return f.world.PresentChain(f.holder(chain[len(chain)-1]), chain, in, edits...)
}

func (f *Family) holder(leaf *credential.Signed) did.Signer {
	f.world.tb.Helper()
	p, err := passport.ReadUnverified(leaf)
	if err != nil {
		f.world.tb.Fatal(err)
	}
	for _, a := range append([]*did.KeyPair{f.world.Issuer}, f.Agents...) {
		if a.DID() == p.Agent {
			return a
		}
	}
	f.world.tb.Fatalf("the agent %s is not of the family", p.Agent)
	return nil
}
