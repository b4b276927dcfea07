package kms_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a key that is somewhere else adds to presenting a passport with one at hand, without
// the way there: a goroutine, and one Ed25519 check of what came back.
func BenchmarkOverhead(b *testing.B) {
	w := verifytest.NewWorld(b)
	chain := passport.Chain{w.Issue(w.Passport())}
	present := func(agent did.Signer) func([]byte) {
		return func([]byte) {
			_, err := passport.Present(b.Context(), agent, chain, w.Intent(), verifytest.Audience,
				passport.PresentOptions{Now: w.Clock.Now})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	adaptertest.Overhead(b, func() []byte { return nil }, present(elsewhere(b, w.Agent)), present(w.Agent))
}
