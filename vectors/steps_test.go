package vectors_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/vectors"
)

// The intermediates of every good case of proof, in all three formats, lead to
// the bytes that the signature is over.
func TestIntermediatesLeadToTheSignature(t *testing.T) {
	groups, err := vectors.Load()
	require.NoError(t, err)
	formats := map[string]int{}
	for _, g := range groups {
		for i := range g.Cases {
			c := &g.Cases[i]
			if g.Kind != "proof" || c.Want.Verdict != "accept" {
				continue
			}
			r, err := g.Request(c)
			require.NoError(t, err)
			var in struct{ Document string }
			require.NoError(t, json.Unmarshal(r.Input, &in))
			var out struct{ Steps []map[string]string }
			require.NoError(t, json.Unmarshal(c.Want.Output, &out), c.ID)
			require.NotEmpty(t, out.Steps, c.ID)
			for j, step := range out.Steps {
				format, key, sig := signature(t, in.Document, j)
				formats[format]++
				signed, err := hex.DecodeString(step["signed"])
				require.NoError(t, err)
				require.True(t, ed25519.Verify(key, signed, sig), "%s, proof %d", c.ID, j)
				if format == "jwt" {
					continue
				}
				var sums []byte
				for _, name := range []string{"options", "document"} {
					sum := sha256.Sum256([]byte(step[name]))
					require.Equal(t, hex.EncodeToString(sum[:]), step[name+"Hash"], c.ID)
					sums = append(sums, sum[:]...)
				}
				require.Equal(t, signed, sums, c.ID)
			}
		}
	}
	require.Len(t, formats, 3, "%v", formats)
}

// signature returns the signature of a proof of a document, and the did:key of
// who made it.
func signature(t *testing.T, document string, n int) (format string, key, sig []byte) {
	var method string
	if parts := strings.Split(document, "."); !strings.HasPrefix(strings.TrimSpace(document), "{") {
		var head struct{ Kid string }
		raw, err := base64.RawURLEncoding.DecodeString(parts[0])
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &head))
		sig, err = base64.RawURLEncoding.DecodeString(parts[2])
		require.NoError(t, err)
		format, method = "jwt", head.Kid
	} else {
		type proof struct{ Cryptosuite, VerificationMethod, ProofValue string }
		var doc struct{ Proof json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(document), &doc))
		var list []proof
		if json.Unmarshal(doc.Proof, &list) != nil {
			list = make([]proof, 1)
			require.NoError(t, json.Unmarshal(doc.Proof, &list[0]))
		}
		sig = make([]byte, ed25519.SignatureSize)
		length, err := multibase.DecodeBase58(sig, list[n].ProofValue[1:])
		require.NoError(t, err)
		require.Equal(t, len(sig), length)
		format, method = list[n].Cryptosuite, list[n].VerificationMethod
	}
	var public did.PublicKey
	_, multikey, _ := strings.Cut(method, "#")
	require.NoError(t, public.UnmarshalText([]byte(multikey)))
	return format, public.Bytes(), sig
}
