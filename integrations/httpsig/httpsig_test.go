package verifyhttpsig_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
)

// RFC 9421, B.1.4: the key test-key-ed25519.
func rfcKey(t testing.TB) *did.KeyPair {
	seed, err := base64.RawURLEncoding.DecodeString("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU")
	require.NoError(t, err)
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(seed))
	require.NoError(t, err)
	return key
}

// rfcRequest is the request of RFC 9421, B.2, signed as B.2.6 is.
func rfcRequest() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Host = "example.com"
	r.Header = http.Header{
		"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"},
		"Signature-Input": {`sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")` +
			`;created=1618884473;keyid="test-key-ed25519"`},
		"Signature": {"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"},
	}
	return r
}

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func options(key did.PublicKey) verifyhttpsig.VerifyOptions {
	return verifyhttpsig.VerifyOptions{
		Key: func(id string) (did.PublicKey, error) {
			if id != verifyhttpsig.Thumbprint(key) {
				return did.PublicKey{}, did.ErrNotFound
			}
			return key, nil
		},
		Now: func() time.Time { return now },
	}
}

// RFC 9421, B.2.6: its signature holds over the base that is made here, and the same
// signature comes out. It has no expires, so Verify itself refuses it.
func TestRFC9421B26(t *testing.T) {
	key := rfcKey(t)
	r := rfcRequest()
	base, err := verifyhttpsig.Base(r, "sig-b26")
	require.NoError(t, err)
	require.Equal(t, `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")`+
		`;created=1618884473;keyid="test-key-ed25519"`, base)
	want, err := base64.StdEncoding.DecodeString(strings.Trim(strings.TrimPrefix(r.Header.Get("Signature"), "sig-b26="), ":"))
	require.NoError(t, err)
	require.True(t, key.PublicKey().Verify([]byte(base), want))
	got, err := key.Sign(t.Context(), []byte(base))
	require.NoError(t, err)
	require.Equal(t, want, got)
	// RFC 8037, A.3: the thumbprint of its key is another; that of this one is Cloudflare's.
	require.Equal(t, "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U", verifyhttpsig.Thumbprint(key.PublicKey()))
}

func signed(t testing.TB, key *did.KeyPair, edits ...func(*http.Request, *verifyhttpsig.SignOptions)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://shop.example/a?b=c", nil)
	r.Header.Set("Signature-Agent", `sig1="https://agent.example"`)
	o := verifyhttpsig.SignOptions{Key: key.PublicKey(), Created: now.Add(-time.Second), Expires: now.Add(time.Minute)}
	for _, edit := range edits {
		edit(r, &o)
	}
	require.NoError(t, verifyhttpsig.Sign(t.Context(), r, key, o))
	return r
}

