package credential_test

import (
	"context"
	"crypto/ed25519"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/ratio"
)

// passportText is a realistic agent passport: about 2.5 KB, 20 and more
// members of the subject, amounts, capabilities, two status entries.
func passportText(tb testing.TB) []byte {
	tb.Helper()
	raw, err := os.ReadFile("../internal/contexts/testdata/passport.json")
	require.NoError(tb, err)
	return raw
}

func benchKey(tb testing.TB) *did.KeyPair {
	tb.Helper()
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	require.NoError(tb, err)
	return key
}

// Goal 2: parse and verify one eddsa-jcs-2022 passport, in units of one
// ed25519.Verify of 64 bytes.
func BenchmarkVerifyRatio(b *testing.B) {
	key := benchKey(b)
	signed, err := credential.SignJSON(context.Background(), key, passportText(b), credential.SignOptions{Created: time.Unix(1_800_000_000, 0)})
	require.NoError(b, err)
	raw, pub := signed.Bytes(), key.PublicKey()
	ratio.Of(b, "V", func() {
		s, err := credential.Parse(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	}, ratio.V(b, 64))
	b.ReportMetric(float64(len(raw)), "doc-bytes")
}

// Goal 1: the same with eddsa-rdfc-2022.
func BenchmarkVerifyRDFCRatio(b *testing.B) {
	key := benchKey(b)
	signed, err := credential.SignJSON(context.Background(), key, passportText(b),
		credential.SignOptions{Suite: credential.SuiteRDFC, Created: time.Unix(1_800_000_000, 0)})
	require.NoError(b, err)
	raw, pub := signed.Bytes(), key.PublicKey()
	ratio.Of(b, "V", func() {
		s, err := credential.Parse(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	}, ratio.V(b, 64))
}

func BenchmarkParseCheckProofRDFC(b *testing.B) {
	key := benchKey(b)
	signed, err := credential.SignJSON(context.Background(), key, passportText(b), credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(b, err)
	raw, pub := signed.Bytes(), key.PublicKey()
	b.ReportAllocs()
	for b.Loop() {
		s, err := credential.Parse(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Goal 11: sign one passport, in units of one ed25519.Sign of 64 bytes.
func BenchmarkSignRatio(b *testing.B) {
	key, text := benchKey(b), passportText(b)
	private, msg := key.PrivateKey(), make([]byte, 64)
	ctx := context.Background()
	ratio.Of(b, "Sign", func() {
		if _, err := credential.SignJSON(ctx, key, text, credential.SignOptions{Created: time.Unix(1_800_000_000, 0)}); err != nil {
			b.Fatal(err)
		}
	}, func() { ed25519.Sign(private.(ed25519.PrivateKey), msg) })
}

func BenchmarkParse(b *testing.B) {
	signed, err := credential.SignJSON(context.Background(), benchKey(b), passportText(b), credential.SignOptions{})
	require.NoError(b, err)
	raw := signed.Bytes()
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := credential.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCheckProof(b *testing.B) {
	key := benchKey(b)
	signed, err := credential.SignJSON(context.Background(), key, passportText(b), credential.SignOptions{})
	require.NoError(b, err)
	raw, pub := signed.Bytes(), key.PublicKey()
	b.ReportAllocs()
	for b.Loop() {
		s, err := credential.Parse(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignJSON(b *testing.B) {
	key, text := benchKey(b), passportText(b)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := credential.SignJSON(ctx, key, text, credential.SignOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
