package passport_test

import (
	"context"
	"crypto/ed25519"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/passport"
)

// realistic is a passport of about 2.5 KB, as passports go.
func realistic(tb testing.TB) *passport.Passport {
	tb.Helper()
	raw, err := os.ReadFile("../internal/contexts/testdata/passport.json")
	require.NoError(tb, err)
	p, err := decode(edited(tb, string(raw), map[string]any{"/issuer/id": keyOf(tb, 1).DID().String()}))
	require.NoError(tb, err)
	return p
}

// Goal 11: issue one passport, in units of one ed25519.Sign of 64 bytes, the
// two in turns so that a noisy machine disturbs both alike.
func BenchmarkIssueRatio(b *testing.B) {
	p, key, ctx := realistic(b), keyOf(b, 1), context.Background()
	private, msg := key.PrivateKey(), make([]byte, 64)
	size := 0
	ratio.Of(b, "Sign", func() {
		s, err := passport.Issue(ctx, key, p, passport.IssueOptions{Now: at(instant)})
		if err != nil {
			b.Fatal(err)
		}
		size = len(s.Text())
	}, func() { ed25519.Sign(private.(ed25519.PrivateKey), msg) })
	b.ReportMetric(float64(size), "doc-bytes")
}

func BenchmarkIssue(b *testing.B) {
	p, key, ctx := realistic(b), keyOf(b, 1), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := passport.Issue(ctx, key, p, passport.IssueOptions{Now: at(instant)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadUnverified(b *testing.B) {
	s := issue(b, realistic(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := passport.ReadUnverified(s); err != nil {
			b.Fatal(err)
		}
	}
}