// Each row is one fault; its good twin is the same request without it.
func TestVerify(t *testing.T) {
	key := rfcKey(t)
	all := []string{"@method", "@authority", "@scheme", "@target-uri", "@request-target", "@path", "@query", "signature-agent;key=sig1"}
	cover := func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Components = all }
	s, err := verifyhttpsig.Verify(signed(t, key), options(key.PublicKey()))
	require.NoError(t, err)
	require.Equal(t, []string{`"@authority"`, `"signature-agent"`}, s.Components)
	_, err = verifyhttpsig.Verify(signed(t, key, cover), options(key.PublicKey()))
	require.NoError(t, err)

	input := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			was := r.Header.Get("Signature-Input")
			r.Header.Set("Signature-Input", strings.Replace(was, old, new, 1))
			require.NotEqual(t, was, r.Header.Get("Signature-Input"))
		}
	}
	for name, change := range map[string]func(*http.Request){
		"the method":        func(r *http.Request) { r.Method = "POST" },
		"the host":          func(r *http.Request) { r.Host = "other.example" },
		"the path":          func(r *http.Request) { r.URL.Path = "/b" },
		"the query":         func(r *http.Request) { r.URL.RawQuery = "b=d" },
		"the agent":         func(r *http.Request) { r.Header.Set("Signature-Agent", `sig1="https://other.example"`) },
		"no agent":          func(r *http.Request) { r.Header.Del("Signature-Agent") },
		"the nonce":         input(`nonce="`, `nonce="A`),
		"a component less":  input(`"@path" `, ``),
		"a component twice": input(`"@path"`, `"@path" "@path"`),
		"another component": input(`"@path"`, `"@status"`),
		"a parameter more":  input(`;alg=`, `;b=1;alg=`),
		"a parameter twice": input(`;alg=`, `;created=1;alg=`),
		"another algorithm": input(`"ed25519"`, `"rsa-pss-sha512"`),
		"a blank":           input(`;alg`, ` ;alg`),
		"another key":       input(`keyid="poq`, `keyid="poQ`),
		"created later":     input(`created=1`, `created=2`),
		"expires later":     input(`expires=1795`, `expires=1796`),
		"a zero in front":   input(`created=`, `created=0`),
		"another tag":       input(`web-bot-auth`, `web-bot`),
		"two with the tag": func(r *http.Request) {
			r.Header.Add("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "sig1=", "sig2=", 1))
		},
		"a label twice": func(r *http.Request) { r.Header.Add("Signature-Input", r.Header.Get("Signature-Input")) },
		"no signature":  func(r *http.Request) { r.Header.Del("Signature") },
		"no input":      func(r *http.Request) { r.Header.Del("Signature-Input") },
		"signature of zeros": func(r *http.Request) {
			r.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(make([]byte, 64))+":")
		},
		"signature cut short": func(r *http.Request) { r.Header.Set("Signature", r.Header.Get("Signature")[:40]+"=:") },
		"signature, no colons": func(r *http.Request) {
			r.Header.Set("Signature", strings.ReplaceAll(r.Header.Get("Signature"), ":", ""))
		},
		"signature not base64":  func(r *http.Request) { r.Header.Set("Signature", "sig1=:%%%:") },
		"under another label":   func(r *http.Request) { r.Header.Set("Signature", "x"+r.Header.Get("Signature")) },
		"a dictionary of items": func(r *http.Request) { r.Header.Set("Signature-Input", "sig1") },
	} {
		r := signed(t, key, cover)
		change(r)
		s, err := verifyhttpsig.Verify(r, options(key.PublicKey()))
		require.Error(t, err, name)
		require.Nil(t, s)
	}
}

// Times, and what must be covered, are demanded.
func TestWhatIsDemanded(t *testing.T) {
	key := rfcKey(t)
	for name, edit := range map[string]func(*http.Request, *verifyhttpsig.SignOptions){
		"in the future":   func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Created = now.Add(time.Second) },
		"ended":           func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Expires = now },
		"too long":        func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Expires = now.Add(25 * time.Hour) },
		"not the host":    func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Components = []string{"@path"} },
		"nothing covered": func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Components = []string{} },
	} {
		_, err := verifyhttpsig.Verify(signed(t, key, edit), options(key.PublicKey()))
		require.ErrorIs(t, err, verifyhttpsig.ErrInvalid, name)
	}
	_, err := verifyhttpsig.Verify(rfcRequest(), options(key.PublicKey()))
	require.ErrorIs(t, err, verifyhttpsig.ErrMissing, "it has no tag")
	o := options(key.PublicKey())
	o.Key = nil
	_, err = verifyhttpsig.Verify(signed(t, key), o)
	require.ErrorIs(t, err, verifyhttpsig.ErrInvalid)
	r := signed(t, key)
	require.ErrorContains(t, verifyhttpsig.Sign(t.Context(), r, key, verifyhttpsig.SignOptions{}), "signed already")
}

