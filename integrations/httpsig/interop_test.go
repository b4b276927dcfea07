//go:build interop

package verifyhttpsig_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
)

// peer asks Cloudflare's package.
func peer(t *testing.T, in map[string]any) (out map[string]any) {
	if _, err := os.Stat("interop/node_modules"); err != nil {
		t.Fatal("interop/node_modules is missing: npm ci")
	}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	cmd := exec.Command("node", "interop/peer.mjs")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	said, err := cmd.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(said, &out))
	return out
}

// A directory that Cloudflare's package signs is believed here, and one that is signed here
// holds there; for another host neither does.
func TestCloudflareDirectory(t *testing.T) {
	key := rfcKey(t)
	const here, other = "https://agent.example", "https://mirror.example"
	theirs := peer(t, map[string]any{"url": here + verifyhttpsig.DirectoryPath, "directory": true, "sign": true,
		"jwk": json.RawMessage(key.PrivateJWK())})
	for host, holds := range map[string]bool{here: true, other: false} {
		rec := httptest.NewRecorder()
		verifyhttpsig.Directory(key.PublicKey()).ServeHTTP(rec, nil)
		resp := rec.Result()
		resp.Request = httptest.NewRequest(http.MethodGet, host+verifyhttpsig.DirectoryPath, nil)
		for name, value := range theirs {
			resp.Header.Set(name, value.(string))
		}
		keys, err := verifyhttpsig.CheckDirectory(resp, time.Now(), time.Minute)
		require.Equal(t, holds, err == nil, "%v %v", theirs, err)
		require.Equal(t, holds, len(keys) == 1)
	}
	c := directoryConfig()
	c.Now, c.Keys = time.Now, []verifyhttpsig.DirectoryKey{{Key: key.PublicKey(), Signer: key}}
	handler, err := verifyhttpsig.SignedDirectory(c)
	require.NoError(t, err)
	ours := fetch(t, handler, "agent.example")
	for host, holds := range map[string]bool{here: true, other: false} {
		headers := map[string]string{}
		for name := range ours.Header {
			headers[name] = ours.Header.Get(name)
		}
		said := peer(t, map[string]any{"url": host + verifyhttpsig.DirectoryPath, "directory": true, "headers": headers,
			"jwk": json.RawMessage(key.PublicKey().JWK())})
		require.Equal(t, holds, said["holds"], "%v", said)
	}
}

// What Cloudflare's web-bot-auth signs holds here, and what is signed here holds there;
// a request that was changed holds nowhere.
func TestCloudflare(t *testing.T) {
	key := rfcKey(t)
	const url, agent = "https://shop.example/a", `"https://agent.example"`
	o := options(key.PublicKey())
	o.Now, o.Skew = time.Now, time.Minute

	theirs := peer(t, map[string]any{"url": url, "sign": true, "headers": map[string]string{"Signature-Agent": agent},
		"jwk": json.RawMessage(key.PrivateJWK())})
	request := func(url string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		r.Header.Set("Signature-Agent", agent)
		for name, value := range theirs {
			r.Header.Set(name, value.(string))
		}
		return r
	}
	s, err := verifyhttpsig.Verify(request(url), o)
	require.NoError(t, err, "%v", theirs)
	require.Equal(t, []string{`"@authority"`, `"signature-agent"`}, s.Components)
	_, err = verifyhttpsig.Verify(request("https://other.example/a"), o)
	require.ErrorIs(t, err, verifyhttpsig.ErrInvalid)

	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("Signature-Agent", agent)
	require.NoError(t, verifyhttpsig.Sign(t.Context(), r, key, verifyhttpsig.SignOptions{
		Key: key.PublicKey(), Created: time.Now().Add(-time.Second), Expires: time.Now().Add(time.Minute),
	}))
	for there, holds := range map[string]bool{url: true, "https://other.example/a": false} {
		headers := map[string]string{}
		for name := range r.Header {
			headers[name] = r.Header.Get(name)
		}
		said := peer(t, map[string]any{"url": there, "headers": headers, "jwk": json.RawMessage(key.PublicKey().JWK())})
		require.Equal(t, holds, said["holds"], "%v", said)
	}
}
