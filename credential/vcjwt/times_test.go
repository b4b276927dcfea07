package vcjwt_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// payloadOf returns the claims of a token.
func payloadOf(tb testing.TB, text string) credential.Value {
	tb.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	require.NoError(tb, err)
	v, err := credential.ParseValue(string(raw))
	require.NoError(tb, err)
	return v
}

// withTimes signs a passport's payload again with other claims about time; the
// empty text takes one away.
func withTimes(tb testing.TB, w *verifytest.World, jwt *credential.Signed, claims map[string]string) *credential.Signed {
	tb.Helper()
	var members []string
	for name, v := range payloadOf(tb, jwt.Text()).Members() {
		text := v.Raw()
		if other, ok := claims[name]; ok {
			text = other
		}
		if text != "" {
			members = append(members, fmt.Sprintf("%q:%s", name, text))
		}
	}
	for name, text := range claims {
		if !payloadOf(tb, jwt.Text()).Get(name).Exists() && text != "" {
			members = append(members, fmt.Sprintf("%q:%s", name, text))
		}
	}
	text := token(tb, w.Issuer, goodHeader(w.Issuer, "vc+jwt"), "{"+strings.Join(members, ",")+"}")
	s, err := credential.Parse([]byte(text), vcjwt.Format())
	require.NoError(tb, err)
	return s
}

// S19: the times of a token are those of its signature, whatever the
// credential inside says: exp may come before validUntil and then ends it, iat
// and nbf are as created.
func TestTimesOfATokenCount(t *testing.T) {
	w := verifytest.NewWorld(t)
	jwt := issueJWT(t, w, w.Passport())
	now := w.Clock.Now()
	at := func(d time.Duration) string { return fmt.Sprint(now.Add(d).Unix()) }
	for name, row := range map[string]struct {
		claims map[string]string
		skew   time.Duration
		want   verify.Code // "": allowed
	}{
		"as issued":                         {},
		"no times at all, as older tokens":  {claims: map[string]string{"iat": "", "exp": "", "iss": ""}},
		"exp in a second":                   {claims: map[string]string{"exp": at(time.Second)}},
		"exp is now":                        {claims: map[string]string{"exp": at(0)}, want: verify.ProofExpired},
		"exp an hour ago":                   {claims: map[string]string{"exp": at(-time.Hour)}, want: verify.ProofExpired},
		"exp within the skew":               {claims: map[string]string{"exp": at(-time.Second)}, skew: 2 * time.Second},
		"exp after the passport's end":      {claims: map[string]string{"exp": at(10_000 * time.Hour)}},
		"S19 iat is now":                    {claims: map[string]string{"iat": at(0)}},
		"S19 iat in a second":               {claims: map[string]string{"iat": at(time.Second)}, want: verify.TimeNotYetValid},
		"S19 iat in a second, with a skew":  {claims: map[string]string{"iat": at(time.Second)}, skew: time.Second},
		"S19 iat in a year":                 {claims: map[string]string{"iat": at(365 * 24 * time.Hour)}, want: verify.TimeNotYetValid},
		"S19 nbf in a second":               {claims: map[string]string{"nbf": at(time.Second)}, want: verify.TimeNotYetValid},
		"S19 nbf in a second, iat long ago": {claims: map[string]string{"nbf": at(time.Second), "iat": "0"}, want: verify.TimeNotYetValid},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.Verifier(acceptJWT, func(c *verify.Config) { c.Skew = row.skew })
			_, err := v.Verify(context.Background(), w.Present(withTimes(t, w, jwt, row.claims), w.Intent()), w.Request())
			if row.want == "" {
				verifytest.AssertAllowed(t, err)
			} else {
				verifytest.AssertDenied(t, err, row.want)
			}
		})
	}
}

// M11: a library that knows JWT alone finds who made a token and when it ends,
// and both agree with the document.
func TestTokensSayIssuerAndEnd(t *testing.T) {
	w := verifytest.NewWorld(t)
	p := w.Passport()
	jwt := issueJWT(t, w, p)
	claims := payloadOf(t, jwt.Text())
	require.Equal(t, w.Issuer.DID().String(), claims.Get("iss").Str())
	require.Equal(t, jwt.Unverified().ValidUntil, jwt.Proof(0).Expires)
	exp, ok := claims.Get("exp").Int()
	require.True(t, ok)
	require.Equal(t, jwt.Unverified().ValidUntil.Unix(), exp)

	// Where the issuer is an object, or nothing ends.
	for _, issuer := range []string{`"ISSUER"`, `{"id":"ISSUER","name":"x"}`} {
		doc := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":` +
			strings.ReplaceAll(issuer, "ISSUER", w.Issuer.DID().String()) + `,"credentialSubject":{"id":"did:example:subject"}}`
		s, err := credential.SignJSON(context.Background(), w.Issuer, []byte(doc), credential.SignOptions{Format: vcjwt.Format()})
		require.NoError(t, err)
		claims := payloadOf(t, s.Text())
		require.Equal(t, w.Issuer.DID().String(), claims.Get("iss").Str())
		require.Equal(t, strictjson.Invalid, claims.Get("exp").Kind())

		// The signature may end before the credential does.
		until := w.Clock.Now().Add(time.Hour)
		s, err = credential.SignJSON(context.Background(), w.Issuer, []byte(doc), credential.SignOptions{Format: vcjwt.Format(), Expires: until})
		require.NoError(t, err)
		require.True(t, s.Proof(0).Expires.Equal(until.Truncate(time.Second)))
	}

	claims = payloadOf(t, string(w.Present(jwt, w.Intent(), sealVP)))
	require.Equal(t, w.Agent.DID().String(), claims.Get("iss").Str())
	end, ok := claims.Get("exp").Int()
	require.True(t, ok)
	until, err := time.Parse(time.RFC3339, claims.Get("intent").Get("expiresAt").Str())
	require.NoError(t, err)
	require.Equal(t, until.Unix(), end)
}