// One spelling of each thing, whoever has signed it.
func TestSpelling(t *testing.T) {
	const good = `("@path" "signature-agent";key="sig1");created=1;keyid="a";alg="ed25519";expires=2;nonce="n";tag="t"`
	base := func(input string) error {
		r := httptest.NewRequest(http.MethodGet, "https://shop.example/a", nil)
		r.Header.Set("Signature-Agent", `sig1="https://agent.example"`)
		r.Header.Set("Signature-Input", "sig1="+input)
		_, err := verifyhttpsig.Base(r, "sig1")
		return err
	}
	require.NoError(t, base(good))
	for _, change := range [][2]string{
		{`("@path"`, `("@path" "@path"`}, {`("@path"`, `( "@path"`}, {`"@path" `, `"@path"  `}, {`"@path"`, `@path`},
		{`"@path"`, `"@Path"`}, {`"@path"`, `"@path";req`}, {`"@path"`, `"@path";key="a"`}, {`key="sig1"`, `key="sig2"`},
		{`created=1`, `created=1;created=1`}, {`created=1`, `created=01`}, {`created=1`, `created=-1`}, {`created=1`, `created="1"`},
		{`created=1`, `created=1.0`}, {`keyid="a"`, `keyid=1`}, {`keyid="a"`, `keyid="a\\b"`}, {`keyid="a"`, `keyid='a'`},
		{`;tag`, `; tag`}, {`tag="t"`, `tag="t";x="y"`}, {`tag="t"`, `tag="t" `}, {`tag="t"`, `tag="t";`}, {`tag="t"`, `tag="\x7f"`},
		{`"ed25519"`, `"ED25519"`},
	} {
		input := strings.Replace(good, change[0], change[1], 1)
		require.NotEqual(t, good, input)
		// Blanks around a member of a dictionary belong to the field, and not to it.
		if strings.HasSuffix(input, " ") {
			continue
		}
		require.Error(t, base(input), input)
	}
}

// Two signatures with the tag are refused, though each of them holds.
func TestTwoSignatures(t *testing.T) {
	key := rfcKey(t)
	one := signed(t, key)
	two := signed(t, key, func(_ *http.Request, o *verifyhttpsig.SignOptions) { o.Label = "sig2" })
	for _, r := range []*http.Request{one, two} {
		_, err := verifyhttpsig.Verify(r, options(key.PublicKey()))
		require.NoError(t, err)
	}
	for _, name := range []string{"Signature", "Signature-Input"} {
		one.Header.Add(name, two.Header.Get(name))
	}
	_, err := verifyhttpsig.Verify(one, options(key.PublicKey()))
	require.ErrorContains(t, err, "two signatures have the tag")
}

// What somebody on the way has signed in a way of their own is passed over (RFC 9421, section
// 4.3), but for what may have the tag.
func TestSignaturesOfOthers(t *testing.T) {
	key := rfcKey(t)
	const proxy = `proxy_sig=("@method" "signature";key="sig1" "forwarded");created=1;keyid="test-key-rsa";alg="rsa-v1_5-sha256"`
	for input, why := range map[string]string{
		proxy:                               "",
		proxy + `;tag="proxy"`:              "",
		`other=("cache-control";sf);x`:      "",
		`other=()`:                          "",
		proxy + `;tag="web-bot-auth"`:       "the algorithm is",
		`other=("a";sf);tag="web-bot-auth"`: "not one that is read",
	} {
		r := signed(t, key)
		r.Header.Add("Signature-Input", input)
		label, _, _ := strings.Cut(input, "=")
		r.Header.Add("Signature", label+"=:AAAA:")
		s, err := verifyhttpsig.Verify(r, options(key.PublicKey()))
		if why == "" {
			require.NoError(t, err, input)
			require.Equal(t, "sig1", s.Label)
			continue
		}
		require.ErrorContains(t, err, why, input)
		// Alone, it is no signature with the tag, or one that does not hold.
		r = signed(t, key)
		r.Header.Set("Signature-Input", input)
		_, err = verifyhttpsig.Verify(r, options(key.PublicKey()))
		require.Error(t, err)
	}
}

// No header makes it panic, and nothing but the signature holds.
func FuzzVerify(f *testing.F) {
	r := rfcRequest()
	f.Add(r.Header.Get("Signature-Input"), r.Header.Get("Signature"))
	f.Add(`sig1=("a";key="b");tag="web-bot-auth";created=1;expires=2`, `sig1=::`)
	f.Fuzz(func(t *testing.T, input, signature string) {
		r := rfcRequest()
		r.Header["Signature-Input"], r.Header["Signature"] = []string{input}, []string{signature}
		if _, err := verifyhttpsig.Verify(r, options(rfcKey(t).PublicKey())); err == nil {
			t.Fatal("nobody has signed this")
		}
	})
}
