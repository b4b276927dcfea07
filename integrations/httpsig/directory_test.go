package verifyhttpsig_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestDirectory(t *testing.T) {
	a, b := verifytest.Key("a").PublicKey(), verifytest.Key("b").PublicKey()
	rec := httptest.NewRecorder()
	verifyhttpsig.Directory(a, b).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, verifyhttpsig.DirectoryPath, nil))
	require.Equal(t, verifyhttpsig.DirectoryMediaType, rec.Header().Get("Content-Type"))
	var set struct{ Keys []json.RawMessage }
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &set))
	require.Len(t, set.Keys, 2)
	key, err := did.ParsePublicJWK(set.Keys[1])
	require.NoError(t, err)
	require.True(t, key.Equal(b))
}

func directoryConfig(names ...string) verifyhttpsig.DirectoryConfig {
	c := verifyhttpsig.DirectoryConfig{
		Authorities: []string{"agent.example"}, Scheme: "https", Now: func() time.Time { return now },
	}
	for _, name := range names {
		key := verifytest.Key(name)
		c.Keys = append(c.Keys, verifyhttpsig.DirectoryKey{Key: key.PublicKey(), Signer: key})
	}
	return c
}

// fetch asks a directory as a client does.
func fetch(t testing.TB, handler http.Handler, host string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "https://"+host+verifyhttpsig.DirectoryPath, nil)
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	resp := rec.Result()
	resp.Request = r
	return resp
}

// Both directions: what is served holds, and each fault of it does not. Keys that have not
// signed are left out; others stay.
func TestSignedDirectory(t *testing.T) {
	handler, err := verifyhttpsig.SignedDirectory(directoryConfig("a", "b"))
	require.NoError(t, err)
	keys, err := verifyhttpsig.CheckDirectory(fetch(t, handler, "agent.example"), now, 0)
	require.NoError(t, err)
	require.Len(t, keys, 2)
	for _, name := range []string{"a", "b"} {
		key := verifytest.Key(name).PublicKey()
		require.True(t, key.Equal(keys[verifyhttpsig.Thumbprint(key)]))
	}

	// A mirror serves another's answer under its own name, or asks for one under that.
	stolen := fetch(t, handler, "agent.example")
	stolen.Request = httptest.NewRequest(http.MethodGet, "https://mirror.example"+verifyhttpsig.DirectoryPath, nil)
	_, err = verifyhttpsig.CheckDirectory(stolen, now, 0)
	require.ErrorIs(t, err, verifyhttpsig.ErrDirectory)
	asked := fetch(t, handler, "mirror.example")
	require.Equal(t, http.StatusMisdirectedRequest, asked.StatusCode)
	require.Empty(t, asked.Header.Get("Signature"))

	input := func(old, new string) func(*http.Response) {
		return func(r *http.Response) {
			was := r.Header.Get("Signature-Input")
			r.Header.Set("Signature-Input", strings.ReplaceAll(was, old, new))
			require.NotEqual(t, was, r.Header.Get("Signature-Input"))
		}
	}
	body := func(text string) func(*http.Response) {
		return func(r *http.Response) { r.Body = io.NopCloser(strings.NewReader(text)) }
	}
	for name, change := range map[string]func(*http.Response){
		"no signature":      func(r *http.Response) { r.Header.Del("Signature") },
		"no input":          func(r *http.Response) { r.Header.Del("Signature-Input") },
		"of a request":      input(verifyhttpsig.TagDirectory, verifyhttpsig.TagWebBotAuth),
		"its own authority": input(`"@authority";req`, `"@authority"`),
		"nothing covered":   input(`("@authority";req)`, `()`),
		"later":             input("created=17", "created=18"),
		"other keys":        body(string(mustKeySet("c", "d"))),
		"no keys":           body(`{}`),
		"no JSON":           body(`{`),
		"a member twice":    body(`{"keys":[],"keys":[]}`),
		"long":              body(`{"keys":[],"x":"` + strings.Repeat("x", 64<<10) + `"}`),
		"many keys":         body(`{"keys":[` + strings.Repeat("{},", 64) + `{}]}`),
		"another status":    func(r *http.Response) { r.StatusCode = http.StatusAccepted },
		"another type":      func(r *http.Response) { r.Header.Set("Content-Type", "application/json") },
		"redirected":        func(r *http.Response) { r.Request.Response = &http.Response{} },
		"no request":        func(r *http.Response) { r.Request = nil },
	} {
		resp := fetch(t, handler, "agent.example")
		change(resp)
		keys, err := verifyhttpsig.CheckDirectory(resp, now, 0)
		require.ErrorIs(t, err, verifyhttpsig.ErrDirectory, name)
		require.Nil(t, keys)
	}
	for name, at := range map[string]time.Time{"before": now.Add(-time.Second), "after": now.Add(time.Hour)} {
		_, err := verifyhttpsig.CheckDirectory(fetch(t, handler, "agent.example"), at, 0)
		require.ErrorIs(t, err, verifyhttpsig.ErrDirectory, name)
		_, err = verifyhttpsig.CheckDirectory(fetch(t, handler, "agent.example"), at, time.Minute)
		require.NoError(t, err, name)
	}

	// Somebody adds a key to the set: the key has not signed.
	resp := fetch(t, handler, "agent.example")
	body(string(mustKeySet("a", "b", "c")))(resp)
	keys, err = verifyhttpsig.CheckDirectory(resp, now, 0)
	require.NoError(t, err)
	require.Len(t, keys, 2)
	resp = fetch(t, handler, "agent.example")
	body(string(mustKeySet("b")))(resp)
	keys, err = verifyhttpsig.CheckDirectory(resp, now, 0)
	require.NoError(t, err)
	require.Len(t, keys, 1)
}

