package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

const v2 = `"https://www.w3.org/ns/credentials/v2"`

// suite makes the files that the official suite hands over.
type suite struct {
	*did.KeyPair
	dir string
	kid string
}

func newSuite(t *testing.T) suite {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	thumbprint, err := (&jose.JSONWebKey{Key: key.PublicKey().Crypto()}).Thumbprint(crypto.SHA256)
	require.NoError(t, err)
	s := suite{key, t.TempDir(), base64.RawURLEncoding.EncodeToString(thumbprint)}
	s.write(t, "key", s.method(t, "https://example.issuer/vc-jose-cose#key-4"))
	s.write(t, "did-key", s.method(t, key.KeyID().String()))
	s.write(t, "p256", `{"id":"https://example.issuer#key-1","publicKeyJwk":{"kty":"EC","crv":"P-256","x":"a",`+
		`"y":"b"},"secretKeyJwk":{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}}`)
	other, err := did.GenerateKey()
	require.NoError(t, err)
	s.write(t, "another", suite{other, "", "x"}.method(t, "https://example.issuer/vc-jose-cose#key-5"))
	return s
}

func (s suite) method(t *testing.T, id string) string {
	public := s.PublicKey().JWK()
	var jwk map[string]string
	require.NoError(t, json.Unmarshal(public, &jwk))
	jwk["kid"], jwk["alg"] = s.kid, "EdDSA"
	public, err := json.Marshal(jwk)
	require.NoError(t, err)
	jwk["d"] = base64.RawURLEncoding.EncodeToString(s.PrivateKey().(ed25519.PrivateKey).Seed())
	secret, err := json.Marshal(jwk)
	require.NoError(t, err)
	return `{"id":"` + id + `","type":"JsonWebKey","publicKeyJwk":` + string(public) + `,"secretKeyJwk":` + string(secret) + `}`
}

func (s suite) write(t *testing.T, name, text string) {
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
}

func (s suite) run(t *testing.T, function, feature, key, input string) result {
	t.Helper()
	s.write(t, "input", input)
	out := filepath.Join(s.dir, "output")
	require.NoError(t, run(context.Background(),
		[]string{function, "--input", filepath.Join(s.dir, "input"), "--key", filepath.Join(s.dir, key), "--feature", feature, "--output", out}, io.Discard))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	var r result
	require.NoError(t, json.Unmarshal(text, &r))
	return r
}

// token signs as the suite's own tool does: a thumbprint as kid.
func (s suite) token(header, payload string) string {
	header = strings.ReplaceAll(header, "KID", s.kid)
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.PrivateKey().(ed25519.PrivateKey), []byte(text)))
}

const (
	vcHeader = `{"alg":"EdDSA","cty":"vc","kid":"KID","typ":"vc+jwt"}`
	vpHeader = `{"alg":"EdDSA","cty":"vp","kid":"KID","typ":"vp+jwt"}`
	minimal  = `{"@context":[` + v2 + `],"type":["VerifiableCredential"],` +
		`"issuer":"https://example.issuer/vc-jose-cose","credentialSubject":{"id":"did:example:123"}}`
	holder = `"holder":"https://example.issuer/vc-jose-cose"`
)

func claims(more string) string { return strings.TrimSuffix(minimal, "}") + more + "}" }

func vp(members string) string {
	return `{"@context":[` + v2 + `],"type":["VerifiablePresentation"],` + holder + members + `}`
}

