package did_test

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

func TestMultikeyRoundTrip(t *testing.T) {
	text := testKey(0).PublicKey().Multikey()
	require.Equal(t, "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", text)
	key, err := did.ParseMultikey(text)
	require.NoError(t, err)
	require.Equal(t, testKey(0).PublicKey(), key)
	require.Empty(t, did.PublicKey{}.Multikey())
}

// notMultikeys are refused as Multikey text and behind "did:key:".
var notMultikeys = map[string]string{
	"no z":                "6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"base64url":           "u7QEDoQe_iojd",
	"upper case":          "Z6MKITBZ1YMUEPAQ4HEHYSF1H8QUG5GLVVQR3DJDX3MDOOWP",
	"not base58":          "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW0",
	"extra leading one":   "z16MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"z alone":             "z",
	"X25519 key":          "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
	"P-256 key":           "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
	"secret key":          "z3u2en7t5LR2WtQH5PfFqMqwVHgeXouLzo6haApm8XHqvjxq",
	"two keys":            "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"31 bytes":            multibaseKey(31),
	"33 bytes":            multibaseKey(33),
	"no key at all":       multibaseKey(0),
	"codec of two bytes":  "z" + multibase.EncodeBase58(append([]byte{0xed, 0x02}, make([]byte, 32)...)),
	"codec without 0x01":  "z" + multibase.EncodeBase58(append([]byte{0xed}, testKey(1).PublicKey().Bytes()...)),
	"raw key, no codec":   "z" + multibase.EncodeBase58(testKey(1).PublicKey().Bytes()),
	"version of did:key":  "1:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
	"trailing characters": "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp:",
}

func multibaseKey(n int) string {
	key := make([]byte, n)
	copy(key, testKey(1).PublicKey().Bytes())
	return multikeyText(key)
}

