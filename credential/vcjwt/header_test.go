package vcjwt_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
)

const (
	malformed      = "envelope.malformed"
	tooLarge       = "envelope.too_large"
	transformation = "proof.transformation"
	notAuthorized  = "proof.key_not_authorized"
)

// refuseHeaders signs each header rightly and wants each token refused by
// Open, before anything is checked, with that code.
func refuseHeaders(t *testing.T, code string, headers ...string) {
	t.Helper()
	key := fixedKey(t, 1)
	for _, h := range headers {
		h = strings.ReplaceAll(h, "KID", key.KeyID().String())
		_, err := vcjwt.Format().Open([]byte(token(t, key, h, "{}")), credential.KindCredential)
		require.Error(t, err, h)
		require.Equal(t, code, codeOf(t, err), h)
	}
}

// What is accepted, in any order and spelling of strict JSON.
func TestHeaders(t *testing.T) {
	key := fixedKey(t, 1)
	for _, h := range []string{
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt"}`,
		`{"typ":"vc+jwt","kid":"KID","alg":"EdDSA"}`,
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt","cty":"vc"}`,
		`{ "alg" : "EdDSA" , "kid" : "KID" , "typ" : "vc+jwt" } `,
		`{"\u0061lg":"Ed\u0044SA","kid":"KID","typ":"vc+jwt"}`,
	} {
		h = strings.ReplaceAll(h, "KID", key.KeyID().String())
		env, err := vcjwt.Format().Open([]byte(token(t, key, h, "{}")), credential.KindCredential)
		require.NoError(t, err, h)
		require.Equal(t, key.KeyID().String(), env.KeyID())
		require.NoError(t, env.Check(key.PublicKey()), h)
	}
}

func TestPAR01HeaderIsStrict(t *testing.T) {
	refuseHeaders(t, malformed,
		`{"alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"none","alg":"EdDSA","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","alg":"none","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","\u0061lg":"none","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"did:example:other#k","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"KID","kid":"did:example:other#k","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"KID","typ":"vp+jwt","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt"}{}`,
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt"`,
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt",}`,
		`{"alg":"EdDSA","kid":"KID`+"\xff"+`","typ":"vc+jwt"}`,
		`{"Alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA","kid":"KID","typ":"vc+jwt","":""}`,
	)
	// What begins with another letter than 'e' in base64 is no header at all.
	key := fixedKey(t, 1)
	for _, h := range []string{``, `[]`, `"alg"`, `null`, `0`, " " + goodHeader(key, "vc+jwt"), "\uFEFF" + goodHeader(key, "vc+jwt")} {
		_, err := vcjwt.Format().Open([]byte(token(t, key, h, "{}")), credential.KindCredential)
		require.Error(t, err, h)
	}
}

func TestSIG20Algorithm(t *testing.T) {
	refuseHeaders(t, transformation,
		`{"alg":"none","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"NoNe","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"HS256","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"eddsa","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EDDSA","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"EdDSA ","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"ES256","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"RS256","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":"Ed448","kid":"KID","typ":"vc+jwt"}`,
		`{"alg":["EdDSA"],"kid":"KID","typ":"vc+jwt"}`,
		`{"alg":{"EdDSA":1},"kid":"KID","typ":"vc+jwt"}`,
		`{"alg":1,"kid":"KID","typ":"vc+jwt"}`,
		`{"alg":true,"kid":"KID","typ":"vc+jwt"}`,
		`{"alg":null,"kid":"KID","typ":"vc+jwt"}`,
		`{"kid":"KID","typ":"vc+jwt"}`,
	)
}

// SIG-29: RFC 9864 has a new name for the same algorithm. One name is enough.
func TestSIG29FullySpecifiedName(t *testing.T) {
	refuseHeaders(t, transformation, `{"alg":"Ed25519","kid":"KID","typ":"vc+jwt"}`)
}