// The JOSE part of the suite, by its numbers. With Ed25519 alone 10 of its 16
// tests pass: 1 to 4, 6 and 7 need ECDSA keys. Test 5 passes for the same
// reason and no better: it wants defined but unknown properties refused, which
// the specification does not.
func TestSuite(t *testing.T) {
	s := newSuite(t)
	envelope := func(token string) string {
		return `,"verifiableCredential":[{"@context":` + v2 + `,"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,` + token + `"}]`
	}
	good := s.token(vcHeader, minimal)
	for name, r := range map[string]struct {
		function, feature, key, input string
		want                          string
	}{
		"1 basic credential, P-256: not supported":   {"issue", "credential_jose", "p256", minimal, "failure"},
		"3 basic presentation, P-256: not supported": {"issue", "presentation_jose", "p256", vp(""), "failure"},
		"5 unknown extensions, P-521":                {"issue", "credential_jose", "p256", claims(`,"unknown":1`), "failure"},
		"6 basic credential, P-256: not supported":   {"verify", "credential_jose", "p256", good, "failure"},
		"1 basic credential, Ed25519": {"issue", "credential_jose", "did-key",
			strings.Replace(minimal, "https://example.issuer/vc-jose-cose", s.DID().String(), 1), "success"},
		"3 basic presentation, Ed25519": {"issue", "presentation_jose", "did-key",
			strings.Replace(vp(envelope(good)), "https://example.issuer/vc-jose-cose", s.DID().String(), 1), "success"},
		"6 basic credential, Ed25519":              {"verify", "credential_jose", "key", good, "success"},
		"7 presentation with credentials, Ed25519": {"verify", "presentation_jose", "key", s.token(vpHeader, vp(envelope(good))), "success"},
		"8 issuer match": {"verify", "credential_jose", "key",
			s.token(vcHeader, claims(`,"iat":"2010-01-01T19:23:24Z","iss":"https://example.issuer/vc-jose-cose"`)), "success"},
		"8 issuer mismatch": {"verify", "credential_jose", "key",
			s.token(vcHeader, claims(`,"iss":"https://example.issuer/other"`)), "failure"},
		"8 issuer object, match": {"verify", "credential_jose", "key",
			s.token(vcHeader, strings.Replace(claims(`,"iss":"https://example.issuer/vc-jose-cose"`),
				`"issuer":"https://example.issuer/vc-jose-cose"`, `"issuer":{"id":"https://example.issuer/vc-jose-cose"}`, 1)), "success"},
		"9 unknown extensions, another key": {"verify", "credential_jose", "another", s.token(vcHeader, claims(`,"unknown":1`)), "failure"},
		"10 unsecured credential":           {"verify", "credential_jose", "key", minimal, "failure"},
		"10 unsecured credential, alg none": {"verify", "credential_jose", "key",
			strings.Join(strings.Split(s.token(`{"alg":"none","kid":"KID","typ":"vc+jwt"}`, minimal), ".")[:2], ".") + ".", "failure"},
		"11 unsecured presentation": {"verify", "presentation_jose", "key", vp(""), "failure"},
		"12 invalid signature":      {"verify", "credential_jose", "key", good[:len(good)-6] + "AAAAAA", "failure"},
		"12 payload changed": {"verify", "credential_jose", "key",
			swap(good, s.token(vcHeader, claims(`,"id":"urn:x:y"`))), "failure"},
		"13 invalid media type": {"verify", "credential_jose", "key",
			s.token(strings.Replace(vcHeader, "vc+jwt", "JWT", 1), minimal), "failure"},
		"13 invalid cty": {"verify", "credential_jose", "key",
			s.token(strings.Replace(vcHeader, `"cty":"vc"`, `"cty":"vp"`, 1), minimal), "failure"},
		"13 a presentation's type":                 {"verify", "credential_jose", "key", s.token(vpHeader, minimal), "failure"},
		"14 presentation of an invalid media type": {"verify", "presentation_jose", "key", s.token(vcHeader, vp("")), "failure"},
		"14 presentation without type":             {"verify", "presentation_jose", "key", s.token(`{"alg":"EdDSA","kid":"KID"}`, vp("")), "failure"},
		"15 vc claim":                              {"verify", "credential_jose", "key", s.token(vcHeader, claims(`,"vc":{}`)), "failure"},
		"15 vp claim":                              {"verify", "credential_jose", "key", s.token(vcHeader, claims(`,"vp":{}`)), "failure"},
		"16 nested credential not in an envelope": {"verify", "presentation_jose", "key",
			s.token(vpHeader, vp(`,"verifiableCredential":[`+minimal+`]`)), "failure"},
		"16 nested credential of another type": {"verify", "presentation_jose", "key",
			s.token(vpHeader, vp(strings.Replace(envelope(good), "Enveloped", "", 1))), "failure"},
		"16 nested credential with a bad signature": {"verify", "presentation_jose", "key",
			s.token(vpHeader, vp(envelope(good[:len(good)-6]+"AAAAAA"))), "failure"},
		"16 nested credential by a key that nobody gave": {"verify", "presentation_jose", "another", s.token(vpHeader, vp(envelope(good))), "failure"},
		"kid of another key": {"verify", "credential_jose", "key",
			s.token(strings.Replace(vcHeader, "KID", "x", 1), minimal), "failure"},
		"crit":            {"verify", "credential_jose", "key", s.token(strings.Replace(vcHeader, `"alg"`, `"crit":["x"],"x":1,"alg"`, 1), minimal), "failure"},
		"another feature": {"verify", "credential_cose", "key", good, "indeterminate"},
		"no JWT":          {"verify", "credential_jose", "key", "text", "failure"},
		"empty":           {"verify", "credential_jose", "key", "", "failure"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.run(t, r.function, r.feature, r.key, r.input)
			require.Equal(t, r.want, got.Result, got.Data)
			if r.want == "success" && r.function == "issue" {
				require.Equal(t, "success", s.run(t, "verify", r.feature, r.key, got.Data).Result)
			}
		})
	}
}

// swap puts the payload of one token under the signature of another.
func swap(a, b string) string {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return x[0] + "." + y[1] + "." + x[2]
}

func TestUsage(t *testing.T) {
	var out bytes.Buffer
	for _, args := range [][]string{{}, {"issue"}, {"other", "--output", "x"}, {"issue", "--unknown"}} {
		require.Error(t, run(context.Background(), args, &out), "%q", args)
	}
	s := newSuite(t)
	for _, missing := range []string{"input", "key"} {
		args := []string{"verify", "--input", filepath.Join(s.dir, "key"), "--key", filepath.Join(s.dir, "key"),
			"--feature", "credential_jose", "--output", filepath.Join(s.dir, "out")}
		args = append(args, "--"+missing, filepath.Join(s.dir, "none"))
		require.NoError(t, run(context.Background(), args, &out))
		text, err := os.ReadFile(filepath.Join(s.dir, "out"))
		require.NoError(t, err)
		require.Contains(t, string(text), `"failure"`)
	}
}