func TestParseMultikeyRefuses(t *testing.T) {
	for name, text := range notMultikeys {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParseMultikey(text)
			require.ErrorIs(t, err, did.ErrKey)
		})
	}
	_, err := did.ParseMultikey("")
	require.ErrorIs(t, err, did.ErrKey)
	_, err = did.ParseMultikey(" z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
	require.ErrorIs(t, err, did.ErrKey)
	_, err = did.ParseSecretMultikey("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
	require.ErrorIs(t, err, did.ErrKey)
}

var (
	jwkX = base64.RawURLEncoding.EncodeToString(testKey(1).PublicKey().Bytes())
	jwkD = base64.RawURLEncoding.EncodeToString(privateKey(1).Seed())
)

func TestParseJWKAccepts(t *testing.T) {
	for _, extra := range []string{
		``, `,"alg":"EdDSA"`, `,"alg":"Ed25519"`, `,"use":"sig"`, `,"key_ops":["verify"]`, `,"key_ops":["sign","verify"]`,
		`,"kid":"k","ext":true,"x5c":[]`,
	} {
		key, err := did.ParsePublicJWK([]byte(`{"kty":"OKP","crv":"Ed25519","x":"` + jwkX + `"` + extra + `}`))
		require.NoError(t, err, extra)
		require.Equal(t, testKey(1).PublicKey(), key)
	}
	pair, err := did.ParsePrivateJWK([]byte(`{"kty":"OKP","crv":"Ed25519","x":"` + jwkX + `","d":"` + jwkD + `","key_ops":["sign"]}`))
	require.NoError(t, err)
	require.Equal(t, testKey(1).KeyID(), pair.KeyID())
}

// notJWKs are refused as public JWKs, in did:jwk and in documents.
var notJWKs = map[string]string{
	"private":             `{"kty":"OKP","crv":"Ed25519","x":"X","d":"D"}`,
	"d null":              `{"kty":"OKP","crv":"Ed25519","x":"X","d":null}`,
	"kty EC":              `{"kty":"EC","crv":"Ed25519","x":"X"}`,
	"kty in lower case":   `{"kty":"okp","crv":"Ed25519","x":"X"}`,
	"no kty":              `{"crv":"Ed25519","x":"X"}`,
	"kty a number":        `{"kty":1,"crv":"Ed25519","x":"X"}`,
	"crv X25519":          `{"kty":"OKP","crv":"X25519","x":"X"}`,
	"crv Ed448":           `{"kty":"OKP","crv":"Ed448","x":"X"}`,
	"no crv":              `{"kty":"OKP","x":"X"}`,
	"RSA":                 `{"kty":"RSA","n":"AQAB","e":"AQAB"}`,
	"symmetric":           `{"kty":"oct","k":"X"}`,
	"no x":                `{"kty":"OKP","crv":"Ed25519"}`,
	"x a number":          `{"kty":"OKP","crv":"Ed25519","x":1}`,
	"member in caps":      `{"kty":"OKP","crv":"Ed25519","X":"X"}`,
	"use enc":             `{"kty":"OKP","crv":"Ed25519","x":"X","use":"enc"}`,
	"use a list":          `{"kty":"OKP","crv":"Ed25519","x":"X","use":["sig"]}`,
	"alg ES256":           `{"kty":"OKP","crv":"Ed25519","x":"X","alg":"ES256"}`,
	"alg none":            `{"kty":"OKP","crv":"Ed25519","x":"X","alg":"none"}`,
	"alg null":            `{"kty":"OKP","crv":"Ed25519","x":"X","alg":null}`,
	"key_ops encrypt":     `{"kty":"OKP","crv":"Ed25519","x":"X","key_ops":["encrypt"]}`,
	"key_ops sign only":   `{"kty":"OKP","crv":"Ed25519","x":"X","key_ops":["sign"]}`,
	"key_ops empty":       `{"kty":"OKP","crv":"Ed25519","x":"X","key_ops":[]}`,
	"key_ops a string":    `{"kty":"OKP","crv":"Ed25519","x":"X","key_ops":"verify"}`,
	"x with padding":      `{"kty":"OKP","crv":"Ed25519","x":"X="}`,
	"x with line feed":    `{"kty":"OKP","crv":"Ed25519","x":"X\n"}`,
	"x with line feed in": `{"kty":"OKP","crv":"Ed25519","x":"\r\nX"}`,
	"x with space":        `{"kty":"OKP","crv":"Ed25519","x":" X"}`,
	"x with trailing bit": `{"kty":"OKP","crv":"Ed25519","x":"TRAIL"}`,
	"x in base64":         `{"kty":"OKP","crv":"Ed25519","x":"+/+/` + strings.Repeat("A", 39) + `"}`,
	"x of 31 bytes":       `{"kty":"OKP","crv":"Ed25519","x":"` + strings.Repeat("B", 42) + `"}`,
	"x empty":             `{"kty":"OKP","crv":"Ed25519","x":""}`,
	"an array":            `[]`,
	"null":                `null`,
	"a string":            `"X"`,
}

// badJSON is no JSON, or two documents in one.
var badJSON = map[string]string{
	"empty":             ``,
	"cut":               `{"kty":"OKP","crv":"Ed25519","x":"X"`,
	"data behind":       `{"kty":"OKP","crv":"Ed25519","x":"X"}{}`,
	"byte order mark":   "\ufeff" + `{"kty":"OKP","crv":"Ed25519","x":"X"}`,
	"duplicate x":       `{"kty":"OKP","crv":"Ed25519","x":"X","x":"OTHER"}`,
	"duplicate x first": `{"kty":"OKP","crv":"Ed25519","x":"OTHER","x":"X"}`,
	"duplicate kty":     `{"kty":"EC","kty":"OKP","crv":"Ed25519","x":"X"}`,
	"escaped duplicate": `{"kty":"OKP","crv":"Ed25519","x":"OTHER","\u0078":"X"}`,
	"nested duplicate":  `{"kty":"OKP","crv":"Ed25519","x":"X","ext":{"a":1,"a":2}}`,
}

func fillJWK(text string) string {
	// The last of 43 characters has two bits to spare.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	trail := jwkX[:42] + string(alphabet[strings.IndexByte(alphabet, jwkX[42])+1])
	other := base64.RawURLEncoding.EncodeToString(testKey(2).PublicKey().Bytes())
	return strings.NewReplacer(`"X"`, `"`+jwkX+`"`, `"X=`, `"`+jwkX+`=`, `"X\n`, `"`+jwkX+`\n`, `\nX`, `\n`+jwkX, `" X`, `" `+jwkX,
		`"D"`, `"`+jwkD+`"`, `TRAIL`, trail, `OTHER`, other).Replace(text)
}

func TestParseJWKRefuses(t *testing.T) {
	for name, text := range notJWKs {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParsePublicJWK([]byte(fillJWK(text)))
			require.ErrorIs(t, err, did.ErrKey)
		})
	}
}

func TestPAR01JWKStrictJSON(t *testing.T) {
	for name, text := range badJSON {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParsePublicJWK([]byte(fillJWK(text)))
			require.ErrorIs(t, err, did.ErrKey)
			_, err = did.ParsePrivateJWK([]byte(fillJWK(strings.Replace(text, "{", `{"d":"D",`, 1))))
			require.ErrorIs(t, err, did.ErrKey)
		})
	}
}

