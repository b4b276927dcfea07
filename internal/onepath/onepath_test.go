package onepath

import (
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// S9, F4: what two readers may take for two paths is told, with the reason.
func TestS9F4Doubt(t *testing.T) {
	for want, paths := range map[string][]string{
		Backslash: {`/a\b`, `\`, `..\x`},
		Parameter: {"/a;v=1", "/..;/x", ";"},
		Control: {
			"/a\x00", "/a%00", "/a%0Ab", "/a%7f", "/a\u0085", "/a%E2%80%8B", "/\u202e", "/a\u00ad", "/a%e2%80%a8b", "/a\ufeff",
			"/..\ufe0f/x", "/..%EF%B8%8F/x", "/.\u17b4./x", "/..%e3%85%a4", "/\u034f",
		},
		Encoding:   {"/%", "/%4", "/%zz", "/%u002e", "/%%32%65", "/a%-1"},
		Twice:      {"/%2e", "/%2E%2e/x", "/a%2Fb", "/a%2fb", "/a%5Cb", "/a%25b", "/a%252fb", "/a%3Bb"},
		NotUTF8:    {"/%c0%ae", "/%e0%80%af", "/%ff", "/\xff", "/%ed%a0%80", "/a%c3", "/\ufffd"},
		LooksAlike: {"/\uff0e\uff0e/x", "/%EF%BC%8F", "/\u2025/x", "/a\u2215b", "/\uff05", "/\u037e", "/\U0001f100", "/%c2%a5"},
		Empty:      {"//", "/a//b", "/a//", "/?x", "/a/?x", "///", "/%3Fx", "/a/\uff1fx"},
		Dots: {"/.", "/..", "/../x", "/a/./b", "/a/..", "..", "/..?/x", "/..#/x", "/a?b/../x", "/..%3f/x",
			"/..\uff1fx", "/..\uff03/x", "/..%EF%BC%9Fx", "/.\ufe56", "/..\ufe5f", "/..\u2047x", "/..\ufe16"},
		Blank: {"/...", "/.../x", "/..%20/x", "/.. /x", "/.%20", "/%20../x", "/.%20./x", "/a/%20", "/%20/a", "..%c2%a0/x", "/..\u3000/x", "/..%20?x"},
	} {
		for _, p := range paths {
			require.Equal(t, want, Doubt(p), "%q", p)
		}
	}
	for _, p := range []string{
		"", "/", "/a", "a", "/a/", "/a/b.c/..d/e...", "/a%20/b. ", "/users/ann%40shop.example", "/agents/did%3Akey%3Az6Mk",
		"/caf%c3%a9", "/caf%C3%A9", "/caf\u00e9", "/a%2Cb", "/a%2cb",
		"/a%28b%29", "/price/%245", "/%63harge", "/%7Euser", "/a%20b", "/a b", "/\u65e5\u672c", "/v1/items:get", "/a|b", "/x?y=z", "/x#y",
		"/\u4f55\uff1f", "/\u4f55\uff1f/a", "/a\uff03b", "/a\u2049b",
	} {
		require.Empty(t, Doubt(p), "%q", p)
	}
}

// Every character whose compatibility form holds one of the five is listed;
// ASCII never is.
func TestLooksAlikeIsNeverASCII(t *testing.T) {
	for r := rune(0); r < utf8.RuneSelf; r++ {
		require.NotEqual(t, LooksAlike, Doubt("/a"+string(r)+"b"), "%q", r)
	}
}

// What is let through is what cleaning and a second decoding leave as it is.
func FuzzDoubt(f *testing.F) {
	for _, s := range []string{"/", "/a/b", "//", "/a/../b", "/%2e", "/%252e", "/a;b", "/caf%c3%a9", "/a/", "", "a", "/%", "/a%3fb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if Doubt(p) != "" {
			return
		}
		decoded, err := url.PathUnescape(p)
		require.NoError(t, err)
		require.Empty(t, Doubt(decoded), "decoding settles it")
		require.True(t, utf8.ValidString(decoded))
		require.NotContains(t, decoded, "%")
		require.NotContains(t, decoded, `\`)
		require.Equal(t, strings.Count(p, "/"), strings.Count(decoded, "/"), "decoding adds no segment")
		if strings.HasPrefix(p, "/") {
			require.Equal(t, strings.TrimSuffix(decoded, "/"), strings.TrimSuffix(path.Clean(decoded), "/"), "cleaning changes nothing")
		}
	})
}
