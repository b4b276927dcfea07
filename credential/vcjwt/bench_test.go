package vcjwt_test

import (
	"context"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/ratio"
)

// verifyRatio reports the time of f in units of V: one ed25519.Verify of a
// message as long as what the token signs.
func verifyRatio(b *testing.B, signed int, f func()) {
	b.ReportAllocs()
	ratio.Of(b, "V", f, ratio.V(b, signed))
	b.ReportMetric(float64(signed), "signed-bytes")
}

func benchToken(b *testing.B) (raw []byte, signed int, key *did.KeyPair) {
	key = fixedKey(b, 1)
	s, err := credential.SignJSON(context.Background(), key, passportText(b), credential.SignOptions{Format: vcjwt.Format()})
	require.NoError(b, err)
	raw = s.Bytes()
	return raw, len(raw) - 87, key // a point and 64 bytes in base64url
}

// Goal 3: parse and verify one vc+jwt passport.
func BenchmarkVerifyRatio(b *testing.B) {
	raw, signed, key := benchToken(b)
	p, pub := credential.Parser{Formats: []credential.Format{vcjwt.Format()}}, key.PublicKey()
	verifyRatio(b, signed, func() {
		s, err := p.Credential(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	})
}

// What go-jose alone takes for the envelope, without looking at the payload.
func BenchmarkGoJoseRatio(b *testing.B) {
	raw, signed, key := benchToken(b)
	pub := key.PublicKey()
	verifyRatio(b, signed, func() {
		if _, err := judge(string(raw), pub); err != nil {
			b.Fatal(err)
		}
	})
}

// What this package takes for the same.
func BenchmarkEnvelopeRatio(b *testing.B) {
	raw, signed, key := benchToken(b)
	pub := key.PublicKey()
	verifyRatio(b, signed, func() {
		env, err := vcjwt.Format().Open(raw, credential.KindCredential)
		if err == nil {
			err = env.Check(pub)
		}
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkParseCheckProof(b *testing.B) {
	raw, _, key := benchToken(b)
	p, pub := credential.Parser{Formats: []credential.Format{vcjwt.Format()}}, key.PublicKey()
	b.ReportAllocs()
	for b.Loop() {
		s, err := p.Credential(raw)
		if err == nil {
			err = s.CheckProof(0, pub, did.AssertionMethod)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	key, text := fixedKey(b, 1), passportText(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vcjwt.Format().Seal(context.Background(), key, text, credential.KindCredential); err != nil {
			b.Fatal(err)
		}
	}
}

// judge is the independent opinion: go-jose, told what this package accepts.
func judge(text string, key did.PublicKey) ([]byte, error) {
	s, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return nil, err
	}
	return s.Verify(key.Crypto())
}
