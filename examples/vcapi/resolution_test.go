package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// notASCII is what no parameter may be.
var notASCII = []string{"🔥💥", "Привет", "こんにちは", "foo\u200bbar"}

// resolutionResult is DID Resolution 0.3, section 4.
type resolutionResult struct {
	Metadata *struct {
		ContentType string
		Error       *struct{ Type string }
	} `json:"didResolutionMetadata"`
	Document         json.RawMessage `json:"didDocument"`
	DocumentMetadata json.RawMessage `json:"didDocumentMetadata"`
}

func readResult(t *testing.T, body []byte) (r resolutionResult) {
	t.Helper()
	require.NoError(t, json.Unmarshal(body, &r), "%s", body)
	require.NotNil(t, r.Metadata)
	require.JSONEq(t, `{}`, string(r.DocumentMetadata))
	return r
}

// V4: what the suite of DID Resolution asserts of its section 4.
func TestVResolution(t *testing.T) {
	c := start(t)
	jwk, err := did.NewJWKDID(c.issuer.PublicKey())
	require.NoError(t, err)
	for _, id := range []string{c.issuer.DID().String(), jwk.String(), "did:web:issuer.example"} {
		for _, name := range []string{id, url.QueryEscape(id)} {
			for _, accept := range []string{"", "*/*", "application/*", typeResolution, "text/html, application/did-resolution;q=0.8, */*;q=0.1"} {
				resp, body := c.get(t, name, "", accept)
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, typeResolution, resp.Header.Get("Content-Type"))
				r := readResult(t, body)
				require.Nil(t, r.Metadata.Error)
				require.Contains(t, resp.Header.Get("Content-Type"), r.Metadata.ContentType)
				require.Equal(t, "application/did", r.Metadata.ContentType)
				doc, err := did.ParseDocument(r.Document)
				require.NoError(t, err)
				require.Equal(t, id, doc.ID().String())
			}
		}
	}
	for _, row := range []struct {
		name   string
		status int
		kind   string
	}{
		{"", 400, "INVALID_DID"}, {"not-a-did", 400, "INVALID_DID"}, {"did:example", 400, "INVALID_DID"}, {"did:key:", 400, "INVALID_DID"},
		{"did:unsupported:123456789abcdefghi", 501, "METHOD_NOT_SUPPORTED"}, {"did:web:other.example", 404, "NOT_FOUND"},
		{"did:key:zTjsVPtY", 400, "INVALID_PUBLIC_KEY_LENGTH"},
		{"did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", 400, "UNSUPPORTED_PUBLIC_KEY_TYPE"},
		{url.QueryEscape("did:web:issuer.example#key-1"), 400, "INVALID_DID"}, // where a resolution is asked for by name
	} {
		for _, accept := range []string{typeResolution, "", "application/did+json"} {
			resp, body := c.get(t, row.name, "", accept)
			if accept != typeResolution && strings.Contains(row.name, "%23") {
				continue
			}
			require.Equal(t, row.status, resp.StatusCode, row.name)
			require.Equal(t, typeResolution, resp.Header.Get("Content-Type"))
			r := readResult(t, body)
			require.NotNil(t, r.Metadata.Error)
			require.Equal(t, "https://www.w3.org/ns/did#"+row.kind, r.Metadata.Error.Type, row.name)
			require.JSONEq(t, `null`, string(r.Document))
		}
	}
}

// V: Accept says whether the result or the document alone is wanted, and what
// nobody has is refused.
func TestVResolutionRepresentations(t *testing.T) {
	c := start(t)
	id := c.issuer.DID().String()
	for accept, want := range map[string]string{
		"application/did": "application/did", "application/did+json": "application/did+json",
		"application/did+ld+json": "application/did+ld+json", "application/json; charset=utf-8": "application/json",
		"application/ld+json":                               "application/ld+json",
		"application/did-resolution;q=0.5, application/did": "application/did",
		"application/x;q=1, application/did;q=0.2":          "application/did",
		"application/did+json, application/did":             "application/did+json",
	} {
		resp, body := c.get(t, id, "", accept)
		require.Equal(t, 200, resp.StatusCode, accept)
		require.Equal(t, want, resp.Header.Get("Content-Type"), accept)
		doc, err := did.ParseDocument(body)
		require.NoError(t, err, accept)
		require.Equal(t, id, doc.ID().String())
		require.NotContains(t, string(body), "didResolutionMetadata")
	}
	for _, accept := range []string{
		"application/x-unsupported-did-representation-99999", "text/html", "application/did+cbor", "application/did;q=0", "application/did;q=x", ";",
	} {
		resp, body := c.get(t, id, "", accept)
		require.Equal(t, 406, resp.StatusCode, accept)
		require.Equal(t, "https://www.w3.org/ns/did#REPRESENTATION_NOT_SUPPORTED", readResult(t, body).Metadata.Error.Type)
	}
}

