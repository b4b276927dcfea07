package jsonld_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/profile"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Scoped contexts nested in every order: what is remembered of it stays
// bounded, and a document full of new combinations is not worth sending.
func TestScopedContextsInEveryOrder(t *testing.T) {
	set, err := contexts.Default().With("urn:test:none", []byte(`{"@context":{}}`)) // a set of its own
	require.NoError(t, err)
	names := []string{"capabilities", "spendLimits", "timeWindows", "assurance", "attestation", "maxTransactionAmount"}
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 4 {
		var b strings.Builder
		b.WriteString(`{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"],` +
			`"type":"VerifiableCredential","credentialSubject":[`)
		for i := 0; b.Len() < 60<<10 && i < 100; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			depth := 4 + r.IntN(5)
			for range depth {
				fmt.Fprintf(&b, `{"type":"AIAgent","%s":`, names[r.IntN(len(names))])
			}
			fmt.Fprintf(&b, `{"name":"%d"}`, i)
			b.WriteString(strings.Repeat("}", depth))
		}
		b.WriteString("]}")
		root, err := strictjson.Parse(b.String(), limits.Default().JSON(256<<10))
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := active(root, set)
		require.NoError(t, err)
		claims, err := profile.Check(root, a, profile.Options{})
		_, err2 := jsonld.Hash(jsonld.Input{Root: root, Active: a}, limits.Default().Documents)
		runtime.ReadMemStats(&after)
		spent := after.TotalAlloc - before.TotalAlloc
		t.Logf("round %d: %d bytes of text, %d claims, %d bytes allocated (%v, %v)", round, b.Len(), claims, spent, err, err2)
		require.Less(t, spent, uint64(64*b.Len()))
	}
}
