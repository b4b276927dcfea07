package vcjwt_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// respell returns a segment with unused bits that are not zero, or "" if it
// has none.
func respell(segment string) string {
	if len(segment)%4 == 0 {
		return ""
	}
	at := strings.IndexByte(alphabet, segment[len(segment)-1])
	return segment[:len(segment)-1] + string(alphabet[at|1])
}

// SIG-27: one token has one text. go-jose takes many.
func TestSIG27OneSpelling(t *testing.T) {
	key := fixedKey(t, 1)
	good := token(t, key, goodHeader(key, "vc+jwt")+" ", `{"ab":1}`) // lengths with unused bits in all segments
	h, rest, _ := strings.Cut(good, ".")
	p, s, _ := strings.Cut(rest, ".")
	_, err := vcjwt.Format().Open([]byte(good), credential.KindCredential)
	require.NoError(t, err)

	texts := map[string]string{
		"line feed behind": good + "\n", "CR LF behind": good + "\r\n", "space behind": good + " ", "tab behind": good + "\t",
		"space in front": " " + good, "line feed in front": "\n" + good, "NUL behind": good + "\x00",
		"line feed in the header": h[:9] + "\n" + h[9:] + "." + p + "." + s, "CR in the payload": h + "." + p[:3] + "\r" + p[3:] + "." + s,
		"line feed in the signature": h + "." + p + "." + s[:50] + "\n" + s[50:], "space in the signature": h + "." + p + "." + s[:50] + " " + s[50:],
		"space around a point": h + " ." + p + "." + s, "line feed at a point": h + "." + p + ".\n" + s,
		"padded header": h + "=." + p + "." + s, "padded payload": h + "." + p + "=." + s, "padded signature": good + "==",
		"standard alphabet": h + "." + strings.NewReplacer("-", "+", "_", "/").Replace(p+"-_") + "." + s,
		"percent":           h + "%2E" + p + "." + s, "quotes": `"` + good + `"`, "scheme": "Bearer " + good,
	}
	for name, segments := range map[string][3]string{"header bits": {respell(h), p, s},
		"payload bits": {h, respell(p), s}, "signature bits": {h, p, respell(s)}} {
		if segments[0] != "" && segments[1] != "" && segments[2] != "" {
			texts[name] = strings.Join(segments[:], ".")
		}
	}
	require.Contains(t, texts, "signature bits")
	accepted := 0
	for name, text := range texts {
		_, err := vcjwt.Format().Open([]byte(text), credential.KindCredential)
		require.Error(t, err, name)
		if name != "quotes" && name != "scheme" {
			require.Equal(t, malformed, codeOf(t, err), name)
		}
		p := credential.Parser{Formats: []credential.Format{vcjwt.Format()}}
		_, err = p.Credential([]byte(text))
		require.Error(t, err, name)
		if _, err := judge(text, key.PublicKey()); err == nil {
			accepted++
		}
	}
	require.GreaterOrEqual(t, accepted, 3, "the test lost its point if go-jose refuses all of these")
}

func TestSIG28Shapes(t *testing.T) {
	key := fixedKey(t, 1)
	good := token(t, key, goodHeader(key, "vc+jwt"), `{}`)
	h, rest, _ := strings.Cut(good, ".")
	p, s, _ := strings.Cut(rest, ".")
	for name, text := range map[string]string{
		"one segment": h, "two": h + "." + p, "four": good + "." + s, "five, as encrypted": good + ".." + s,
		"point in front": "." + good, "point behind": good + ".", "no header": "." + p + "." + s, "only points": "..",
	} {
		_, err := vcjwt.Format().Open([]byte(text), credential.KindCredential)
		require.Error(t, err, name)
		require.Equal(t, malformed, codeOf(t, err), name)
		require.ErrorContains(t, err, map[bool]string{true: "has 3 segments", false: ""}[strings.Count(text, ".") != 2], name)
	}
	// Without payload or signature there is nothing to accept.
	_, err := vcjwt.Format().Open([]byte(h+"."+p+"."), credential.KindCredential)
	require.NoError(t, err, "parsing does not verify")

	// However many points there are, they are not split one by one.
	for _, text := range []string{strings.Repeat(".", 1<<20), "e" + strings.Repeat(".", 1<<20), "eyJ" + strings.Repeat(".", 256<<10-3)} {
		raw := []byte(text)
		allocs := testing.AllocsPerRun(5, func() {
			_, err := vcjwt.Format().Open(raw, credential.KindCredential)
			require.Error(t, err)
		})
		require.LessOrEqual(t, allocs, 16.0, "%d bytes", len(raw))
	}
}