// V: DID parameters have a form (section 3), and what is not understood is not
// passed over.
func TestVResolutionParameters(t *testing.T) {
	c := start(t)
	key := c.issuer.DID().String()
	ask := func(id, name, value string) (int, string) {
		resp, body := c.get(t, url.QueryEscape(id), url.Values{name: {value}}.Encode(), "")
		r := readResult(t, body)
		if r.Metadata.Error == nil {
			return resp.StatusCode, ""
		}
		return resp.StatusCode, strings.TrimPrefix(r.Metadata.Error.Type, "https://www.w3.org/ns/did#")
	}
	for _, name := range []string{"service", "serviceType", "relativeRef", "versionId", "versionTime", "hl", "accept"} {
		for _, value := range notASCII {
			status, kind := ask(key, name, value)
			require.Equal(t, 400, status, name)
			require.Equal(t, "INVALID_OPTIONS", kind, name)
		}
	}
	for _, value := range []string{"my path/file", "file#section", "dir/with?query=value"} {
		status, _ := ask(key, "relativeRef", value)
		require.Equal(t, 400, status, value)
	}
	for _, value := range []string{
		"2025-10-07 12:30:45", "2025/10/07T12:30:45", "2025-13-07T12:30:45", "2025-10-32T12:30:45", "2025-10-07T25:00:00", "2025-10-07T12:30:60",
		"2025-10-07T12:30:45+24:00", "2025-10-07", "2025-10-07T12:30:45abc", "T12:30:45", "2025-10-07T00:00:00+02:00", "2025-10-07T00:00:00-05:00",
		"2025-10-07T00:00:00", "2025-10-07T00:00:00.123Z", "2025-10-07T00:00:00.999+01:00", "2025-10-07T00:00:00+00:00",
	} {
		status, _ := ask(key, "versionTime", value)
		require.Equal(t, 400, status, value)
	}
	for name, value := range map[string]string{
		"service": "linkedDomain", "serviceType": "LinkedDomain", "relativeRef": "my%20path/file", "versionTime": "2025-10-07T14:30:00Z",
		"publicKeyFormat": "Multikey", "other": "x",
	} {
		status, kind := ask(key, name, value)
		require.Equal(t, 200, status, "%s %s", name, kind)
	}
	for _, row := range []struct {
		id, name, value, kind string
		status                int
	}{
		{"did:web:issuer.example", "versionTime", "2025-10-07T14:30:00Z", "FEATURE_NOT_SUPPORTED", 501},
		{"did:web:issuer.example", "versionId", "1", "FEATURE_NOT_SUPPORTED", 501},
		{key, "publicKeyFormat", "unknown", "UNSUPPORTED_PUBLIC_KEY_TYPE", 400},
	} {
		status, kind := ask(row.id, row.name, row.value)
		require.Equal(t, row.status, status)
		require.Equal(t, row.kind, kind)
	}
}

