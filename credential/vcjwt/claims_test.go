package vcjwt_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// with adds a member behind the others of an object.
func with(object, member string) string {
	return strings.TrimRight(object, " \n")[:len(strings.TrimRight(object, " \n"))-1] + "," + member + "}"
}

const (
	subject = "did:example:subject"
	holder  = "did:example:holder"
	plainVC = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:1",` +
		`"type":["VerifiableCredential"],"issuer":"did:example:issuer","validFrom":"2026-11-21T09:00:00Z",` +
		`"validUntil":"2026-11-22T09:00:00.5Z","credentialSubject":{"id":"did:example:subject"}}`
	plainVP    = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:2","type":["VerifiablePresentation"],"holder":"did:example:holder"}`
	validFrom  = "1795251600"
	validUntil = "1795338000"
)

// SIG-26, TIM-09, M11: registered claims repeat the credential or are refused.
func TestSIG26ClaimsOfACredential(t *testing.T) {
	key := fixedKey(t, 1)
	parse := func(payload string) error {
		_, err := credential.Parse([]byte(token(t, key, goodHeader(key, "vc+jwt"), payload)), vcjwt.Format())
		return err
	}
	require.NoError(t, parse(plainVC))
	for _, ok := range []string{
		`"iss":"did:example:issuer"`, `"jti":"urn:uuid:1"`, `"sub":"did:example:subject"`,
		`"nbf":` + validFrom, `"exp":` + validUntil, `"iat":0`, `"iat":1795251600`,
		`"nbf":1795251601`, `"exp":1795337999`, `"exp":1795338001`, // the signature's own
	} {
		require.NoError(t, parse(with(plainVC, ok)), ok)
	}
	for _, bad := range []string{
		`"vc":{}`, `"vp":{}`, `"vc":null`, `"aud":"x"`, `"nonce":"n"`,
		`"iss":"did:example:other"`, `"iss":""`, `"iss":null`, `"iss":{"id":"did:example:issuer"}`, `"iss":["did:example:issuer"]`,
		`"sub":"did:example:other"`, `"sub":""`, `"sub":1`, `"jti":"urn:uuid:3"`, `"jti":1`,
		`"nbf":"1795251600"`, `"exp":"1795338000"`,
		`"exp":1795338000.5`, `"exp":1795338000.0`, `"exp":1e30`, `"exp":1e400`, `"exp":9223372036854775807`, `"exp":-1`, `"exp":null`, `"exp":1795338e3`,
		`"iat":"2010-01-01T19:23:24Z"`, `"iat":-1`, `"iat":253402300800`, `"iat":1.5`, `"iat":null`,
		`"exp":` + validUntil + `,"exp":` + validUntil, `"unknown":"x"`, `"cnf":{"kid":"x"}`, `"client_id":"x"`,
	} {
		err := parse(with(plainVC, bad))
		require.Error(t, err, bad)
		require.Contains(t, []string{malformed, "envelope.data_loss"}, codeOf(t, err), bad)
	}
	// A claim about what the credential does not say.
	require.Error(t, parse(with(strings.Replace(plainVC, `"id":"urn:uuid:1",`, ``, 1), `"jti":"urn:uuid:1"`)))
	require.NoError(t, parse(with(strings.Replace(plainVC, `,"validUntil":"2026-11-22T09:00:00.5Z"`, ``, 1), `"exp":`+validUntil)))
	require.Error(t, parse(with(strings.Replace(plainVC, `{"id":"did:example:subject"}`,
		`[{"id":"did:example:subject"},{"id":"did:example:b"}]`, 1), `"sub":"did:example:subject"`)))
}

