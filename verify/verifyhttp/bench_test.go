package verifyhttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// A request that is let through, beside the verification that it contains.
func BenchmarkGuard(b *testing.B) {
	s := newShop(b)
	b.Run("handler", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(body))
			r.Header.Set(verifyhttp.HeaderPassport, encode(s.shown(body)))
			rec := httptest.NewRecorder()
			b.StartTimer()
			s.server.Config.Handler.ServeHTTP(rec, r)
			if rec.Code != http.StatusNoContent {
				b.Fatal(rec.Body.String())
			}
		}
	})
	b.Run("no passport", func(b *testing.B) {
		b.ReportAllocs()
		r := httptest.NewRequest(http.MethodPost, "/charge", nil)
		for b.Loop() {
			s.server.Config.Handler.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
}
