package vcjwt_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

func TestSealGivesOneToken(t *testing.T) {
	key, ctx := fixedKey(t, 1), context.Background()
	for kind, typ := range map[credential.Kind]string{credential.KindCredential: "vc+jwt", credential.KindPresentation: "vp+jwt"} {
		sealed, err := vcjwt.Format().Seal(ctx, key, []byte(`{"a":1}`), kind)
		require.NoError(t, err)
		env, err := vcjwt.Format().Open(sealed, kind)
		require.NoError(t, err)
		require.Equal(t, "application/"+typ, env.MediaType())
		require.Equal(t, `{"a":1}`, env.Payload(), "the payload is not written anew")
		require.Equal(t, key.KeyID().String(), env.KeyID())
		require.NoError(t, env.Check(key.PublicKey()))

		// The very text: go-jose's header has its members in order.
		require.Equal(t, token(t, key, goodHeader(key, typ), `{"a":1}`), string(sealed))

		payload, err := judge(string(sealed), key.PublicKey())
		require.NoError(t, err)
		require.Equal(t, `{"a":1}`, string(payload))
	}
}

func TestMediaTypes(t *testing.T) {
	require.Equal(t, "application/vc+jwt", vcjwt.MediaTypeCredential)
	require.Equal(t, "application/vp+jwt", vcjwt.MediaTypePresentation)
}

type badSigner struct {
	did.Signer
	sig []byte
	err error
}

func (s badSigner) Sign(context.Context, []byte) ([]byte, error) { return s.sig, s.err }

func TestSealRefuses(t *testing.T) {
	key, f := fixedKey(t, 1), vcjwt.Format()
	ctx := context.Background()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	down := errors.New("the HSM is down")

	_, err := f.Seal(ctx, nil, []byte("{}"), credential.KindCredential)
	require.Equal(t, "request.invalid", codeOf(t, err))
	_, err = f.Seal(ctx, key, []byte("{}"), "vx")
	require.Equal(t, "request.invalid", codeOf(t, err))
	_, err = f.Seal(gone, key, []byte("{}"), credential.KindCredential)
	require.ErrorIs(t, err, context.Canceled)
	_, err = f.Seal(ctx, badSigner{key, nil, down}, []byte("{}"), credential.KindCredential)
	require.ErrorIs(t, err, down)
	for _, n := range []int{0, 63, 65} {
		_, err = f.Seal(ctx, badSigner{key, make([]byte, n), nil}, []byte("{}"), credential.KindCredential)
		require.ErrorContains(t, err, "want 64")
	}
	_, err = f.Seal(ctx, key, []byte(strings.Repeat(" ", 256<<10)), credential.KindCredential)
	require.Equal(t, "envelope.too_large", codeOf(t, err))
}

// A key in a KMS signs as one in memory does.
func TestSealWithRemoteKey(t *testing.T) {
	key := fixedKey(t, 1)
	remote, err := did.NewSigner(key.KeyID(), struct{ ed25519.PrivateKey }{key.PrivateKey().(ed25519.PrivateKey)})
	require.NoError(t, err)
	for _, signer := range []did.Signer{key, remote} {
		sealed, err := vcjwt.Format().Seal(context.Background(), signer, []byte(`{}`), credential.KindCredential)
		require.NoError(t, err)
		require.Equal(t, token(t, key, goodHeader(key, "vc+jwt"), `{}`), string(sealed))
	}
}