func TestSIG26ClaimsOfAPresentation(t *testing.T) {
	key := fixedKey(t, 1)
	parse := func(payload string) (*credential.Presentation, error) {
		return credential.ParsePresentation([]byte(token(t, key, goodHeader(key, "vp+jwt"), payload)), vcjwt.Format())
	}
	vp, err := parse(with(plainVP, `"iss":"did:example:holder","sub":"did:example:holder","jti":"urn:uuid:2",`+
		`"aud":["a","b"],"nonce":"n","iat":1795251600,"nbf":1795251700,"exp":1795338000`))
	require.NoError(t, err)
	require.Len(t, vp.Proofs(), 1)
	proof := vp.Proofs()[0]
	require.Equal(t, []string{"a", "b"}, proof.Domain)
	require.Equal(t, "n", proof.Challenge)
	require.Equal(t, int64(1795251700), proof.Created.Unix(), "the later of iat and nbf")
	require.Equal(t, int64(1795338000), proof.Expires.Unix())
	require.Equal(t, "application/vp+jwt", proof.Type)
	require.Empty(t, vp.Unverified().Extra, "claims are not members of the presentation")

	for _, bad := range []string{
		`"vc":{}`, `"vp":{}`, `"iss":"did:example:other"`, `"iss":null`, `"sub":"did:example:other"`, `"sub":1`, `"jti":"urn:uuid:3"`, `"jti":1`,
		`"aud":[]`, `"aud":""`, `"aud":1`, `"aud":["a","a"]`, `"aud":["a",1]`, `"aud":null`, `"nonce":""`, `"nonce":1`, `"nonce":["n"]`,
		`"exp":1795338000.9`, `"exp":"1795338000"`, `"exp":1e30`, `"exp":9223372036854775807`, `"exp":-1`, `"nbf":null`, `"iat":"x"`, `"unknown":"x"`,
	} {
		_, err := parse(with(plainVP, bad))
		require.Error(t, err, bad)
		require.Contains(t, []string{malformed, "envelope.data_loss"}, codeOf(t, err), bad)
	}
	_, err = parse(with(strings.Replace(plainVP, `,"holder":"did:example:holder"`, ``, 1), `"iss":"did:example:holder"`))
	require.Error(t, err)
	_, err = parse(with(strings.Replace(plainVP, `"id":"urn:uuid:2",`, ``, 1), `"jti":"urn:uuid:2"`))
	require.Error(t, err)
}

// SIG-30, PAR-01, PAR-05, PAR-07: the payload is a document like any other.
func TestSIG30Payloads(t *testing.T) {
	key := fixedKey(t, 1)
	signed, err := credential.SignJSON(context.Background(), key,
		[]byte(strings.Replace(plainVC, "did:example:issuer", key.DID().String(), 1)), credential.SignOptions{})
	require.NoError(t, err)
	for _, payload := range []string{
		signed.Text(), with(plainVC, `"proof":{}`), with(plainVC, `"proof":[]`), with(plainVC, `"proof":null`),
		with(plainVC, `"id":"urn:uuid:1"`), with(plainVC, `"issuer":"did:example:issuer"`), plainVC + "{}", plainVC + "x",
		"", "null", "[]", `"x"`, "[" + plainVC + "]", strings.Replace(plainVC, "urn:uuid:1", "urn:uuid:\xff", 1), "\uFEFF" + plainVC,
		plainVP, "{}",
	} {
		_, err := credential.Parse([]byte(token(t, key, goodHeader(key, "vc+jwt"), payload)), vcjwt.Format())
		require.Error(t, err, "%.80q", payload)
	}
	_, err = credential.SignJSON(context.Background(), key, signed.Bytes(), credential.SignOptions{Format: vcjwt.Format()})
	require.Equal(t, "request.invalid", codeOf(t, err))
}

