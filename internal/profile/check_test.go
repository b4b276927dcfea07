package profile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/profile"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

func parse(t testing.TB, text string) strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse(text, limits.Default().JSON(1<<20))
	require.NoError(t, err, text)
	return v
}

func resolve(t testing.TB, urls ...string) *contexts.Active {
	t.Helper()
	a, err := contexts.Default().Resolve(urls)
	require.NoError(t, err)
	return a
}

func passport(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../contexts/testdata/passport.json")
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}

func TestCheckPassport(t *testing.T) {
	a := resolve(t, contexts.CredentialsV2, contexts.SafeconductV1)
	root := parse(t, passport(t))
	claims, err := profile.Check(root, a, profile.Options{})
	require.NoError(t, err)
	require.Equal(t, 78, claims)
}

// edit replaces one piece of the passport, which must be there once.
func edit(t testing.TB, old, new string) string {
	t.Helper()
	text := passport(t)
	require.Equal(t, 1, strings.Count(text, old), old)
	return strings.Replace(text, old, new, 1)
}

func TestCheckRefusals(t *testing.T) {
	const (
		lost, bad, ctx, big = code.EnvelopeDataLoss, code.EnvelopeMalformed, code.EnvelopeContext, code.EnvelopeTooLarge
		role                = `"role":"buyer"`
		principal           = `"did:web:alice.example"`
	)
	for name, c := range map[string]struct {
		old, new string
		code     code.Code
		path     string
	}{
		"CAN09 undefined term":                  {role, `"evil":"x"`, lost, "/credentialSubject/evil"},
		"CAN09 term of another scope":           {role, `"currency":"EUR"`, lost, "/credentialSubject/currency"},
		"CAN09 type-scoped term a level deeper": {`"level":"L3"`, `"grantId":"x"`, lost, "/credentialSubject/assurance/grantId"},
		"CAN09 undefined type":                  {`"type":"AIAgent"`, `"type":["AIAgent","Evil"]`, lost, "/credentialSubject/type/1"},
		"PAR03 case variant":                    {role, `"Role":"buyer"`, lost, "/credentialSubject/Role"},
		"CAN10 relative IRI":                    {principal, `"alice"`, bad, "/credentialSubject/humanPrincipal"},
		"CAN10 relative id with claims": {`"consent":{"id":"urn:safeconduct:will:01JD7Z3F0K9Q6T4V8XW2Y5N1RD"`,
			`"consent":{"id":"will"`, bad, "/credentialSubject/consent/id"},
		"CAN11 bad host":             {principal, `"http://-bad- /x"`, bad, "/credentialSubject/humanPrincipal"},
		"CAN11 long IRI":             {principal, `"https://a.example/` + strings.Repeat("a", 2031) + `"`, big, "/credentialSubject/humanPrincipal"},
		"CAN12 blank node predicate": {role, `"_:p":"x"`, bad, "/credentialSubject/_:p"},
		"CAN12 colon key":            {role, `":x":"x"`, bad, "/credentialSubject/:x"},
		"CAN12 empty key":            {role, `"":"x"`, lost, "/credentialSubject/"},
		"CAN12 IRI key":              {role, `"https://w3id.org/safeconduct#role":"x"`, bad, "/credentialSubject/https:~1~1w3id.org~1safeconduct#role"},
		"CAN12 blank node id":        {principal, `"_:b0"`, bad, "/credentialSubject/humanPrincipal"},
		"CAN15 nested context":       {role, `"@context":{"role":"urn:x:y"}`, ctx, "/credentialSubject/@context"},
		"CAN15 nested known context": {role, `"@context":"https://www.w3.org/ns/credentials/v2"`, ctx, "/credentialSubject/@context"},
		"CAN16 bad language": {`"name":"Procurement agent"`,
			`"name":{"@value":"x","@language":"a b"}`, bad, "/credentialSubject/name/@language"},
		"CAN16 datatype":           {`"name":"Procurement agent"`, `"name":{"@value":"x","@type":"urn:x:y"}`, bad, "/credentialSubject/name/@type"},
		"CAN16 language elsewhere": {role, `"role":{"@value":"x","@language":"en"}`, bad, "/credentialSubject/role/@value"},
		"CAN17 quoting":            {principal, `"urn:o> <urn:g"`, bad, "/credentialSubject/humanPrincipal"},
		"CAN19 JSON array": {`"extensions":{"oap":{"contact":"ops@acme.example","links":["https://acme.example"]}}`,
			`"extensions":[1]`, bad, "/credentialSubject/extensions"},
		"CAN19 JSON null": {`"extensions":{"oap":{"contact":"ops@acme.example","links":["https://acme.example"]}}`,
			`"extensions":null`, bad, "/credentialSubject/extensions"},
		"CAN20 fraction":        {`"delegationDepth":0`, `"delegationDepth":0.5`, bad, "/credentialSubject/delegationDepth"},
		"CAN20 exponent":        {`"delegationDepth":0`, `"delegationDepth":1e3`, bad, "/credentialSubject/delegationDepth"},
		"CAN20 2^53":            {`"delegationDepth":0`, `"delegationDepth":9007199254740992`, bad, "/credentialSubject/delegationDepth"},
		"CAN20 rounded in JSON": {`"max_tokens":100000`, `"max_tokens":0.30000000000000004441`, bad, "/credentialSubject/limits/max_tokens"},
		"CAN29 id in id":        {principal, `{"id":{"id":"urn:x:y"}}`, bad, "/credentialSubject/humanPrincipal/id"},
		"CAN29 no types":        {`"type":"AIAgent"`, `"type":[]`, bad, "/credentialSubject/type"},
		"CAN29 empty type":      {`"type":"AIAgent"`, `"type":""`, bad, "/credentialSubject/type"},
		"CAN29 number as type":  {`"type":"AIAgent"`, `"type":["AIAgent",1]`, bad, "/credentialSubject/type/1"},
		"CAN32 shared id": {`"id":"urn:safeconduct:status:issuer:01JD7Z3F0K9Q6T4V8XW2Y5N1RC"`,
			`"id":"urn:safeconduct:status:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB"`, bad, "/credentialStatus/1/id"},
		"CAN32 item doubled":           {`"regions":["DE","AT"]`, `"regions":["DE","AT","DE"]`, bad, "/credentialSubject/regions/2"},
		"CAN32 item doubled by escape": {`"regions":["DE","AT"]`, `"regions":["DE","\u0044E"]`, bad, "/credentialSubject/regions/1"},
		"CAN32 item doubled in a long array": {`"regions":["DE","AT"]`,
			`"regions":["A","B","C","D","E","F","G","H","I","\u0041"]`, bad, "/credentialSubject/regions/9"},
		"CAN32 type doubled":       {`"type":"AIAgent"`, `"type":["AIAgent","AIAgent"]`, bad, "/credentialSubject/type/1"},
		"PAR15 bidi":               {principal, `"urn:x:a\u202eb"`, bad, "/credentialSubject/humanPrincipal"},
		"PAR15 zero width":         {principal, `"urn:x:a\u200bb"`, bad, "/credentialSubject/humanPrincipal"},
		"PAR15 unassigned":         {principal, `"urn:x:a\u0378b"`, bad, "/credentialSubject/humanPrincipal"},
		"PAR15 control":            {principal, `"urn:x:a\u0085b"`, bad, "/credentialSubject/humanPrincipal"},
		"credentials in authority": {principal, `"https://user:pw@host.example/"`, bad, "/credentialSubject/humanPrincipal"},
		"null":                     {role, `"role":null`, bad, "/credentialSubject/role"},
		"empty array":              {role, `"role":[]`, bad, "/credentialSubject/role"},
		"empty object":             {role, `"assurance2":{}`, lost, "/credentialSubject/assurance2"},
		"empty node": {`"maxTransactionAmount":{"amount":"500.00","currency":"EUR"}`,
			`"maxTransactionAmount":{}`, bad, "/credentialSubject/maxTransactionAmount"},
		"array in array":    {`"regions":["DE","AT"]`, `"regions":[["DE"]]`, bad, "/credentialSubject/regions/0"},
		"object for a date": {`"verifiedAt":"2026-11-01T10:00:00Z"`, `"verifiedAt":{"id":"urn:x:y"}`, bad, "/credentialSubject/assurance/verifiedAt"},
		"number for an IRI": {principal, `7`, bad, "/credentialSubject/humanPrincipal"},
	} {
		t.Run(name, func(t *testing.T) {
			a := resolve(t, contexts.CredentialsV2, contexts.SafeconductV1)
			_, err := profile.Check(parse(t, edit(t, c.old, c.new)), a, profile.Options{})
			require.ErrorIs(t, err, c.code)
			var e *code.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.path, e.Path)
		})
	}
}

