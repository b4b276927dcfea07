//go:build cgo

package pkcs11_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms/pkcs11"
)

const pin = "secret-4711"

// softhsm is SoftHSM with one token, labelled issuer, in a folder of its own.
type softhsm struct {
	*pkcs11.Library
	t      testing.TB
	tokens string
}

func newSoftHSM(t testing.TB) *softhsm {
	library := ""
	for _, pattern := range []string{"/usr/lib/*/softhsm/libsofthsm2.so", "/usr/lib*/softhsm/libsofthsm2.so",
		"/usr/lib*/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if found, _ := filepath.Glob(pattern); library == "" && len(found) > 0 {
			library = found[0]
		}
	}
	if library == "" {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("SoftHSM 2 is not installed (package softhsm2)")
		}
		t.Skip("SoftHSM 2 is not installed")
	}
	h := &softhsm{t: t, tokens: filepath.Join(t.TempDir(), "tokens")}
	require.NoError(t, os.Mkdir(h.tokens, 0o700))
	config := filepath.Join(t.TempDir(), "softhsm2.conf")
	require.NoError(t, os.WriteFile(config, []byte("directories.tokendir = "+h.tokens+"\nlog.level = ERROR\n"), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	h.util("--init-token", "--free", "--label", "issuer", "--so-pin", "so-"+pin, "--pin", pin)
	var err error
	h.Library, err = pkcs11.Load(library)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Library.Close()) })
	return h
}

// util runs the program of SoftHSM, which is another process.
func (h *softhsm) util(args ...string) {
	out, err := exec.Command("softhsm2-util", args...).CombinedOutput()
	require.NoError(h.t, err, "%s", out)
}

// imported writes a key into the token, and returns its public half.
func (h *softhsm) imported(label, id string) did.PublicKey {
	key, err := did.GenerateKey()
	require.NoError(h.t, err)
	file := filepath.Join(h.t.TempDir(), "key.pem")
	require.NoError(h.t, os.WriteFile(file, key.PrivatePEM(), 0o600))
	h.util("--import", file, "--token", "issuer", "--label", label, "--id", id, "--pin", pin)
	return key.PublicKey()
}

func config(edits ...func(*pkcs11.Config)) pkcs11.Config {
	c := pkcs11.Config{Token: "issuer", Label: "passports", PIN: func(context.Context) (string, error) { return pin, nil }}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

// opened opens a key, and closes it before the library is.
func (h *softhsm) opened(c pkcs11.Config) *pkcs11.Key {
	key, err := h.Open(h.t.Context(), c)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { require.NoError(h.t, key.Close()) })
	return key
}
