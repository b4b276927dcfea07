package verifyhttp

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What decodes has one text, and it is that one.
func FuzzDecodeCarrier(f *testing.F) {
	for _, s := range []string{"", "e30", "e30=", "e31", "e30,e30", "e30.e30.e30", "e30.e30", "e30.e30.e30.e30",
		"e30..e30", ".", "e3 0", "e30\r\n", "bnVsbA", strings.Repeat("e", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := decodeCarrier(text, 64)
		if err != nil {
			require.Nil(t, raw)
			return
		}
		require.NotEmpty(t, raw)
		require.LessOrEqual(t, len(text), 64)
		require.Contains(t, []int{0, 2}, strings.Count(text, "."))
		require.NotContains(t, text, "..")
		require.Equal(t, text, encodeCarrier(string(raw)))
	})
}

// A body carrier that opens packs into one that opens to the same.
func FuzzOpenEnvelope(f *testing.F) {
	for _, s := range []string{`{"presentation":"e30"}`,
		`{"presentation":"e30","body":"YQ","contentType":"text/plain"}`, `{}`, `[]`, `{"presentation":"e30","presentation":"e30"}`, `{"presentation":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := openEnvelope(raw, 1000)
		if err != nil {
			return
		}
		require.NotEmpty(t, e.presented)
		again, err := openEnvelope(e.bytes(), 1000)
		require.NoError(t, err)
		require.Equal(t, e.contentType, again.contentType)
		require.True(t, bytes.Equal(e.presented, again.presented) && bytes.Equal(e.body, again.body))
	})
}

// A path that is let through is what cleaning and a second decoding leave as it
// is, however it came.
func FuzzOnePath(f *testing.F) {
	for _, s := range []string{"/", "/a/b", "//", "/a/../b", "/%2e", "/%2F", "/a;b", "/caf%C3%A9", "/caf%c3%a9",
		"/a/", "", "a", "/%", "/a%20b", "/a%40b", "/a|b", "*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		u, err := url.ParseRequestURI(p)
		if err != nil || onePath(u) != nil {
			return
		}
		require.NotContains(t, u.Path, "%", "decoding twice is decoding once")
		require.NotContains(t, u.Path, ";")
		require.Equal(t, strings.Count(u.EscapedPath(), "/"), strings.Count(u.Path, "/"), "decoding adds no segment")
		if u.Path != "" {
			require.Equal(t, strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(path.Clean(u.Path), "/"), "cleaning changes nothing")
		}
		r := &http.Request{Method: "GET", URL: u, Header: http.Header{}}
		require.NoError(t, (&Guard{methods: map[string]bool{"GET": true}}).form(r))
	})
}
