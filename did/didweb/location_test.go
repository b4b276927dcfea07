package didweb_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

func TestDID05URL(t *testing.T) {
	for id, want := range map[string]string{
		// The three examples of the specification.
		"did:web:w3c-ccg.github.io":                    "https://w3c-ccg.github.io/.well-known/did.json",
		"did:web:w3c-ccg.github.io:user:alice":         "https://w3c-ccg.github.io/user/alice/did.json",
		"did:web:example.com%3A3000:user:alice":        "https://example.com:3000/user/alice/did.json",
		"did:web:example.com%3A3000":                   "https://example.com:3000/.well-known/did.json",
		"did:web:example.com%3A1":                      "https://example.com:1/.well-known/did.json",
		"did:web:example.com%3A65535:a":                "https://example.com:65535/a/did.json",
		"did:web:a.b.c.d.e:A-._9":                      "https://a.b.c.d.e/A-._9/did.json",
		"did:web:xn--bcher-kva.example":                "https://xn--bcher-kva.example/.well-known/did.json",
		"did:web:1.2.3.4.example":                      "https://1.2.3.4.example/.well-known/did.json",
		"did:web:localhost%3A8443":                     "https://localhost:8443/.well-known/did.json",
		"did:web:a.example:...":                        "https://a.example/.../did.json",
		"did:web:a.example" + strings.Repeat(":a", 32): "https://a.example" + strings.Repeat("/a", 32) + "/did.json",
	} {
		got, err := didweb.URL(did.MustParse(id))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func refusals() map[string][]string {
	long := strings.Repeat("a", 63)
	return map[string][]string{
		"DID-06 host is an IP address": {
			"127.0.0.1", "192.0.2.1", "8.8.8.8", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "0x7f000001", "0x7f.0.0.0x1",
			"1", "0", "a.1", "example.0x7f", "example.08", "127.0.0.1%3A8443", "127.0.0.1:a", "127.0.0.1.",
			"%5B%3A%3A1%5D", "%5B::1%5D", "::1", "[::1]", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "fe80::1%25eth0",
		},
		"DID-07 percent-encoding": {
			"a.example%2Fb", "a.example%5Cb", "a.example%00", "a.example%40b.example", "a.example%3Fb", "a.example%23b", "a.example%25b",
			"a.example%253A80", "a.example%20", "a.example%3a80", "%61.example", "a%2Eexample", "a.example%3A80%3A81", "a.example%3A%380",
			"a.example:%2F", "a.example:%5C", "a.example:%00", "a.example:%40", "a.example:%3F", "a.example:%23", "a.example:%25",
			"a.example:%253A", "a.example:%20", "a.example:%3a80", "a.example:%3A80", "a.example:b%41", "a.example:%C3%A9",
		},
		"DID-08 path": {
			"a.example:..", "a.example:.", "a.example:a:..:b", "a.example:%2e%2e", "a.example:%2E%2E", "a.example:.%2e",
			"a.example::b", "a.example:a::b", "a.example:", "a.example::", ":a.example", "a.example:a:",
			"a.example" + strings.Repeat(":a", 33),
		},
		"DID-09 authority": {
			"user@a.example", "user:pw@a.example", "a.example?x", "a.example?versionId=1", "a.example#x", `a.example\b`, "a.example\tb", "a.example/b",
			"a.example%3A0", "a.example%3A65536", "a.example%3A08443", "a.example%3A", "a.example%3Ahttp", "a.example%3A-1", "a.example%3A+1",
			"a.example%3A99999999999999999999", "a.example%3A1_0", "a.example%3A0x50", "a.example%3A:a", "%3A80",
		},
		"not a DNS name": {
			"A.example", "a.EXAMPLE", "a_b.example", "-a.example", "a-.example", ".example", "a..example", "a.example.", "intranet", "com",
			long + "a.example", strings.Repeat(long+".", 4) + "example", "a.example-", "*.example", "a~b.example",
		},
	}
}

func TestDID06to09Refused(t *testing.T) {
	for name, list := range refusals() {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			for _, specific := range list {
				id, err := did.Parse("did:web:" + specific)
				if err == nil {
					_, err = didweb.URL(id)
					_, resolveErr := get(t, s.config(), id)
					require.ErrorIs(t, resolveErr, did.ErrInvalidDID, specific)
				}
				require.ErrorIs(t, err, did.ErrInvalidDID, specific)
			}
			require.Zero(t, s.dials.Load())
		})
	}
}

