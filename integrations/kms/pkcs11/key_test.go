//go:build cgo

package pkcs11_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	p11 "github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/integrations/kms/pkcs11"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A key that was made in the token, and one that was brought into it, issue passports
// that a verifier allows; a verifier that trusts another key does not.
func TestIssuesPassports(t *testing.T) {
	h := newSoftHSM(t)
	brought := h.imported("brought", "02")
	made, err := h.Generate(t.Context(), config(func(c *pkcs11.Config) { c.ID = []byte{1} }))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	other := h.opened(config(func(c *pkcs11.Config) { c.Label = "brought" }))
	require.Equal(t, brought, other.PublicKey())
	for _, key := range []*pkcs11.Key{made, other} {
		issuer, err := did.NewKeyDID(key.PublicKey())
		require.NoError(t, err)
		id, err := issuer.URL(issuer.SpecificID())
		require.NoError(t, err)
		signer, err := kms.NewSigner(t.Context(), id, key)
		require.NoError(t, err)
		w := verifytest.NewWorld(t)
		content := w.Passport()
		pass, err := passport.Issue(t.Context(), signer, content, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		for _, entry := range content.Status {
			w.Lists.SignBy(entry.URL, signer)
		}
		somebody := verifytest.Key("somebody").DID()
		for trusted, want := range map[did.DID]error{issuer: nil, somebody: verify.AnchorUntrustedIssuer} {
			v := w.Verifier(func(c *verify.Config) { c.Anchors = []verify.Anchor{{Issuer: trusted}} })
			_, err := v.Verify(t.Context(), w.Present(pass, w.Intent()), w.Request())
			if want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, want)
			}
		}
	}
	_, err = h.Generate(t.Context(), config(func(c *pkcs11.Config) { c.ID = []byte{1} }))
	require.ErrorContains(t, err, "already")
}

// Each row is one fault of the configuration, or of what is in the token.
func TestOpen(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	h.imported("twice", "02")
	h.imported("twice", "03")
	h.opened(config(func(c *pkcs11.Config) { c.Label, c.ID = "twice", []byte{3} }))
	for name, row := range map[string]struct {
		edit func(*pkcs11.Config)
		is   error
		says string
	}{
		"no token named": {func(c *pkcs11.Config) { c.Token = "" }, nil, "any token would do"},
		"no key named":   {func(c *pkcs11.Config) { c.Label = "" }, nil, "any key would do"},
		"no PIN":         {func(c *pkcs11.Config) { c.PIN = nil }, nil, "nobody could log in"},
		"another token":  {func(c *pkcs11.Config) { c.Token = "other" }, kms.ErrUnreachable, `there are ["issuer"]`},
		"another serial": {func(c *pkcs11.Config) { c.Serial = "1" }, kms.ErrUnreachable, `numbered "1"`},
		"another label":  {func(c *pkcs11.Config) { c.Label = "other" }, kms.ErrNoKey, `no private Ed25519 key labelled "other"`},
		"another id":     {func(c *pkcs11.Config) { c.ID = []byte{9} }, kms.ErrNoKey, `with the id 09`},
		"two keys":       {func(c *pkcs11.Config) { c.Label = "twice" }, kms.ErrNoKey, "name both label and id"},
	} {
		key, err := h.Open(t.Context(), config(row.edit))
		require.ErrorContains(t, err, row.says, name)
		require.Nil(t, key)
		if row.is != nil {
			require.ErrorIs(t, err, row.is, name)
		}
	}
	_, err := pkcs11.Load("")
	require.ErrorContains(t, err, "empty")
	_, err = pkcs11.Load(t.TempDir() + "/none.so")
	require.ErrorContains(t, err, "could not be loaded")
}

// A wrong PIN is told to the token once, and nobody is asked again: a few of them would
// lock it. Neither PIN is in an error, or in what is printed.
func TestWrongPIN(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	for _, wrong := range []string{"4711-wrong", ""} {
		_, err := h.Open(t.Context(), config(func(c *pkcs11.Config) {
			c.PIN = func(context.Context) (string, error) { return wrong, nil }
		}))
		require.ErrorIs(t, err, kms.ErrRefused)
		require.NotContains(t, err.Error(), "4711")
	}
	_, err := h.Open(t.Context(), config(func(c *pkcs11.Config) {
		c.PIN = func(context.Context) (string, error) { return "", os.ErrPermission }
	}))
	require.ErrorIs(t, err, os.ErrPermission)

	asked, answer := 0, pin
	c := config(func(c *pkcs11.Config) {
		c.PIN = func(context.Context) (string, error) { asked++; return answer, nil }
	})
	key := h.opened(c)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, key), "4711")
		require.NotContains(t, fmt.Sprintf(verb, c), "4711")
	}
	answer = "4711-wrong"
	h.pullOut(func() {})
	for range 3 {
		_, err = key.SignContext(t.Context(), []byte("message"))
		require.ErrorIs(t, err, kms.ErrRefused)
		var word p11.Error
		require.ErrorAs(t, err, &word)
		require.EqualValues(t, p11.CKR_PIN_INCORRECT, word)
	}
	require.Equal(t, 2, asked)
}