// What an EnvelopedVerifiableCredential may be, alone and in a presentation.
func TestEnvelopedVerifiableCredential(t *testing.T) {
	w := verifytest.NewWorld(t)
	jwt := issueJWT(t, w, w.Passport())
	raw := jwt.Text()
	enveloped := func(context, typ, id, more string) string {
		return `{"@context":` + context + `,"type":` + typ + `,"id":` + id + more + `}`
	}
	v2, typ, id := `"https://www.w3.org/ns/credentials/v2"`, `"EnvelopedVerifiableCredential"`, `"data:application/vc+jwt,`+raw+`"`
	for _, good := range []string{
		jwt.Embedded(), enveloped(v2, typ, id, ""), enveloped("["+v2+"]", "["+typ+"]", id, ""), "\n " + jwt.Embedded() + " ",
	} {
		s, err := credential.Parse([]byte(good), vcjwt.Format())
		require.NoError(t, err)
		require.Equal(t, raw, s.Text(), "the credential is what is inside")
		require.Equal(t, jwt.Digest(), s.Digest())
		require.NoError(t, s.CheckProof(0, w.Issuer.PublicKey(), "assertionMethod"))
		_, err = credential.Parse([]byte(good))
		require.Equal(t, "envelope.unsupported", codeOf(t, err), "no format was named")
	}
	presented, err := credential.ParsePresentation(w.Present(jwt, w.Intent(), sealVP), vcjwt.Format())
	require.NoError(t, err)
	bad := []string{
		enveloped(`[]`, typ, id, ""), enveloped(`"https://www.w3.org/ns/credentials/examples/v2"`, typ, id, ""),
		enveloped("["+v2+`,"https://w3id.org/safeconduct/v1"]`, typ, id, ""), enveloped("null", typ, id, ""),
		`{"type":` + typ + `,"id":` + id + `}`, enveloped(v2, `"VerifiableCredential"`, id, ""),
		enveloped(v2, "["+typ+`,"VerifiableCredential"]`, id, ""), enveloped(v2, typ, id, `,"issuer":"did:example:x"`),
		enveloped(v2, typ, id, `,"proof":{}`), `{"@context":` + v2 + `,"type":` + typ + `}`,
		enveloped(v2, typ, `["data:application/vc+jwt,`+raw+`"]`, ""), enveloped(v2, typ, `"`+raw+`"`, ""), enveloped(v2, typ, "null", ""),
		enveloped(v2, typ, `"data:,`+raw+`"`, ""), enveloped(v2, typ, `"data:application/jwt,`+raw+`"`, ""),
		enveloped(v2, typ, `"data:application/vp+jwt,`+raw+`"`, ""), enveloped(v2, typ, `"data:application/VC+JWT,`+raw+`"`, ""),
		enveloped(v2, typ, `"data:application/vc+jwt;charset=utf-8,`+raw+`"`, ""), enveloped(v2, typ, `"data:application/vc+jwt;base64,`+b64(raw)+`"`, ""),
		enveloped(v2, typ, `"DATA:application/vc+jwt,`+raw+`"`, ""), enveloped(v2, typ, `"data:application/vc+jwt, `+raw+`"`, ""),
		enveloped(v2, typ, `"data:application/vc+jwt,`+raw+`#x"`, ""), enveloped(v2, typ, `"data:application/vc+jwt,"`, ""),
		enveloped(v2, typ, `"data:application/vc+jwt,`+strings.Replace(raw, ".", "%2E", 1)+`"`, ""),
		enveloped(v2, typ, `"data:application/vp+jwt,`+presented.Text()+`"`, ""), enveloped(v2, typ, `"data:application/vc+jwt,`+presented.Text()+`"`, ""),
	}
	nested := enveloped(v2, typ, `"data:application/vc+ld+json,`+strings.ReplaceAll(jwt.Embedded(), `"`, `\"`)+`"`, "")
	for _, text := range append(bad, nested) {
		_, err := credential.Parse([]byte(text), vcjwt.Format())
		require.Error(t, err, "%.120q", text)
		vp := with(plainVP, `"verifiableCredential":[`+text+`]`)
		_, err = credential.ParsePresentation([]byte(vp), vcjwt.Format())
		require.Error(t, err, "%.120q", text)
	}
	// A presentation is not a credential.
	_, err = credential.Parse([]byte(presented.Text()), vcjwt.Format())
	require.Error(t, err)
	_, err = credential.ParsePresentation([]byte(raw), vcjwt.Format())
	require.Error(t, err)
}