// CAN-13: keywords are no member names, at any depth.
func TestCAN13RawKeywords(t *testing.T) {
	a := resolve(t, contexts.CredentialsV2, contexts.SafeconductV1)
	for _, key := range []string{"@index", "@nest", "@included", "@reverse", "@graph", "@set", "@list", "@value", "@id", "@type", "@evil", "@json", "@none"} {
		for _, old := range []string{`"validFrom":`, `"role":`, `"level":`} {
			doc := edit(t, old, fmt.Sprintf(`%q:"urn:x:y",%s`, key, old))
			_, err := profile.Check(parse(t, doc), a, profile.Options{})
			require.ErrorIs(t, err, code.EnvelopeMalformed, "%s before %s", key, old)
		}
	}
}

func TestCheckAccepts(t *testing.T) {
	a := resolve(t, contexts.CredentialsV2, contexts.SafeconductV1)
	for name, c := range map[string][2]string{
		"language":           {`"name":"Procurement agent"`, `"name":{"@value":"Einkäufer","@language":"de-CH"}`},
		"two languages":      {`"name":"Procurement agent"`, `"name":[{"@value":"a","@language":"en"},{"@value":"b","@language":"ar","@direction":"rtl"}]`},
		"type as full IRI":   {`"type":"AIAgent"`, `"type":["AIAgent","https://example.com/Agent"]`},
		"unicode id":         {`"did:web:alice.example"`, `"https://例え.example/ü"`},
		"exact fraction":     {`"max_tokens":100000`, `"max_tokens":0.5`},
		"null inside JSON":   {`"max_tokens":100000`, `"max_tokens":null,"e":[],"o":{"@id":"x","a:b":1}`},
		"longest IRI":        {`"did:web:alice.example"`, `"https://a.example/` + strings.Repeat("a", 2030) + `"`},
		"any Unicode string": {`"role":"buyer"`, `"role":"\u202e \u0000"`},
	} {
		_, err := profile.Check(parse(t, edit(t, c[0], c[1])), a, profile.Options{})
		require.NoError(t, err, name)
	}
}

