package verify_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A host's own resolver of did:key is asked in each decision, whatever it said in the one
// before; so is one that takes the place of another in a Mux.
func TestNamedKeysAreAskedOfTheHost(t *testing.T) {
	refusing := did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) { return nil, did.ErrUnavailable })
	fails := false
	own := did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		if fails {
			return nil, did.ErrUnavailable
		}
		return did.KeyMethods().Resolve(ctx, id)
	})
	mux := did.Mux{"key": did.KeyMethods()}
	for name, c := range map[string]struct {
		resolver did.Resolver
		change   func()
	}{
		"alone":        {own, func() { fails = true }},
		"in a Mux":     {did.Mux{"key": own}, func() { fails = true }},
		"a Mux anew":   {mux, func() { mux["key"] = refusing }},
		"a Mux in one": {did.Mux{"key": did.Mux{"key": own}}, func() { fails = true }},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			fails = false
			v := w.Verifier(remembering, func(config *verify.Config) { config.Resolver = c.resolver })
			signed := w.Issue(w.Passport())
			for range 2 {
				_, err := v.Verify(ctx, w.PresentChain(w.Agent, passport.Chain{signed}, w.Intent()), w.Request())
				require.NoError(t, err)
			}
			c.change()
			_, err := v.Verify(ctx, w.PresentChain(w.Agent, passport.Chain{signed}, w.Intent()), w.Request())
			require.ErrorIs(t, err, verify.ProofUnresolvable)
		})
	}
}

// Many names share the places of a small memory; each has the key of its own name, and what
// another one signed is refused.
func TestNamedKeysOfManyNames(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments, c.Resolver = 1, did.KeyMethods() })
	for round := range 2 {
		for i := range 4 {
			agent := verifytest.Key(fmt.Sprint("one of many ", i))
			chain := passport.Chain{w.Issue(w.Passport(func(p *passport.Passport) { p.Agent = agent.DID() }))}
			good := w.PresentChain(agent, chain, w.Intent())
			_, err := v.Verify(ctx, good, w.Request())
			require.NoError(t, err, "round %d, agent %d", round, i)
			_, err = v.Verify(ctx, replace(`"domain":"`+verifytest.Audience, `"domain":"x`+verifytest.Audience)(w, good), w.Request())
			verifytest.AssertDenied(t, err, verify.ProofInvalid)
		}
	}
}

// RES-05: a name that is remembered does not keep what it was read from.
func TestNamedKeysKeepNoDocument(t *testing.T) {
	const shown, pad = 48, 400 << 10
	w := verifytest.NewWorld(t)
	v := w.Verifier(remembering, func(c *verify.Config) { c.Resolver = did.KeyMethods() })
	var raws [][]byte
	for i := range shown {
		agent := verifytest.Key(fmt.Sprint("one of many ", i))
		chain := passport.Chain{w.Issue(w.Passport(func(p *passport.Passport) { p.Agent = agent.DID() }))}
		raws = append(raws, w.PresentChain(agent, chain, w.Intent()))
	}
	before := heap()
	for _, raw := range raws {
		_, err := v.Verify(ctx, append([]byte("{"+strings.Repeat(" ", pad)), raw[1:]...), w.Request())
		require.NoError(t, err)
	}
	require.Less(t, heap()-before, int64(shown*pad/4))
	runtime.KeepAlive(v)
	runtime.KeepAlive(raws)
}
