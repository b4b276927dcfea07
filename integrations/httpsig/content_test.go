package verifyhttpsig_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
)

const hello = `{"hello": "world"}`

// RFC 9421, B.2, and RFC 9530, B.1: the digests of their examples.
func TestRFC9530(t *testing.T) {
	const (
		by256 = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
		by512 = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
	)
	h := http.Header{}
	verifyhttpsig.SetContentDigest(h, []byte(hello))
	require.Equal(t, by256, h.Get("Content-Digest"))
	for lines, holds := range map[string]bool{
		by256: true, by512: true, by256 + ", " + by512: true, by256 + "\n" + by512: true,
		"md5=:AAAA:, " + by256: true, // an unknown one proves nothing, and is no harm
		"md5=:AAAA:":           false, "": false, "sha-256": false, "sha-256=::": false, "sha-256=1": false,
		by256 + ", " + by256: false,
		by256 + ", " + strings.Replace(by512, "WZ", "WY", 1): false, // both must be right
		strings.Replace(by256, "PE=", "PF=", 1):              false, // another spelling of the same bytes
		strings.ReplaceAll(by256, ":", ""):                   false,
		"SHA" + by256[3:]:                                    false,
	} {
		err := verifyhttpsig.CheckContentDigest(http.Header{"Content-Digest": strings.Split(lines, "\n")}, []byte(hello))
		if holds {
			require.NoError(t, err, lines)
		} else {
			require.ErrorIs(t, err, verifyhttpsig.ErrContent, lines)
		}
		require.Error(t, verifyhttpsig.CheckContentDigest(http.Header{"Content-Digest": {lines}}, []byte("other")))
	}
}

// A digest that is covered is compared with the body, which the handler still reads.
func TestContentDigestIsCompared(t *testing.T) {
	key := rfcKey(t)
	post := func(change func(*http.Request)) (*http.Request, error) {
		r := signed(t, key, func(r *http.Request, o *verifyhttpsig.SignOptions) {
			r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(hello))
			o.Components = []string{"@authority", "content-digest"}
		})
		if change != nil {
			change(r)
		}
		o := options(key.PublicKey())
		o.Required, o.MaxBody = []string{"@authority", "content-digest"}, int64(len(hello))
		_, err := verifyhttpsig.Verify(r, o)
		return r, err
	}
	r, err := post(nil)
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, hello, string(body), "signing and verifying have put it back")
	for name, change := range map[string]func(*http.Request){
		"another body": func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"hello": "w0rld"}`)) },
		"no body":      func(r *http.Request) { r.Body = nil },
		"a longer one": func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(hello + " ")) },
		"another digest": func(r *http.Request) {
			verifyhttpsig.SetContentDigest(r.Header, []byte("other"))
			r.Body = io.NopCloser(strings.NewReader("other"))
		},
		"no digest": func(r *http.Request) { r.Header.Del("Content-Digest") },
		"a read that fails": func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(hello[:5]), failing{}))
		},
	} {
		r, err := post(change)
		require.ErrorIs(t, err, verifyhttpsig.ErrInvalid, name)
		if r.Body != nil && name != "no digest" {
			body, _ := io.ReadAll(r.Body)
			require.NotEqual(t, hello, string(body))
		}
	}
	// Not covered, so nothing is said of it; and then it does not count as covered.
	r = signed(t, key)
	r.Header.Set("Content-Digest", "sha-256=:AAAA:")
	_, err = verifyhttpsig.Verify(r, options(key.PublicKey()))
	require.NoError(t, err)
	o := options(key.PublicKey())
	o.Required = []string{"@authority", "content-digest"}
	_, err = verifyhttpsig.Verify(r, o)
	require.ErrorContains(t, err, "content-digest is not covered")
	// One digest of several is enough if it is compared, and is none if it is not.
	for member, enough := range map[string]bool{"sha-256": true, "md5": false} {
		r = signed(t, key, func(r *http.Request, o *verifyhttpsig.SignOptions) {
			r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(hello))
			verifyhttpsig.SetContentDigest(r.Header, []byte(hello))
			r.Header.Add("Content-Digest", "md5=:AAAA:")
			o.Components = []string{"@authority", "content-digest;key=" + member}
		})
		_, err = verifyhttpsig.Verify(r, o)
		require.Equal(t, enough, err == nil, "%s: %v", member, err)
	}
	// A request without a body has a digest, too.
	get := httptest.NewRequest(http.MethodGet, "https://shop.example/", nil)
	require.NoError(t, verifyhttpsig.Sign(t.Context(), get, key, verifyhttpsig.SignOptions{
		Components: o.Required, Key: key.PublicKey(), Created: now, Expires: now.Add(1e9),
	}))
	_, err = verifyhttpsig.Verify(get, o)
	require.NoError(t, err)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
