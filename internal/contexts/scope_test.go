package contexts

import (
	"maps"
	"strings"
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

// Remembered steps lead where they led, whether few or many, and a copy that
// knows one more leaves the one before it as it was.
func TestSteps(t *testing.T) {
	root := Default().sources[CredentialsV2]
	var taken []step
	for _, v := range root.Members() {
		for _, how := range []mode{modeProperty, modeType, modeContext} {
			taken = append(taken, step{v, how})
		}
	}
	require.Greater(t, len(taken), 3*fewSteps)
	var generations []*steps
	var next *steps
	ends := make([]*Active, len(taken))
	for i, s := range taken {
		require.Nil(t, next.to(s))
		generations = append(generations, next)
		ends[i] = new(Active)
		next = next.with(s, ends[i])
	}
	generations = append(generations, next)
	for n, x := range generations {
		require.Equal(t, n, x.len())
		for i, s := range taken {
			if i < n {
				require.Same(t, ends[i], x.to(s))
			} else {
				require.Nil(t, x.to(s))
			}
		}
	}
}

// Which bytes an IRI may hold behind its scheme, by RFC 3987.
func TestIRIBytes(t *testing.T) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;="
	for c := range 256 {
		ok := strings.IndexByte(allowed, byte(c)) >= 0
		for _, s := range []string{"urn:%s", "urn:%sx", "urn:x%s", "urn:x?y%sz"} {
			s = strings.Replace(s, "%s", string([]byte{byte(c)}), 1)
			require.Equal(t, ok, IsAbsoluteIRI(s), "%q", s)
		}
	}
	for s, ok := range map[string]bool{
		"urn:%41": true, "urn:x%fFy": true, "urn:%": false, "urn:%4": false, "urn:%4g": false, "urn:%é1": false,
		"urn:x#y": true, "urn:#x#": false, "urn:\u00e9": true, "urn:x\u00e9\u20ac\U0001f600y": true,
		"urn:x\u200by": false, "urn:\xe2\x82": false, "urn:x\xff": false, "urn:\ufffd": false,
	} {
		require.Equal(t, ok, IsAbsoluteIRI(s), "%q", s)
	}
}