// SIG-28: the JSON serialisations are documents of another kind.
func TestSIG28JSONSerialisation(t *testing.T) {
	key := fixedKey(t, 1)
	good := token(t, key, goodHeader(key, "vc+jwt"), `{}`)
	h, rest, _ := strings.Cut(good, ".")
	p, s, _ := strings.Cut(rest, ".")
	parser := credential.Parser{Formats: []credential.Format{vcjwt.Format()}}
	for _, text := range []string{
		`{"protected":"` + h + `","payload":"` + p + `","signature":"` + s + `"}`,
		`{"protected":"` + h + `","header":{"kid":"did:example:a#k"},"payload":"` + p + `","signature":"` + s + `"}`,
		`{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + s + `"},{"protected":"` + h + `","signature":"` + s + `"}]}`,
	} {
		_, err := vcjwt.Format().Open([]byte(text), credential.KindCredential)
		require.ErrorIs(t, err, credential.ErrNotThisFormat)
		_, err = parser.Credential([]byte(text))
		require.Error(t, err)
		_, err = parser.Presentation([]byte(text))
		require.Error(t, err)
	}
}

func TestNotThisFormat(t *testing.T) {
	for _, text := range []string{
		"", " ", "{}", `{"a":"b.c.d"}`, "[1.5]", "hello", "hello.world.x", "\xd8\x3d\x2e", "eyJhbGciOiJFZERTQSJ9.e30.c2ln~WyJzYWx0Il0~", "elephant", "~",
	} {
		_, err := vcjwt.Format().Open([]byte(text), credential.KindCredential)
		require.ErrorIs(t, err, credential.ErrNotThisFormat, "%q", text)
	}
}

func TestRES01JWTBytes(t *testing.T) {
	key := fixedKey(t, 1)
	h := goodHeader(key, "vc+jwt")
	sized := func(n int) []byte { // a token of exactly n bytes; n is chosen so that it exists
		payload := (n - len(b64(h)) - 1 - 87) * 3 / 4
		raw := token(t, key, h, strings.Repeat(" ", payload))
		require.Len(t, raw, n)
		return []byte(raw)
	}
	top := 256 << 10
	for (top-len(b64(h))-88)%4 == 1 {
		h += " "
	}
	_, err := vcjwt.Format().Open(sized(top), credential.KindCredential)
	require.NoError(t, err)
	_, err = vcjwt.Format().Open(append(sized(top), 'A'), credential.KindCredential)
	require.Equal(t, tooLarge, codeOf(t, err))

	p := credential.Parser{Formats: []credential.Format{vcjwt.Format()}, Bounds: credential.Bounds{JWTBytes: 3000}}
	good := token(t, key, goodHeader(key, "vc+jwt"), strings.Repeat(" ", 3000))
	_, err = p.Credential([]byte(good))
	require.Equal(t, tooLarge, codeOf(t, err))
	p.Bounds.JWTBytes = len(good)
	_, err = p.Credential([]byte(good))
	require.Equal(t, malformed, codeOf(t, err), "white space is no document, and that is all")
}

func TestKeys(t *testing.T) {
	key := fixedKey(t, 1)
	env, err := vcjwt.Format().Open([]byte(token(t, key, goodHeader(key, "vc+jwt"), `{}`)), credential.KindCredential)
	require.NoError(t, err)
	require.NoError(t, env.Check(key.PublicKey()))
	for _, k := range []did.PublicKey{{}, fixedKey(t, 2).PublicKey()} {
		require.Equal(t, "proof.invalid", codeOf(t, env.Check(k)))
	}
}

// A signature has 64 bytes.
func TestSignatureLength(t *testing.T) {
	key := fixedKey(t, 1)
	good := token(t, key, goodHeader(key, "vc+jwt"), `{}`)
	input, sig := good[:strings.LastIndexByte(good, '.')+1], good[strings.LastIndexByte(good, '.')+1:]
	for _, s := range []string{"", b64("x"), sig[:84], sig[:84] + "AAAA", sig[:84] + "AAAAAA" + sig} {
		env, err := vcjwt.Format().Open([]byte(input+s), credential.KindCredential)
		require.NoError(t, err)
		err = env.Check(key.PublicKey())
		require.Equal(t, "proof.invalid", codeOf(t, err))
		require.ErrorContains(t, err, "a signature has 64 bytes")
	}
}

// What is opened does not change when the caller uses its buffer again.
func TestOpenKeepsACopy(t *testing.T) {
	key := fixedKey(t, 1)
	raw := []byte(token(t, key, goodHeader(key, "vc+jwt"), `{}`))
	env, err := vcjwt.Format().Open(raw, credential.KindCredential)
	require.NoError(t, err)
	text := string(raw)
	clear(raw)
	require.Equal(t, text, string(env.AppendText(nil)))
	require.NoError(t, env.Check(key.PublicKey()))
}
