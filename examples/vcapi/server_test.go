package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

const (
	v2       = "https://www.w3.org/ns/credentials/v2"
	v1       = "https://www.w3.org/2018/credentials/v1"
	examples = "https://www.w3.org/ns/credentials/examples/v2"
)

var testNow = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

type m = map[string]any

// client talks to a server of this program, over TLS.
type client struct {
	*server
	http *httptest.Server
}

func start(t testing.TB, more ...*did.Document) *client {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	c := &client{http: httptest.NewUnstartedServer(nil)}
	web, err := did.NewStatic(append(more, webDocument(t))...)
	require.NoError(t, err)
	c.server, err = newServer(config{
		issuer: key, base: "https://" + c.http.Listener.Addr().String(), now: func() time.Time { return testNow },
		resolver: did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": web},
	})
	require.NoError(t, err)
	c.http.Config.Handler = c.routes()
	c.http.StartTLS()
	t.Cleanup(c.http.Close)
	return c
}

func webDocument(t testing.TB) *did.Document {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	doc, err := did.NewDocument(did.DocumentOptions{ID: did.MustParse("did:web:issuer.example"),
		Keys: []did.DocumentKey{{Key: key.PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}}}})
	require.NoError(t, err)
	return doc
}

// post returns status and body, which is JSON whatever happens; failures have
// an errors array.
func (c *client) post(t testing.TB, path string, body any) (int, map[string]json.RawMessage) {
	t.Helper()
	raw, isRaw := body.([]byte)
	if !isRaw {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(t, err)
	}
	resp, err := c.http.Client().Post(c.base+path, "application/json", bytes.NewReader(raw))
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(answer, &fields), "%s", answer)
	if resp.StatusCode >= 400 {
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
		var problems []problem
		require.NoError(t, json.Unmarshal(fields["errors"], &problems))
		require.NotEmpty(t, problems)
		require.NotEmpty(t, problems[0].Message)
	}
	return resp.StatusCode, fields
}

// issue returns the credential, or nil with the errors.
func (c *client) issue(t testing.TB, prefix string, credential any) (json.RawMessage, string) {
	t.Helper()
	status, answer := c.post(t, prefix+"/credentials/issue", m{"credential": credential, "options": m{"unknown": 1}})
	if status != http.StatusCreated {
		return nil, string(answer["errors"])
	}
	require.NotEmpty(t, answer["verifiableCredential"])
	return answer["verifiableCredential"], ""
}

func (c *client) mustIssue(t testing.TB, prefix string, credential any) json.RawMessage {
	t.Helper()
	signed, problems := c.issue(t, prefix, credential)
	require.Empty(t, problems)
	return signed
}

// verify returns "" or the errors.
func (c *client) verify(t testing.TB, signed any) string {
	t.Helper()
	status, answer := c.post(t, "/rdfc/credentials/verify", m{"verifiableCredential": signed, "options": m{"checks": []string{"proof"}}})
	if status == http.StatusOK {
		return ""
	}
	return string(answer["errors"])
}

func (c *client) verifyVP(t testing.TB, signed any, options m) string {
	t.Helper()
	status, answer := c.post(t, "/rdfc/presentations/verify", m{"verifiablePresentation": signed, "options": options})
	if status == http.StatusOK {
		return ""
	}
	return string(answer["errors"])
}

// credential is the smallest one, with members set (or removed, by "").
func (c *client) credential(pairs ...string) json.RawMessage {
	return edited(m{"@context": []string{v2}, "type": []string{"VerifiableCredential"}, "issuer": c.issuer.DID(),
		"credentialSubject": m{"id": "did:example:subject"}}, c.issuer.DID(), pairs...)
}

func edited(doc m, self did.DID, pairs ...string) json.RawMessage {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			delete(doc, pairs[i])
			continue
		}
		doc[pairs[i]] = json.RawMessage(strings.ReplaceAll(pairs[i+1], "SELF", self.String()))
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return raw
}

// What the server prints, and that it stops.
func TestRun(t *testing.T) {
	for _, args := range [][]string{{"-addr", "127.0.0.1:0"}, {"-addr", "127.0.0.1:0", "-http"}} {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		var out bytes.Buffer
		require.NoError(t, run(ctx, &out, args))
		require.Regexp(t, `^issuer did:key:z6Mk\w+\nlistening on https?://127\.0\.0\.1:\d+\n$`, out.String())
	}
	require.ErrorContains(t, run(context.Background(), io.Discard, []string{"-addr", "0.0.0.0:0"}), "loopback")
	require.Error(t, run(context.Background(), io.Discard, []string{"-unknown"}))
	require.Error(t, run(context.Background(), io.Discard, []string{"-key", "no such file"}))
}

// Section 4.1: over plain HTTP the body is the document itself.
func TestPlainHTTP(t *testing.T) {
	c := start(t)
	plain := httptest.NewServer(c.routes())
	defer plain.Close()
	body, err := json.Marshal(m{"credential": c.credential()})
	require.NoError(t, err)
	resp, err := http.Post(plain.URL+"/rdfc/credentials/issue", "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	var signed json.RawMessage
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&signed))
	require.Empty(t, c.verify(t, signed))
}

func TestBadBodies(t *testing.T) {
	c := start(t)
	for _, body := range []string{"", "{", "[]", `"text"`, `{}`, `{"credential":5}`, `{"credential":[]}`, `{"credential":null}`, `{"options":5}`,
		`{"credential":{"type":"a","type":"b"}}`, `{"presentation":"x"}`, `{"x":"` + strings.Repeat("x", maxBody) + `"}`} {
		for _, path := range []string{"/credentials/issue", "/credentials/verify", "/presentations/issue", "/presentations/verify"} {
			status, _ := c.post(t, "/jcs"+path, []byte(body))
			require.Equal(t, http.StatusBadRequest, status, "%.40s", body)
		}
	}
}
