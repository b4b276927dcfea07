package passport

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// Delegate lets the holder of a chain give a part of its authority to another
// agent, with no issuer involved, and returns the chain with the new passport
// as its leaf. The holder is the agent of the present leaf and signs.
//
// The child is completed in a copy: parent, depth and issuer are filled in,
// ValidUntil is at most the parent's. It must state the grants that it is to
// keep (see [Authority.InheritGrants]); limits that it does not state it
// inherits. A child that claims more than the chain has is refused with
// delegation.widened, naming every facet; one deeper than an ancestor allows
// with delegation.too_deep.
func Delegate(ctx context.Context, parent Chain, holder did.Signer, child *Passport, o IssueOptions) (Chain, error) {
	if len(parent) == 0 || holder == nil || child == nil {
		return nil, &Error{Code: code.RequestInvalid, Detail: "Delegate needs a chain, the holder's signer and a passport"}
	}
	if len(parent) > limits.Default().Links {
		return nil, &Error{Code: code.DelegationTooDeep, Detail: "the chain has as many links as any verifier takes"}
	}
	d := &Descent{}
	for _, s := range parent {
		p, err := ReadUnverified(s)
		if err != nil {
			return nil, err
		}
		if err := d.Next(p, s.Digest); err != nil {
			return nil, err
		}
	}
	leaf := d.leaf
	if who := holder.KeyID().DID(); who != leaf.Agent {
		return nil, &Error{Code: code.ProofHolderMismatch, Detail: "only the holder of a passport delegates it",
			Limit: leaf.Agent.String(), Actual: who.String()}
	}
	c := *child
	c.Issuer = leaf.Agent
	c.ParentPassportID, c.ParentDigest, c.DelegationDepth = leaf.ID, parent[len(parent)-1].Digest(), leaf.DelegationDepth+1
	if c.ValidFrom.IsZero() {
		c.ValidFrom = later(o.now(), leaf.ValidFrom)
	}
	if c.ValidUntil.IsZero() {
		life := o.Lifetime
		if life == 0 {
			life = defaultLifetime
		}
		if c.ValidUntil = c.ValidFrom.Add(life); c.ValidUntil.After(leaf.ValidUntil) {
			c.ValidUntil = leaf.ValidUntil
		}
	}
	if err := c.complete(holder, &o); err != nil {
		return nil, err
	}
	if err := d.Next(&c, nil); err != nil {
		return nil, err
	}
	signed, err := c.sign(ctx, holder, &o)
	if err != nil {
		return nil, err
	}
	return append(parent[:len(parent):len(parent)], signed), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
