package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// get asks for a DID or a DID URL.
func (c *client) get(t testing.TB, name, query, accept string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest("GET", c.base+"/1.0/identifiers/"+name+"?"+query, nil)
	require.NoError(t, err)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	once := *c.http.Client()
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := once.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}

// Section 4.6: a DID URL is dereferenced to the key that it names, and what is
// wrong is said in the metadata of dereferencing. This and the next test ask as
// the did:key suite does.
func TestDereference(t *testing.T) {
	c := start(t)
	key := c.issuer.KeyID().String()
	web := "did:web:issuer.example"
	doc, err := c.resolver.Resolve(context.Background(), did.MustParse(web))
	require.NoError(t, err)
	for _, r := range []struct {
		name, query string
		status      int
		err         string
	}{
		{key, "", 200, ""},
		{key, "publicKeyFormat=Multikey", 200, ""},
		{doc.Methods()[0].ID.String(), "", 200, ""},
		{web + "#other", "", 404, notFound.old},
		{c.issuer.DID().String() + "#z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ", "", 404, notFound.old},
		{"did:web:other.example#key-1", "", 404, notFound.old},
		{"did:example:x#key-1", "", 400, unsupported.old},
		{"did:key:zTjsVPtY#zTjsVPtY", "", 400, invalidLength.old},
		{"x#y", "", 400, invalidDIDURL.old},
		{key, "publicKeyFormat=unknown", 400, unsupportedType.old},
		{key, "publicKeyFormat=Ed25519VerificationKey2018&enableExperimentalPublicKeyTypes=false", 400, invalidType.old},
	} {
		resp, body := c.get(t, url.PathEscape(r.name), r.query, typeOld)
		require.Equal(t, r.status, resp.StatusCode, r.name)
		var answer struct {
			DIDDocument, Content *struct{ ID, Controller, PublicKeyMultibase string }
			Metadata             struct{ Error string } `json:"didDereferencingMetadata"`
			Resolution           json.RawMessage        `json:"didResolutionMetadata"`
		}
		require.NoError(t, json.Unmarshal(body, &answer))
		require.Equal(t, r.err, answer.Metadata.Error, "%s?%s", r.name, r.query)
		require.Empty(t, answer.Resolution, "nothing was resolved for its own sake")
		if r.status != http.StatusOK {
			require.Nil(t, answer.DIDDocument)
			require.Nil(t, answer.Content)
			continue
		}
		id := did.MustParseURL(r.name)
		require.Equal(t, r.name, answer.Content.ID)
		require.Equal(t, id.DID().String(), answer.Content.Controller)
		require.NotEmpty(t, answer.Content.PublicKeyMultibase)
		require.Equal(t, answer.Content, answer.DIDDocument)
	}
}

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
		{"did:web:other.example", "", 404, notFound.old},
		{"did:example:x", "", 400, unsupported.old},
		{"not-a-did", "", 400, invalidDID.old},
		{"did:key:", "", 400, invalidDID.old},
		{"did:key:y6Mk", "", 400, invalidDID.old},
		{"did:key:zTjsVPtY", "", 400, invalidLength.old},
		{"did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "", 400, unsupportedType.old},
		{c.issuer.DID().String(), "publicKeyFormat=unknown", 400, unsupportedType.old},
		{c.issuer.DID().String(), "publicKeyFormat=Ed25519VerificationKey2018", 400, invalidType.old},
	} {
		resp, body := c.get(t, url.PathEscape(r.name), r.query, typeOld)
		require.Equal(t, r.status, resp.StatusCode, r.name)
		var answer map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(body, &answer))
		require.Contains(t, answer, "@context")
		require.Contains(t, answer, "didDocumentMetadata")
		if r.status == http.StatusOK {
			doc, err := did.ParseDocument(answer["didDocument"])
			require.NoError(t, err)
			require.Equal(t, r.name, doc.ID().String())
			continue
		}
		require.JSONEq(t, "null", string(answer["didDocument"]))
		var meta struct{ Error string }
		require.NoError(t, json.Unmarshal(answer["didResolutionMetadata"], &meta))
		require.Equal(t, r.err, meta.Error, r.name)
	}
}