// V: a DID URL is dereferenced to a key, a service, or the address of one
// (section 5).
func TestVDereferencing(t *testing.T) {
	const web = "did:web:services.example"
	services, err := did.ParseDocument([]byte(`{"id":"` + web + `","authentication":[{"id":"#embedded","type":"Multikey","controller":""}],"service":[` +
		`{"id":"#files","type":"Files","serviceEndpoint":"https://files.example/a/b?x=1"},` +
		`{"id":"` + web + `#many","type":"Many","serviceEndpoint":["https://a.example"]},` +
		`{"id":"#plain","type":"Plain","serviceEndpoint":"http://files.example/"},{"id":"#script","type":"S","serviceEndpoint":"javascript:alert(1)"}]}`))
	require.NoError(t, err)
	c := start(t, services)
	issuer, err := c.resolver.Resolve(context.Background(), did.MustParse("did:web:issuer.example"))
	require.NoError(t, err)
	type result struct {
		Metadata *struct {
			ContentType string
			Error       *struct{ Type string }
		} `json:"dereferencingMetadata"`
		Content json.RawMessage `json:"contentStream"`
		About   json.RawMessage `json:"contentMetadata"`
	}
	key := c.issuer.KeyID().String()
	for _, name := range []string{key, web + "#embedded", web + "#many", issuer.Methods()[0].ID.String()} {
		for _, accept := range []string{typeDereferencing, ""} {
			resp, body := c.get(t, url.QueryEscape(name), "", accept)
			require.Equal(t, 200, resp.StatusCode, "%s %s", name, body)
			var r result
			require.NoError(t, json.Unmarshal(body, &r))
			require.Equal(t, typeDereferencing, resp.Header.Get("Content-Type"))
			require.Equal(t, typeDereferencing, r.Metadata.ContentType)
			require.JSONEq(t, `{}`, string(r.About))
			var part struct{ ID string }
			require.NoError(t, json.Unmarshal(r.Content, &part))
			require.True(t, strings.HasSuffix(name, part.ID))
		}
		resp, body := c.get(t, url.QueryEscape(name), "", "application/json")
		require.Equal(t, 200, resp.StatusCode)
		require.NotContains(t, string(body), "dereferencingMetadata")
		require.NotContains(t, string(body), "contentStream")
	}
	resp, body := c.get(t, c.issuer.DID().String(), "", typeDereferencing) // a DID is a DID URL, too
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, string(body), `"contentStream":{"@context"`)

	for name, want := range map[string]string{
		web + "?service=files":                         "https://files.example/a/b?x=1",
		web + "?service=%23files":                      "https://files.example/a/b?x=1",
		web + "?service=files&relativeRef=%2Fc.pdf":    "https://files.example/c.pdf",
		web + "?service=files&relativeRef=c%2520d.pdf": "https://files.example/a/c%20d.pdf",
	} {
		resp, body := c.get(t, url.QueryEscape(name), "", typeDereferencing)
		require.Equal(t, http.StatusSeeOther, resp.StatusCode, name)
		require.Equal(t, want, resp.Header.Get("Location"), name)
		require.Empty(t, body)
	}
	for name, want := range map[string]fault{
		web + "#none": notFound, key + "x": notFound, "did:web:other.example#k": notFound, web + "#": notFound, web + "?service=none": notFound,
		web + "?service=many": notFound, web + "?service=plain": notFound, web + "?service=script": notFound,
		web + "?serviceType=Files": noFeature, web + "?hl=x": noFeature, web + "?versionId=1#embedded": noFeature, web + "/path": noFeature,
		web + "?versionTime=2025-10-07": invalidDIDURL, web + "?service=%zz": invalidDIDURL, "x#y": invalidDIDURL, "did:unknown:x#y": unsupported,
		web + "?service=" + notASCII[0]:  invalidDIDURL,
		web + "/^bar^/?query=`#embedded": invalidDIDURL, web + `/a"b`: invalidDIDURL, web + "/%zz": invalidDIDURL,
		web + "?query=`": invalidDIDURL, web + "?query=a<b": invalidDIDURL, web + "#a\\b": invalidDIDURL,
		web + "#a#b":  invalidDIDURL,
		web + "#a%zz": invalidDIDURL, web + "/a%20b/~c;d=e?x=f/g#h:i@j?k": noFeature,
	} {
		resp, body := c.get(t, url.QueryEscape(name), "", typeDereferencing)
		require.Equal(t, want.status, resp.StatusCode, "%s %s", name, body)
		var r result
		require.NoError(t, json.Unmarshal(body, &r))
		require.Equal(t, "https://www.w3.org/ns/did#"+want.name, r.Metadata.Error.Type, name)
		require.JSONEq(t, `null`, string(r.Content))
	}
}