func TestCheckSkipAndExtra(t *testing.T) {
	a := resolve(t, contexts.CredentialsV2)
	root := parse(t, `{"@context":"x","type":"VerifiableCredential","proof":0,"validFrom":"2026-01-01T00:00:00Z"}`)
	_, err := profile.Check(root, a, profile.Options{})
	require.ErrorIs(t, err, code.EnvelopeMalformed, "CAN29: proof:0")
	n, err := profile.Check(root, a, profile.Options{Skip: []string{"proof"}})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	proof := parse(t, `{"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","proofPurpose":"assertionMethod","verificationMethod":"did:key:z6Mk#z6Mk"}`)
	n, err = profile.Check(root, a, profile.Options{Skip: []string{"proof"}, Extra: []profile.Member{{Name: "proof", Value: proof}}})
	require.NoError(t, err)
	require.Equal(t, 2+1+4, n)
	for _, bad := range []string{
		`{"type":"DataIntegrityProof","proofPurpose":"invalidPurpose"}`, `{"type":"DataIntegrityProof","proofPurpose":"id"}`,
		`{"id":"urn:x:y"}`, `"urn:x:y"`, `{"type":"UnknownProofType"}`,
	} {
		_, err = profile.Check(root, a, profile.Options{Skip: []string{"proof"}, Extra: []profile.Member{{Name: "proof", Value: parse(t, bad)}}})
		require.Error(t, err, bad)
	}
	_, err = profile.Check(parse(t, `{"id":"urn:x:y"}`), a, profile.Options{})
	require.ErrorIs(t, err, code.EnvelopeDataLoss, "claims nothing")
	_, err = profile.Check(root, nil, profile.Options{})
	require.ErrorIs(t, err, code.EnvelopeContext)
	_, err = profile.Check(parse(t, `[]`), a, profile.Options{})
	require.ErrorIs(t, err, code.EnvelopeMalformed)
}

