package did_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

func TestGenerateSignResolveVerify(t *testing.T) {
	ctx := context.Background()
	key, err := did.GenerateKey()
	require.NoError(t, err)
	sig, err := key.Sign(ctx, []byte("message"))
	require.NoError(t, err)
	pub, err := did.ResolveKey(ctx, did.KeyMethods(), key.KeyID(), did.AssertionMethod)
	require.NoError(t, err)
	require.True(t, did.Verify(pub, []byte("message"), sig))
	require.False(t, did.Verify(pub, []byte("massage"), sig))

	jwk, err := did.NewJWKDID(pub)
	require.NoError(t, err)
	for _, id := range []did.DID{key.DID(), jwk} {
		doc, err := did.KeyMethods().Resolve(ctx, id)
		require.NoError(t, err)
		back, err := did.ParseDocument(doc.Bytes())
		require.NoError(t, err, string(doc.Bytes()))
		require.Equal(t, doc.Methods(), back.Methods())
		got, err := back.Key(doc.Methods()[0].ID, did.Authentication)
		require.NoError(t, err)
		require.Equal(t, pub, got)
		_, err = back.Key(doc.Methods()[0].ID, did.KeyAgreement)
		require.ErrorIs(t, err, did.ErrRelationship)
	}
	_, err = did.NewSigner(did.MustParseURL("did:web:a.example#k"), key.PrivateKey())
	require.NoError(t, err)
}