func TestJWKCaps(t *testing.T) {
	jwk := fillJWK(`{"kty":"OKP","crv":"Ed25519","x":"X"}`)
	_, err := did.ParsePublicJWK([]byte(jwk + strings.Repeat(" ", 2048-len(jwk))))
	require.NoError(t, err)
	_, err = did.ParsePublicJWK([]byte(jwk + strings.Repeat(" ", 2049-len(jwk))))
	require.ErrorIs(t, err, did.ErrKey)
}

func TestParsePrivateJWKRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"public":              `{"kty":"OKP","crv":"Ed25519","x":"X"}`,
		"x of another":        `{"kty":"OKP","crv":"Ed25519","x":"OTHER","d":"D"}`,
		"no x":                `{"kty":"OKP","crv":"Ed25519","d":"D"}`,
		"key_ops verify only": `{"kty":"OKP","crv":"Ed25519","x":"X","d":"D","key_ops":["verify"]}`,
		"use enc":             `{"kty":"OKP","crv":"Ed25519","x":"X","d":"D","use":"enc"}`,
		"d a number":          `{"kty":"OKP","crv":"Ed25519","x":"X","d":7}`,
		"d of 31 bytes":       `{"kty":"OKP","crv":"Ed25519","x":"X","d":"` + strings.Repeat("B", 42) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParsePrivateJWK([]byte(fillJWK(text)))
			require.ErrorIs(t, err, did.ErrKey)
		})
	}
}

func TestParsePEMRefuses(t *testing.T) {
	private := testKey(1).PrivatePEM()
	public := testKey(1).PublicKey().PEM()
	block := func(typ string, headers map[string]string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: typ, Headers: headers, Bytes: der})
	}
	privateDER, _ := pem.Decode(private)
	publicDER, _ := pem.Decode(public)
	x25519 := append([]byte(nil), publicDER.Bytes...)
	x25519[8] = 0x6e
	for name, text := range map[string][]byte{
		"empty":            nil,
		"no PEM":           []byte("hello"),
		"text in front":    append([]byte("# a key\n"), public...),
		"data behind":      append(append([]byte(nil), public...), "x"...),
		"two blocks":       append(append([]byte(nil), public...), public...),
		"broken and good":  append([]byte("-----BEGIN PUBLIC KEY-----\n!\n"), public...),
		"cut":              public[:len(public)-20],
		"headers":          block("PUBLIC KEY", map[string]string{"Proc-Type": "4,ENCRYPTED"}, publicDER.Bytes),
		"another type":     block("ED25519 PUBLIC KEY", nil, publicDER.Bytes),
		"certificate":      block("CERTIFICATE", nil, publicDER.Bytes),
		"X25519":           block("PUBLIC KEY", nil, x25519),
		"no DER":           block("PUBLIC KEY", nil, []byte("x")),
		"longer DER":       block("PUBLIC KEY", nil, append(publicDER.Bytes, 0)),
		"shorter DER":      block("PUBLIC KEY", nil, publicDER.Bytes[:43]),
		"private DER":      block("PUBLIC KEY", nil, privateDER.Bytes),
		"private key":      private,
		"more than 2048 B": append([]byte(strings.Repeat("\n", 2049-len(public))), public...),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := did.ParsePublicPEM(text)
			require.ErrorIs(t, err, did.ErrKey)
			private := strings.ReplaceAll(string(text), "PUBLIC KEY", "PRIVATE KEY")
			_, err = did.ParsePrivatePEM([]byte(private))
			if name != "private key" && name != "private DER" {
				require.ErrorIs(t, err, did.ErrKey)
			}
		})
	}
	for name, text := range map[string][]byte{
		"public key":   public,
		"headers":      block("PRIVATE KEY", map[string]string{"DEK-Info": "x"}, privateDER.Bytes),
		"SEC 1 type":   block("EC PRIVATE KEY", nil, privateDER.Bytes),
		"longer DER":   block("PRIVATE KEY", nil, append(privateDER.Bytes, 0)),
		"two blocks":   append(append([]byte(nil), private...), private...),
		"OpenSSH type": block("OPENSSH PRIVATE KEY", nil, privateDER.Bytes),
	} {
		_, err := did.ParsePrivatePEM(text)
		require.ErrorIs(t, err, did.ErrKey, name)
	}
	require.Nil(t, did.PublicKey{}.PEM())
	require.Nil(t, did.PublicKey{}.JWK())
}
