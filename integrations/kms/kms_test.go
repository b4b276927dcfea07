package kms_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
)

// service is a key as the libraries of cloud services have it.
type service struct {
	public crypto.PublicKey
	sign   func(message []byte) ([]byte, error)
}

func (s service) Public() crypto.PublicKey { return s.public }
func (s service) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != 0 {
		return nil, errors.New("a digest")
	}
	return s.sign(message)
}

var id = did.MustParseURL("did:web:issuer.example#kms-1")

// Each row is one fault of a service; the last has none.
func TestNewSigner(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	other, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	signs := func(message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }
	gone := errors.New("the service is gone")
	for name, row := range map[string]struct {
		key crypto.Signer
		is  error
	}{
		"no key":              {nil, did.ErrKey},
		"another public half": {service{other, signs}, did.ErrKey},
		"no public half":      {service{nil, signs}, did.ErrKey},
		"a digest of it": {service{public, func(message []byte) ([]byte, error) {
			return private.Sign(nil, make([]byte, 64), crypto.SHA512)
		}}, did.ErrKey},
		"cut short": {service{public, func(message []byte) ([]byte, error) {
			return ed25519.Sign(private, message)[:63], nil
		}}, did.ErrKey},
		"gone":             {service{public, func([]byte) ([]byte, error) { return nil, gone }}, gone},
		"two other halves": {ed25519.PrivateKey(append(private[:32:32], other...)), did.ErrKey},
		"good":             {service{public, signs}, nil},
		"at hand":          {private, nil},
	} {
		signer, err := kms.NewSigner(t.Context(), id, row.key)
		if row.is != nil {
			require.ErrorIs(t, err, row.is, name)
			require.Nil(t, signer, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, id, signer.KeyID())
		sig, err := signer.Sign(t.Context(), []byte("message"))
		require.NoError(t, err, name)
		require.True(t, ed25519.Verify(public, []byte("message"), sig))
	}
	_, err = kms.NewSigner(t.Context(), id, service{public, func([]byte) ([]byte, error) { panic("at once") }})
	require.ErrorContains(t, err, "panicked")
}

// A service that hangs keeps nobody beyond their context, and no more goroutines than
// there are places.
func TestServiceHangs(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	hangs, called := make(chan struct{}), make(chan struct{}, 100)
	first := true
	signer, err := kms.NewSigner(t.Context(), id, service{public, func(message []byte) ([]byte, error) {
		if !first {
			called <- struct{}{}
			<-hangs
		}
		return ed25519.Sign(private, message), nil
	}})
	require.NoError(t, err)
	first = false
	for range kms.AtATime {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-called; cancel() }()
		_, err := signer.Sign(ctx, []byte("message"))
		require.ErrorIs(t, err, context.Canceled)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	_, err = signer.Sign(ctx, []byte("message"))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, called, "there is no place for one more")
	close(hangs)
	_, err = signer.Sign(t.Context(), []byte("message"))
	require.NoError(t, err)
}