// A credential inside a presentation brings its own contexts, since its term
// clears those around it, and its own identifiers.
func TestCheckPresentation(t *testing.T) {
	a := resolve(t, contexts.CredentialsV2, contexts.SafeconductV1)
	const vc = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":"VerifiableCredential",` +
		`"issuer":"did:x:i","credentialSubject":{"id":"did:x:s"}}`
	vp := func(inside string) strictjson.Value {
		return parse(t, `{"id":"urn:x:1","type":["VerifiablePresentation","AgentPresentation"],"holder":"did:x:h","verifiableCredential":[`+inside+`]}`)
	}
	n, err := profile.Check(vp(vc), a, profile.Options{})
	require.NoError(t, err)
	require.Equal(t, 3+1+3, n)
	for name, c := range map[string]struct {
		inside string
		code   code.Code
	}{
		"without context": {`{"id":"urn:x:2","type":"VerifiableCredential"}`, code.EnvelopeDataLoss},
		"unknown context": {strings.Replace(vc, "/v2", "/v3", 1), code.EnvelopeContext},
		"inline context":  {strings.Replace(vc, `["https://www.w3.org/ns/credentials/v2"]`, `{"@vocab":"urn:x:"}`, 1), code.EnvelopeContext},
		"own context": {strings.Replace(vc, `"issuer":"did:x:i"`,
			`"issuer":{"@context":"https://www.w3.org/ns/credentials/v2","id":"did:x:i"}`, 1), code.EnvelopeContext},
		"outer term":  {strings.Replace(vc, `"issuer"`, `"holder"`, 1), code.EnvelopeDataLoss},
		"shared id":   {strings.Replace(vc, `did:x:s`, `urn:x:1`, 1), code.EnvelopeMalformed},
		"a reference": {`"urn:x:2"`, code.EnvelopeDataLoss},
	} {
		_, err := profile.Check(vp(c.inside), a, profile.Options{})
		require.ErrorIs(t, err, c.code, name)
	}
}

// Identifiers that a context would take apart are refused: the reader of the
// JSON would see another one.
func TestCompactIRI(t *testing.T) {
	a := resolve(t, contexts.CredentialsV1)
	doc := `{"type":"VerifiableCredential","issuer":"%s","credentialSubject":{"id":"did:x:y"}}`
	_, err := profile.Check(parse(t, fmt.Sprintf(doc, "did:x:i")), a, profile.Options{})
	require.NoError(t, err)
	_, err = profile.Check(parse(t, fmt.Sprintf(doc, "cred:i")), a, profile.Options{})
	require.ErrorIs(t, err, code.EnvelopeMalformed)
	require.ErrorContains(t, err, "compact IRI")
}

func TestCheckFeaturesOutsideTheProfile(t *testing.T) {
	set, err := contexts.Default().With("urn:test:ctx", []byte(`{"@context":{
		"id":"@id","type":"@type","graph":"@graph","included":"@included","nest":"@nest","rev":{"@reverse":"urn:x:r"},
		"lang":{"@id":"urn:x:l","@container":"@language"},"index":{"@id":"urn:x:i","@container":"@index"},
		"ids":{"@id":"urn:x:ids","@container":"@id"},"none":null,"a:b":"a:b","list":{"@id":"urn:x:list","@container":"@list"},
		"bad":"urn:x: y"}}`))
	require.NoError(t, err)
	a, err := set.Resolve([]string{"urn:test:ctx"})
	require.NoError(t, err)
	for doc, want := range map[string]code.Code{
		`{"graph":[{"id":"urn:x:y"}]}`: code.EnvelopeUnsupported,
		`{"included":[]}`:              code.EnvelopeUnsupported,
		`{"nest":{}}`:                  code.EnvelopeUnsupported,
		`{"rev":"urn:x:y"}`:            code.EnvelopeUnsupported,
		`{"lang":{"en":"x"}}`:          code.EnvelopeUnsupported,
		`{"index":{"en":"x"}}`:         code.EnvelopeUnsupported,
		`{"ids":{"urn:x:y":{}}}`:       code.EnvelopeUnsupported,
		`{"none":1}`:                   code.EnvelopeDataLoss,
		`{"bad":1}`:                    code.EnvelopeDataLoss,
		`{"a:b":1}`:                    code.EnvelopeMalformed,
		`{"list":[]}`:                  code.EnvelopeMalformed,
		`{"list":[[1]]}`:               code.EnvelopeMalformed,
	} {
		_, err := profile.Check(parse(t, doc), a, profile.Options{})
		require.ErrorIs(t, err, want, doc)
	}
	n, err := profile.Check(parse(t, `{"id":"urn:x:y","list":[1,1,"a"]}`), a, profile.Options{})
	require.NoError(t, err)
	require.Equal(t, 1+6, n)
}