// A signature that holds and does not cover the host that was asked says nothing of it.
func TestDirectoryOfAnyHost(t *testing.T) {
	key := verifytest.Key("a")
	handler, err := verifyhttpsig.SignedDirectory(directoryConfig("a"))
	require.NoError(t, err)
	for covered, holds := range map[string]bool{`"@authority";req "content-type"`: true, `"content-type"`: false} {
		resp := fetch(t, handler, "agent.example")
		input := strings.Replace(resp.Header.Get("Signature-Input"), `"@authority";req`, covered, 1)
		base := `"content-type": ` + verifyhttpsig.DirectoryMediaType + "\n" + `"@signature-params": ` +
			strings.TrimPrefix(input, "binding0=")
		if holds {
			base = `"@authority";req: agent.example` + "\n" + base
		}
		signature, err := key.Sign(t.Context(), []byte(base))
		require.NoError(t, err)
		resp.Header.Set("Signature-Input", input)
		resp.Header.Set("Signature", "binding0=:"+base64.StdEncoding.EncodeToString(signature)+":")
		keys, err := verifyhttpsig.CheckDirectory(resp, now, 0)
		require.Equal(t, holds, err == nil && len(keys) == 1, "%v", err)
	}
}

func mustKeySet(names ...string) []byte {
	var keys []did.PublicKey
	for _, name := range names {
		keys = append(keys, verifytest.Key(name).PublicKey())
	}
	rec := httptest.NewRecorder()
	verifyhttpsig.Directory(keys...).ServeHTTP(rec, nil)
	return rec.Body.Bytes()
}

func TestSignedDirectoryRefuses(t *testing.T) {
	for want, edit := range map[string]func(*verifyhttpsig.DirectoryConfig){
		"0 keys":         func(c *verifyhttpsig.DirectoryConfig) { c.Keys = nil },
		"no Authorities": func(c *verifyhttpsig.DirectoryConfig) { c.Authorities = nil },
		"Lifetime":       func(c *verifyhttpsig.DirectoryConfig) { c.Lifetime = 25 * time.Hour },
		"is there twice": func(c *verifyhttpsig.DirectoryConfig) { c.Keys = append(c.Keys, c.Keys[0]) },
		"cannot sign":    func(c *verifyhttpsig.DirectoryConfig) { c.Keys[0].Signer = nil },
		"not Ed25519":    func(c *verifyhttpsig.DirectoryConfig) { c.Keys[0].Key = did.PublicKey{} },
	} {
		c := directoryConfig("a")
		edit(&c)
		_, err := verifyhttpsig.SignedDirectory(c)
		require.ErrorContains(t, err, want)
	}
}
