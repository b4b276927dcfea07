package vcjwt_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// passportText is a realistic agent passport without a proof.
func passportText(tb testing.TB) []byte {
	tb.Helper()
	raw, err := os.ReadFile("../../internal/contexts/testdata/passport.json")
	require.NoError(tb, err)
	return raw
}

// fixedKey is the key pair of a seed that repeats one byte.
func fixedKey(tb testing.TB, seed byte) *did.KeyPair {
	tb.Helper()
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	require.NoError(tb, err)
	return key
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// token signs any header and any payload, as a forger with a key can.
func token(tb testing.TB, key did.Signer, header, payload string) string {
	tb.Helper()
	input := b64(header) + "." + b64(payload)
	sig, err := key.Sign(context.Background(), []byte(input))
	require.NoError(tb, err)
	return input + "." + b64(string(sig))
}

// goodHeader is what Seal writes.
func goodHeader(key did.Signer, typ string) string {
	return `{"alg":"EdDSA","kid":"` + key.KeyID().String() + `","typ":"` + typ + `"}`
}

func codeOf(tb testing.TB, err error) string {
	tb.Helper()
	var e *credential.Error
	require.ErrorAs(tb, err, &e)
	return string(e.Code)
}
