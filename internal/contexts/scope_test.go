package contexts

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// What overlay makes of a compiled scope is what the algorithm makes of it, for
// every scope of every embedded context, applied to every context of a walk.
func TestOverlayIsProcess(t *testing.T) {
	compared := 0
	for _, urls := range [][]string{
		{CredentialsV2, SafeconductV1}, {CredentialsV2, SafeconductV1, StatusList2021V1, MultikeyV1}, {CredentialsV1, DataIntegrityV2}, {DIDV1, JWKV1},
	} {
		a, err := Default().Resolve(urls)
		require.NoError(t, err)
		var walk func(a *Active, depth int)
		walk = func(a *Active, depth int) {
			for _, term := range a.all() {
				if !term.Scope.Exists() {
					continue
				}
				for _, how := range []mode{modeProperty, modeType} {
					s := step{term.Scope, how}
					b := a.overlay(s)
					if b == nil {
						continue
					}
					c, err := a.process(s.local, s.how, 0)
					require.NoError(t, err, term.Name)
					require.Equal(t, c.idNames, b.idNames)
					require.Equal(t, c.typeNames, b.typeNames)
					require.Equal(t, c.aliases, b.aliases)
					require.Equal(t, c.hasProtected, b.hasProtected)
					require.Equal(t, c.hasPrefixes, b.hasPrefixes)
					require.Equal(t, c.hasOdd, b.hasOdd)
					require.Equal(t, c.previous == nil, b.previous == nil)
					x, y := c.all(), b.all()
					require.Len(t, y, len(x))
					for name := range maps.Keys(x) {
						require.True(t, x[name].same(y[name]) && x[name].Protected == y[name].Protected, "%s in %s", name, term.Name)
						require.Same(t, b.Term(name), y[name])
					}
					compared++
					if depth > 0 {
						walk(b, depth-1)
					}
				}
			}
		}
		walk(a, 1)
	}
	require.Greater(t, compared, 200)
}
