package did_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
)

const (
	aliceText = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp" // of seed 00…00
	webText   = "did:web:issuer.example"
)

// notDIDs are refused as DIDs, and with a fragment as DID URLs.
var notDIDs = map[string]string{
	"empty":                 "",
	"scheme only":           "did:",
	"no method":             "did::abc",
	"no id":                 "did:web:",
	"no second colon":       "did:web",
	"upper-case scheme":     "DID:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"upper-case method":     "did:KEY:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"all upper case":        "DID:KEY:Z6MK",
	"hyphen in method":      "did:we-b:a",
	"space in front":        " did:web:a.example",
	"space behind":          "did:web:a.example ",
	"line feed behind":      "did:web:a.example\n",
	"tab inside":            "did:web:a\t.example",
	"no-break space":        "did:web:a\u00a0.example",
	"NUL":                   "did:web:a\x00",
	"byte above 7f":         "did:web:\xff",
	"trailing colon":        "did:web:a.example:",
	"path":                  "did:web:a.example/path",
	"slash":                 "did:web:a.example/",
	"query":                 "did:web:a.example?versionTime=2026-01-01T00:00:00Z",
	"empty query":           "did:web:a.example?",
	"parameter":             "did:web:a.example;service=files",
	"userinfo":              "did:web:user@a.example",
	"backslash":             `did:web:a.example\b`,
	"brackets":              "did:web:[::1]",
	"half an escape":        "did:web:a%2",
	"escape without digits": "did:web:a%zz",
	"bare percent":          "did:web:a%",
	"other scheme":          "https://a.example",
	"2,049 bytes":           "did:web:" + strings.Repeat("a", 2049-len("did:web:")),
}

func TestDID21NotADID(t *testing.T) {
	for name, text := range notDIDs {
		t.Run(name, func(t *testing.T) {
			d, err := did.Parse(text)
			require.ErrorIs(t, err, did.ErrInvalidDID)
			require.True(t, d.IsZero())
			u, err := did.ParseURL(text + "#key")
			require.ErrorIs(t, err, did.ErrInvalidDID)
			require.True(t, u.IsZero())
		})
	}
	// A DID URL is not a DID either.
	_, err := did.Parse(webText + "#key")
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestDID21NotADIDURL(t *testing.T) {
	for name, text := range map[string]string{
		"no fragment":           webText,
		"empty fragment":        webText + "#",
		"fragment only":         "#key",
		"bare name":             "key-1",
		"second hash":           webText + "#a#b",
		"space in fragment":     webText + "#a b",
		"quote in fragment":     webText + `#a"b`,
		"half an escape":        webText + "#a%2",
		"non-ASCII fragment":    webText + "#é",
		"query before fragment": webText + "?versionTime=2026-01-01T00:00:00Z#key",
		"path before fragment":  webText + "/a#key",
		"2,049 bytes":           webText + "#" + strings.Repeat("a", 2048-len(webText)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParseURL(text)
			require.ErrorIs(t, err, did.ErrInvalidDID)
		})
	}
}

func TestParseParts(t *testing.T) {
	for _, row := range []struct{ text, method, id string }{
		{aliceText, "key", strings.TrimPrefix(aliceText, "did:key:")},
		{webText, "web", "issuer.example"},
		{"did:web:a.example%3A8443:x:y", "web", "a.example%3A8443:x:y"},
		{"did:example::a", "example", ":a"},
		{"did:3:_.-A", "3", "_.-A"},
		{"did:web:" + strings.Repeat("a", 2048-len("did:web:")), "web", strings.Repeat("a", 2048-len("did:web:"))},
	} {
		d, err := did.Parse(row.text)
		require.NoError(t, err)
		require.Equal(t, row.text, d.String())
		require.Equal(t, row.method, d.Method())
		require.Equal(t, row.id, d.SpecificID())
	}
	u, err := did.ParseURL("did:web:a.example:x#key-1/~!$&'()*+,;=:@?%41")
	require.NoError(t, err)
	require.Equal(t, did.MustParse("did:web:a.example:x"), u.DID())
	require.Equal(t, "web", u.DID().Method())
	require.Equal(t, "key-1/~!$&'()*+,;=:@?%41", u.Fragment())
	_, err = did.ParseURL(webText + "#" + strings.Repeat("a", 2047-len(webText)))
	require.NoError(t, err)
}

func TestIdentifiersAreComparable(t *testing.T) {
	a, b := did.MustParse(webText), did.MustParseURL(webText+"#k").DID()
	require.True(t, a == b)
	require.Equal(t, 1, map[did.DID]int{a: 1}[b])
	require.False(t, did.MustParse("did:web:a.example") == did.MustParse("did:web:A.example"))
	u, err := a.URL("k")
	require.NoError(t, err)
	require.True(t, u == did.MustParseURL(webText+"#k"))
	_, err = a.URL("")
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestZeroIdentifiers(t *testing.T) {
	var d did.DID
	var u did.URL
	require.True(t, d.IsZero())
	require.True(t, u.IsZero())
	require.Empty(t, d.Method()+d.SpecificID()+d.String()+u.String()+u.Fragment())
	require.Equal(t, d, u.DID())
	_, err := d.URL("k")
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestIdentifiersAsText(t *testing.T) {
	type config struct {
		Issuer did.DID         `json:"issuer,omitzero"`
		Key    did.URL         `json:"key,omitzero"`
		Names  map[did.DID]int `json:"names,omitempty"`
	}
	in := config{did.MustParse(webText), did.MustParseURL(webText + "#k"), map[did.DID]int{did.MustParse(aliceText): 7}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"issuer":"`+webText+`","key":"`+webText+`#k","names":{"`+aliceText+`":7}}`, string(text))
	var out config
	require.NoError(t, json.Unmarshal(text, &out))
	require.Equal(t, in, out)

	require.NoError(t, json.Unmarshal([]byte(`{"issuer":"","key":""}`), &out))
	require.True(t, out.Issuer.IsZero() && out.Key.IsZero())
	keep := in
	require.ErrorIs(t, json.Unmarshal([]byte(`{"issuer":"did:web"}`), &keep), did.ErrInvalidDID)
	require.ErrorIs(t, json.Unmarshal([]byte(`{"key":"did:web:a"}`), &keep), did.ErrInvalidDID)
	require.Equal(t, in.Issuer, keep.Issuer)
	text, err = json.Marshal(config{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(text))
}

func TestMustParsePanics(t *testing.T) {
	require.Panics(t, func() { did.MustParse("did:web") })
	require.Panics(t, func() { did.MustParseURL(webText) })
}

func TestRES01DIDBytes(t *testing.T) {
	require.Equal(t, 2048, limits.Default().DIDBytes)
	require.Equal(t, limits.Max().DIDBytes, limits.Default().DIDBytes, "did.Parse knows one cap")
}