// A token that was pulled out is not reached; when it is back, the next signature opens
// it anew.
func TestTokenGone(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	asked := 0
	key := h.opened(config(func(c *pkcs11.Config) {
		c.PIN = func(context.Context) (string, error) { asked++; return pin, nil }
	}))
	signs := func() error {
		sig, err := key.SignContext(t.Context(), []byte("message"))
		if err == nil {
			require.True(t, key.PublicKey().Verify([]byte("message"), sig))
		}
		return err
	}
	require.NoError(t, signs())
	h.pullOut(func() {
		require.ErrorIs(t, signs(), kms.ErrUnreachable)
	})
	require.NoError(t, signs())
	require.Equal(t, 2, asked)
}

// pullOut ends all sessions, as a token that is pulled out does, and puts it back when
// gone returns.
func (h *softhsm) pullOut(gone func()) {
	require.NoError(h.t, os.Rename(h.tokens, h.tokens+".gone"))
	require.NoError(h.t, os.Mkdir(h.tokens, 0o700))
	require.NoError(h.t, pkcs11.Restart(h.Library))
	gone()
	require.NoError(h.t, os.Remove(h.tokens))
	require.NoError(h.t, os.Rename(h.tokens+".gone", h.tokens))
	require.NoError(h.t, pkcs11.Restart(h.Library))
}

// A signature that the public half does not verify is found before any passport is signed.
func TestAnotherPublicHalf(t *testing.T) {
	h := newSoftHSM(t)
	public := h.imported("passports", "01")
	other := verifytest.Key("other").PublicKey()
	for _, row := range []struct {
		public did.PublicKey
		fails  bool
	}{{other, true}, {public, false}} {
		key := h.opened(config(func(c *pkcs11.Config) { c.Public = row.public }))
		_, err := kms.NewSigner(t.Context(), did.MustParseURL("did:web:issuer.example#hsm-1"), key)
		require.Equal(t, row.fails, errors.Is(err, did.ErrKey), "%v", err)
		require.Equal(t, row.fails, err != nil)
	}
}

// Digests are refused; a context that is done, and a key that is closed, sign nothing.
func TestSigns(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	key := h.opened(config())
	_, err := key.Sign(nil, make([]byte, 64), crypto.SHA512)
	require.ErrorContains(t, err, "not digests")
	_, err = key.Sign(nil, nil, nil)
	require.ErrorContains(t, err, "not digests")
	sig, err := key.Sign(nil, []byte("message"), crypto.Hash(0))
	require.NoError(t, err)
	require.True(t, key.PublicKey().Verify([]byte("message"), sig))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = key.SignContext(ctx, []byte("message"))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, key.Close())
	_, err = key.SignContext(t.Context(), []byte("message"))
	require.ErrorIs(t, err, kms.ErrClosed)
}

// Whoever waits for a PIN stops waiting when its context is done.
func TestCancelledWhileItIsAskedForThePIN(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	_, err := h.Open(ctx, config(func(c *pkcs11.Config) {
		c.PIN = func(context.Context) (string, error) { cancel(); <-over; return pin, nil }
	}))
	require.ErrorIs(t, err, context.Canceled)
	close(over) // the library is closed while the answer is on its way to the token
}

// A library that is closed signs nothing, whatever was opened, and can be closed again.
func TestLibraryClosed(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	key := h.opened(config())
	require.NoError(t, h.Library.Close())
	_, err := key.SignContext(t.Context(), []byte("message"))
	require.ErrorIs(t, err, kms.ErrClosed)
	_, err = h.Open(t.Context(), config())
	require.ErrorIs(t, err, kms.ErrClosed)
	_, err = h.Generate(t.Context(), config(func(c *pkcs11.Config) { c.ID = []byte{1} }))
	require.ErrorIs(t, err, kms.ErrClosed)
}

// Many sign at a time, each its own message.
func TestConcurrent(t *testing.T) {
	h := newSoftHSM(t)
	h.imported("passports", "01")
	key := h.opened(config())
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for i := range 32 {
		wg.Go(func() {
			for j := range 8 {
				message := fmt.Appendf(nil, "%d/%d", i, j)
				sig, err := key.SignContext(t.Context(), message)
				if err != nil || !key.PublicKey().Verify(message, sig) {
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
}