func TestIsAbsoluteIRI(t *testing.T) {
	for _, s := range []string{
		"did:web:a.example", "urn:x:y", "https://a.b.c.d.e/", "https://a.example:8080/p?q=1#f", "mailto:a@b.example", "https://[::1]:80/",
		"did:key:z6Mk#z6Mk", "a:b", "https://例え.example/%20", "data:application/vc+jwt,ey.J-_",
		"https://a.example/x@y", "file:///etc/x", "https://a.example/!$&'()*+,;=",
	} {
		require.Equal(t, s != "file:///etc/x", contexts.IsAbsoluteIRI(s), s)
	}
	for _, s := range []string{
		"", "a", ":", "a:", ":a", "1a:b", "a b:c", "//x", "/x", "_:b", "urn:x y", "urn:x<y", "urn:x>y", "urn:x\"y", "urn:x{y", "urn:x}y", "urn:x|y",
		"urn:x\\y", "urn:x^y", "urn:x`y", "urn:x\x00", "urn:x\x7f", "urn:x\u0080", "urn:x\u200b", "urn:x\u202e", "urn:x\ufeff", "urn:x\ufffd", "urn:x\u00a0",
		"urn:x\u3000", "urn:x\ue000", "urn:x\u0378", "urn:x\xff", "urn:%", "urn:%2", "urn:%zz", "https://u@h/", "https://u:p@h/", "https:///x", "https://h:x/",
		"https://h:/", "https://[::1", "https://[zz]/", "urn:x#a#b", "urn:[x]", "ü:x", "https://a b/", "urn:x\u3164", "urn:x\ufe0f",
	} {
		require.False(t, contexts.IsAbsoluteIRI(s), "%q", s)
	}
}

func TestIsLanguageTag(t *testing.T) {
	for _, s := range []string{"en", "de-CH", "zh-Hant-TW", "x-abcdefgh", "sl-1994"} {
		require.True(t, contexts.IsLanguageTag(s), s)
	}
	for _, s := range []string{"", "-", "en-", "-en", "e n", "1a", "abcdefghi", "en-abcdefghi", "en_US", "ü"} {
		require.False(t, contexts.IsLanguageTag(s), s)
	}
}

func FuzzCheck(f *testing.F) {
	a := resolve(f, contexts.CredentialsV2, contexts.SafeconductV1)
	f.Add(passport(f))
	f.Add(`{"id":"urn:x:y","type":["VerifiablePresentation"],` +
		`"verifiableCredential":[{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential"}]}`)
	f.Add(`{"type":"VerifiableCredential","proof":0}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<16))
		if err != nil {
			return
		}
		n, err := profile.Check(v, a, profile.Options{})
		if (err == nil) != (n > 0) {
			t.Fatalf("%d claims, error %v", n, err)
		}
		if err != nil && code.Of(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
	})
}

func FuzzWith(f *testing.F) {
	for _, s := range contexts.Sources() {
		f.Add(s.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := contexts.Default().With("urn:test:ctx", []byte(text))
		if err != nil {
			if code.Of(err) != code.EnvelopeContext {
				t.Fatalf("error %v", err)
			}
			return
		}
		if _, err := set.Resolve([]string{"urn:test:ctx"}); err != nil {
			t.Fatalf("registered, but: %v", err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	a := resolve(b, contexts.CredentialsV2, contexts.SafeconductV1)
	root := parse(b, passport(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := profile.Check(root, a, profile.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	urls := []string{contexts.CredentialsV2, contexts.SafeconductV1}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := contexts.Default().Resolve(urls); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolveCold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		set, _ := new(contexts.Set).With("urn:x:y", []byte(contexts.Sources()[1].Text))
		if _, err := set.Resolve([]string{"urn:x:y"}); err != nil {
			b.Fatal(err)
		}
	}
}

// The proof of a nested credential may repeat the contexts of its document, as
// eddsa-jcs-2022 makes it; other contexts, and contexts elsewhere, are refused.
func TestContextOfANestedProof(t *testing.T) {
	const doc = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":[` +
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],` +
		`"issuer":"did:example:i","credentialSubject":{"id":"did:example:s"SUBJECT},` +
		`"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod","proofValue":"z1"PROOF}}]}`
	active, err := contexts.Default().Resolve([]string{contexts.CredentialsV2})
	require.NoError(t, err)
	check := func(subject, proof string) error {
		text := strings.NewReplacer("SUBJECT", subject, "PROOF", proof).Replace(doc)
		v, err := strictjson.Parse(text, limits.Default().JSON(1<<20))
		require.NoError(t, err)
		_, err = profile.Check(v, active, profile.Options{})
		return err
	}
	const same, other = `,"@context":["https://www.w3.org/ns/credentials/v2"]`,
		`,"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"]`
	require.NoError(t, check("", ""))
	require.NoError(t, check("", same))
	require.ErrorIs(t, check("", other), code.EnvelopeContext)
	require.ErrorIs(t, check("", `,"@context":{}`), code.EnvelopeContext)
	require.ErrorIs(t, check(same, ""), code.EnvelopeContext)
}
