//go:build cgo

package pkcs11_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
	"github.com/safeconduct/safeconduct/internal/ratio"
)

// A signature by SoftHSM, with its check, against one by a key in memory, in one run. A
// token of metal is slower, and its time is its own.
func BenchmarkSignRatio(b *testing.B) {
	h := newSoftHSM(b)
	h.imported("passports", "01")
	signer, err := kms.NewSigner(b.Context(), did.MustParseURL("did:web:issuer.example#hsm-1"), h.opened(config()))
	require.NoError(b, err)
	local, err := did.GenerateKey()
	require.NoError(b, err)
	sign := func(s did.Signer) func() {
		message := make([]byte, 64)
		return func() {
			if _, err := s.Sign(b.Context(), message); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	ratio.Of(b, "Sign", sign(signer), sign(local))
}
