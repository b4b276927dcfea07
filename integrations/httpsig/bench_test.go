package verifyhttpsig_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What a second proof adds to a guard of HTTP requests: one more Ed25519 check, and making
// what was signed.
func BenchmarkOverhead(b *testing.B) {
	w := verifytest.NewWorld(b)
	act := w.Intent().Act
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	r := httptest.NewRequest(http.MethodGet, "https://shop.example/charge?id=1", nil)
	require.NoError(b, verifyhttpsig.Sign(b.Context(), r, w.Agent, verifyhttpsig.SignOptions{
		Components: whole, Key: w.Agent.PublicKey(), Created: w.Clock.Now(), Expires: w.Clock.Now().Add(time.Minute),
	}))
	serve := func(next http.Handler) func([]byte) {
		guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
			Verifier: adaptertest.Quiet(w), Audience: verifytest.Audience,
			Request: func(*http.Request) (verify.Request, error) { return verify.Request{Act: act}, nil },
		})
		require.NoError(b, err)
		handler := guard.Handler(next)
		return func(shown []byte) {
			mine := r.Clone(b.Context())
			mine.Header.Set("Agent-Passport", base64.RawURLEncoding.EncodeToString(shown))
			rec := httptest.NewRecorder()
			if handler.ServeHTTP(rec, mine); rec.Code != http.StatusOK {
				b.Fatal(rec.Code, rec.Body)
			}
		}
	}
	adaptertest.Overhead(b, adaptertest.Show(w, act, ""),
		serve(verifyhttpsig.Agent(w.Resolver(), verifyhttpsig.VerifyOptions{Now: w.Clock.Now}, ok)), serve(ok))
}
