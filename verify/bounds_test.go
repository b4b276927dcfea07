package verify_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// RES-01: the bounds of a decision, at the cap and one above.
func TestRES01Bounds(t *testing.T) {
	allowed := func(edit func(*verifytest.World, *verify.Config), f fault) {
		t.Helper()
		f.config = edit
		_, err := f.decide(t)
		require.NoError(t, err)
	}
	refused := func(want verify.Code, edit func(*verifytest.World, *verify.Config), f fault) {
		t.Helper()
		f.config = edit
		_, err := f.decide(t)
		verifytest.AssertDenied(t, err, want)
	}
	bound := func(edit func(*verify.Bounds)) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) { edit(&c.Bounds) }
	}
	// Fetches: two lists; keys of did:key are not fetched.
	allowed(bound(func(b *verify.Bounds) { b.Fetches = 2 }), fault{})
	refused(verify.EnvelopeTooLarge, bound(func(b *verify.Bounds) { b.Fetches = 1 }), fault{})
	// IntentLifetime: an intent of five minutes.
	allowed(bound(func(b *verify.Bounds) { b.IntentLifetime = 5 * time.Minute }), fault{})
	refused(verify.TimeLifetimeExceeded, bound(func(b *verify.Bounds) { b.IntentLifetime = 5*time.Minute - 1 }), fault{})
	// CredentialLifetime: a passport of a day.
	allowed(bound(func(b *verify.Bounds) { b.CredentialLifetime = 24 * time.Hour }), fault{})
	refused(verify.TimeLifetimeExceeded, bound(func(b *verify.Bounds) { b.CredentialLifetime = 24*time.Hour - 1 }), fault{})
	// NonceBytes.
	long := fault{show: func(_ *verifytest.World, o *passport.PresentOptions) { o.Challenge = strings.Repeat("n", 40) }}
	allowed(bound(func(b *verify.Bounds) { b.NonceBytes = 40 }), long)
	refused(verify.EnvelopeNonceInvalid, bound(func(b *verify.Bounds) { b.NonceBytes = 39 }), long)
}

// RES-05: thousands of refusals leave nothing behind.
func TestRES05RefusalsLeaveNothing(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	raw := w.Present(w.Issue(w.Passport()), w.Intent())
	bad := replace(`"50.00"`, `"90.00"`)(w, raw)
	before := runtime.NumGoroutine()
	var m0, m1 runtime.MemStats
	for i := range 4000 {
		if i == 1000 { // pools and memories are warm by then
			runtime.GC()
			runtime.ReadMemStats(&m0)
		}
		_, err := v.Verify(ctx, bad, w.Request())
		require.Error(t, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	require.Less(t, int64(m1.HeapAlloc)-int64(m0.HeapAlloc), int64(4<<20))
}