func TestSIG21KeysInTheHeader(t *testing.T) {
	for _, m := range []string{
		`"jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		`"jwk":null`, `"jku":"https://attacker.example/keys"`, `"x5u":"https://attacker.example/c"`,
		`"x5c":["MIIB"]`, `"x5c":[]`, `"x5t":"AAAA"`, `"x5t#S256":"AAAA"`,
	} {
		refuseHeaders(t, notAuthorized, `{"alg":"EdDSA","kid":"KID","typ":"vc+jwt",`+m+`}`)
	}
}

func TestSIG22KeyID(t *testing.T) {
	for _, kid := range []string{
		`""`, `1`, `null`, `["KID"]`, `{"id":"KID"}`, `"#z6Mk"`, `"key-1"`, `"did:example:a"`, `"did:example:a#"`,
		`"../../etc/passwd"`, `"did:example:../../x#k"`, `"https://attacker.example/key"`, `"' OR 1=1 --"`,
		`"did:example:a?service=x#k"`, `"did:example:a/path#k"`, `" KID"`, `"KID "`, `"KID\u0000"`,
	} {
		refuseHeaders(t, notAuthorized, `{"alg":"EdDSA","kid":`+kid+`,"typ":"vc+jwt"}`)
	}
	refuseHeaders(t, notAuthorized, `{"alg":"EdDSA","typ":"vc+jwt"}`)
	refuseHeaders(t, notAuthorized, `{"alg":"EdDSA","kid":"did:example:a#`+strings.Repeat("k", 2048)+`","typ":"vc+jwt"}`)
	refuseHeaders(t, tooLarge, `{"alg":"EdDSA","kid":"did:example:a#`+strings.Repeat("k", 10<<10)+`","typ":"vc+jwt"}`)
}

func TestSIG24Extensions(t *testing.T) {
	for _, m := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":["b64","b64"],"b64":true`, `"crit":"b64","b64":true`,
		`"crit":["b64"],"b64":true`, `"crit":["b64"],"b64":false`, `"crit":null`, `"crit":["typ"]`,
		`"b64":false`, `"b64":true`, `"zip":"DEF"`, `"zip":null`,
	} {
		refuseHeaders(t, transformation, `{"alg":"EdDSA","kid":"KID","typ":"vc+jwt",`+m+`}`)
	}
}

func TestSIG25Types(t *testing.T) {
	for _, typ := range []string{
		`"JWT"`, `"jwt"`, `"vp+jwt"`, `"VC+JWT"`, `"vc+JWT"`, `"application/vc+jwt"`, `"vc+ld+jwt"`, `"vc+sd-jwt"`,
		`"vc"`, `""`, `"vc+jwt "`, `null`, `["vc+jwt"]`, `1`,
	} {
		refuseHeaders(t, malformed, `{"alg":"EdDSA","kid":"KID","typ":`+typ+`}`)
	}
	refuseHeaders(t, malformed, `{"alg":"EdDSA","kid":"KID"}`)
	for _, cty := range []string{`"JWT"`, `"vp"`, `"VC"`, `"application/vc"`, `""`, `null`, `["vc"]`} {
		refuseHeaders(t, malformed, `{"alg":"EdDSA","kid":"KID","typ":"vc+jwt","cty":`+cty+`}`)
	}
	// And the other way round: a credential where a presentation is due.
	key := fixedKey(t, 1)
	for h, ok := range map[string]bool{
		goodHeader(key, "vp+jwt"): true, goodHeader(key, "vc+jwt"): false,
		`{"alg":"EdDSA","kid":"` + key.KeyID().String() + `","typ":"vp+jwt","cty":"vp"}`: true,
		`{"alg":"EdDSA","kid":"` + key.KeyID().String() + `","typ":"vp+jwt","cty":"vc"}`: false,
	} {
		_, err := vcjwt.Format().Open([]byte(token(t, key, h, "{}")), credential.KindPresentation)
		require.Equal(t, ok, err == nil, h)
	}
	_, err := vcjwt.Format().Open([]byte(token(t, key, goodHeader(key, "vc+jwt"), "{}")), "")
	require.Equal(t, "request.invalid", codeOf(t, err))
}

// Claims repeated in the header (RFC 7519 section 5.3) and members that nobody
// knows are refused: two places that could differ, and words not understood.
func TestUnknownHeaders(t *testing.T) {
	for _, m := range []string{`"iss":"did:example:a"`, `"sub":"did:example:a"`, `"aud":"x"`, `"exp":1`,
		`"nonce":"n"`, `"x":1`, `"url":"https://a.example"`, `"enc":"A256GCM"`} {
		refuseHeaders(t, malformed, `{"alg":"EdDSA","kid":"KID","typ":"vc+jwt",`+m+`}`)
	}
}

// RES-01: a header at the cap and one above, and the lower cap of a parser.
func TestRES01JWTHeaderBytes(t *testing.T) {
	key := fixedKey(t, 1)
	h := goodHeader(key, "vc+jwt")
	pad := func(n int) string { return h + strings.Repeat(" ", n-len(h)) }
	open := func(header string) error {
		_, err := vcjwt.Format().Open([]byte(token(t, key, header, "{}")), credential.KindCredential)
		return err
	}
	require.NoError(t, open(pad(4096)))
	require.Equal(t, tooLarge, codeOf(t, open(pad(4097))))

	p := credential.Parser{Formats: []credential.Format{vcjwt.Format()}, Bounds: credential.Bounds{JWTHeaderBytes: 1000}}
	_, err := p.Credential([]byte(token(t, key, pad(1000), "{}")))
	require.NotEqual(t, tooLarge, codeOf(t, err), "the payload is refused, not the header")
	_, err = p.Credential([]byte(token(t, key, pad(1001), "{}")))
	require.Equal(t, tooLarge, codeOf(t, err))
}
