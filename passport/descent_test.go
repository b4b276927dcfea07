package passport_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// What a descent allows is the intersection of its links, whether it is asked for at
// each of them or at the end alone, and a link that is refused changes nothing of it.
func TestDescentAllowsTheIntersection(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewSource(23))}
	link := func(depth int, a *passport.Authority) *passport.Passport {
		a.MaxDelegationDepth = 9
		id := func(n int) string { return fmt.Sprint("urn:x:", n) }
		party := func(n int) did.DID { return did.MustParse(fmt.Sprint("did:example:", n)) }
		p := &passport.Passport{
			ID: id(depth), Issuer: party(depth), Agent: party(depth + 1), Authority: *a, DelegationDepth: depth,
		}
		if depth > 0 {
			p.ParentPassportID = id(depth - 1)
		}
		return p
	}
	deep := 0
	for i := range cases() / 20 {
		root := d.authority()
		var often, once passport.Descent
		require.NoError(t, often.Next(link(0, root), nil))
		require.NoError(t, once.Next(link(0, root), nil))
		want, depth := root.Effective(), 1
		for range 6 {
			a := d.narrower(root)
			p := link(depth, a)
			refused := want.Admits(&p.Authority)
			require.Equal(t, refused == nil, often.Next(p, nil) == nil, "case %d: %v", i, refused)
			require.Equal(t, refused == nil, once.Next(p, nil) == nil)
			if refused == nil {
				want, depth = want.Intersect(&p.Authority), depth+1
			}
			require.Equal(t, want, often.Effective(), "case %d", i)
		}
		require.Equal(t, want, once.Effective(), "case %d", i)
		if depth > 3 {
			deep++
		}
	}
	require.Greater(t, deep, cases()/2000, "the dice must often go deep")
}
