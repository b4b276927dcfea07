package verifytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Every item is refused with its code, and its twin allowed, by one verifier
// that sees them all.
func TestShelf(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	shelf := w.Shelf()
	names, codes := map[string]bool{}, map[verify.Code]bool{}
	for _, bad := range shelf {
		require.False(t, names[bad.Name], "%s stands there twice", bad.Name)
		names[bad.Name], codes[bad.Code] = true, true
		require.NotEmpty(t, bad.About)
		t.Run(bad.Name, func(t *testing.T) { bad.Test(t, v) })
	}
	require.GreaterOrEqual(t, len(shelf), 60)
	require.GreaterOrEqual(t, len(codes), 38)
	t.Logf("%d items, %d codes", len(shelf), len(codes))
}

// Another configuration of the same world, with the cache of proofs.
func TestShelfWithProvenDocuments(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier(func(c *verify.Config) { c.ProvenDocuments = 1024 })
	for _, bad := range w.Shelf() {
		t.Run(bad.Name, func(t *testing.T) { bad.Test(t, v) })
	}
}

// Test notices a verifier that allows too much, and one that allows too little.
func TestShelfNotices(t *testing.T) {
	w := verifytest.NewWorld(t)
	shelf := map[string]verifytest.Bad{}
	for _, bad := range w.Shelf() {
		shelf[bad.Name] = bad
	}
	lenient := w.Verifier(func(c *verify.Config) { c.InsecureAllowBarePassports = true })
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { shelf["bare passport"].Test(tb, lenient) }))
	strict := w.Verifier(func(c *verify.Config) { c.Anchors[0].Ceilings = []passport.Money{passport.MustMoney("1", "USD")} })
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { shelf["expired"].Test(tb, strict) }))
	wrong := shelf["expired"]
	wrong.Code = verify.ProofInvalid
	require.NotEmpty(t, verifytest.Failures(func(tb testing.TB) { wrong.Test(tb, w.Verifier()) }))
}
