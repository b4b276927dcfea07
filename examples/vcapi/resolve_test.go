package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// Section 4.6: documents, and the names of errors.
func TestResolve(t *testing.T) {
	c := start(t)
	jwk, err := did.NewJWKDID(c.issuer.PublicKey())
	require.NoError(t, err)
	for _, r := range []struct {
		name, query string
		status      int
		err         string
	}{
		{c.issuer.DID().String(), "", 200, ""},
		{c.issuer.DID().String(), "publicKeyFormat=Multikey", 200, ""},
		{jwk.String(), "", 200, ""},
		{"did:web:issuer.example", "", 200, ""},
		{"did:web:other.example", "", 404, notFound},
		{"did:example:x", "", 400, unsupported},
		{"not-a-did", "", 400, invalidDID},
		{"did:key:", "", 400, invalidDID},
		{"did:key:y6Mk", "", 400, invalidDID},
		{"did:key:zTjsVPtY", "", 400, invalidLength},
		{"did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "", 400, unsupportedType},
		{c.issuer.DID().String(), "publicKeyFormat=unknown", 400, unsupportedType},
		{c.issuer.DID().String(), "publicKeyFormat=Ed25519VerificationKey2018", 400, invalidType},
		{"x#y", "", 400, invalidDIDURL},
		{c.issuer.KeyID().String(), "", 400, notFound},
	} {
		resp, err := c.http.Client().Get(c.base + "/1.0/identifiers/" + url.PathEscape(r.name) + "?" + r.query)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, r.status, resp.StatusCode, r.name)
		var answer map[string]json.RawMessage
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
		require.Contains(t, answer, "@context")
		require.Contains(t, answer, "didDocumentMetadata")
		if r.status == http.StatusOK {
			doc, err := did.ParseDocument(answer["didDocument"])
			require.NoError(t, err)
			require.Equal(t, r.name, doc.ID().String())
			continue
		}
		require.JSONEq(t, "null", string(answer["didDocument"]))
		found := ""
		for _, in := range []string{"didResolutionMetadata", "didDereferencingMetadata"} {
			var meta struct{ Error string }
			if answer[in] != nil {
				require.NoError(t, json.Unmarshal(answer[in], &meta))
			}
			found += meta.Error
		}
		require.Equal(t, r.err, found, r.name)
	}
}