func TestHostLength(t *testing.T) {
	label := strings.Repeat("a", 63)
	host := strings.Join([]string{label, label, label, strings.Repeat("a", 61)}, ".")
	require.Len(t, host, 253)
	_, err := didweb.NewDID(host)
	require.NoError(t, err)
	_, err = didweb.NewDID(host + "a")
	require.ErrorIs(t, err, did.ErrInvalidDID)
}

func TestURLOfOtherMethods(t *testing.T) {
	_, err := didweb.URL(did.MustParse("did:webs:a.example"))
	require.ErrorIs(t, err, did.ErrMethodNotSupported)
	_, err = didweb.URL(did.DID{})
	require.ErrorIs(t, err, did.ErrInvalidDID)
	_, err = get(t, didweb.Config{}, did.MustParse("did:key:z6Mk"))
	require.ErrorIs(t, err, did.ErrMethodNotSupported)
}

func TestNewDID(t *testing.T) {
	for _, row := range []struct {
		host string
		path []string
		want string
	}{
		{"a.example", nil, "did:web:a.example"},
		{"a.example:8443", nil, "did:web:a.example%3A8443"},
		{"a.example:8443", []string{"agents", "a1"}, "did:web:a.example%3A8443:agents:a1"},
	} {
		id, err := didweb.NewDID(row.host, row.path...)
		require.NoError(t, err)
		require.Equal(t, row.want, id.String())
	}
	for _, row := range [][]string{
		{""}, {"A.example"}, {"a.example:"}, {"a.example:http"}, {"a.example:1:2"}, {"[::1]"}, {"[::1]:443"}, {"127.0.0.1"}, {"https://a.example"},
		{"a.example", ""}, {"a.example", "a:b"}, {"a.example", ".."}, {"a.example", "a/b"}, {"a.example", "a", ""}, {"a.example", "%41"},
	} {
		id, err := didweb.NewDID(row[0], row[1:]...)
		require.ErrorIs(t, err, did.ErrInvalidDID, row)
		require.True(t, id.IsZero(), row)
	}
}

func TestPublish(t *testing.T) {
	for id, want := range map[string]didweb.File{
		"did:web:a.example":              {URL: "https://a.example/.well-known/did.json", Path: ".well-known/did.json"},
		"did:web:a.example%3A8443:x:y.z": {URL: "https://a.example:8443/x/y.z/did.json", Path: "x/y.z/did.json"},
	} {
		doc := document(t, did.MustParse(id))
		want.MediaType, want.Body = "application/did+json", doc.Bytes()
		got, err := didweb.Publish(doc)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := didweb.Publish(nil)
	require.ErrorIs(t, err, did.ErrInvalidDocument)
	_, err = didweb.Publish(document(t, did.MustParse("did:web:127.0.0.1")))
	require.ErrorIs(t, err, did.ErrInvalidDID)
	_, err = didweb.Publish(document(t, did.MustParse("did:example:1")))
	require.ErrorIs(t, err, did.ErrMethodNotSupported)
}

func FuzzURL(f *testing.F) {
	for _, list := range refusals() {
		for _, specific := range list {
			f.Add("did:web:" + specific)
		}
	}
	f.Add("did:web:a.example%3A8443:x:y")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := did.Parse(text)
		if err != nil || id.Method() != "web" {
			return
		}
		u, err := didweb.URL(id)
		if err != nil {
			require.ErrorIs(t, err, did.ErrInvalidDID)
			return
		}
		// The way back gives the same DID: no two DIDs have one document.
		place := strings.TrimSuffix(strings.TrimPrefix(u, "https://"), "/did.json")
		parts := strings.Split(place, "/")
		if len(parts) == 2 && parts[1] == ".well-known" {
			parts = parts[:1]
		}
		back, err := didweb.NewDID(parts[0], parts[1:]...)
		require.NoError(t, err)
		require.Equal(t, id, back)
	})
}
