package credential_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

const (
	malformed   = code.EnvelopeMalformed
	wrongCtx    = code.EnvelopeContext
	dataLoss    = code.EnvelopeDataLoss
	tooLarge    = code.EnvelopeTooLarge
	unsupported = code.EnvelopeUnsupported
)

// What VC Data Model 2.0 allows, as far as the strict profile goes.
func TestModelAccepted(t *testing.T) {
	for name, doc := range map[string]string{
		"every member":            full(t),
		"least":                   small(t),
		"no id":                   edit(t, full(t), "/id", ""),
		"no validFrom":            edit(t, full(t), "/validFrom", ""),
		"no validity at all":      edit(t, edit(t, full(t), "/validFrom", ""), "/validUntil", ""),
		"expired":                 edit(t, edit(t, full(t), "/validFrom", `"2023-01-01T00:00:00Z"`), "/validUntil", `"2023-06-01T00:00:00Z"`),
		"far future":              edit(t, edit(t, full(t), "/validFrom", `"3026-01-01T00:00:00Z"`), "/validUntil", `"9999-12-31T23:59:59Z"`),
		"from equals until":       edit(t, full(t), "/validUntil", `"2026-11-21T01:00:00+01:00"`),
		"milliseconds":            edit(t, full(t), "/validFrom", `"2026-11-21T00:00:00.123Z"`),
		"offset":                  edit(t, full(t), "/validFrom", `"2026-11-20T18:00:00-06:00"`),
		"issuer as string":        edit(t, full(t), "/issuer", `"did:example:issuer"`),
		"issuer as URL":           edit(t, full(t), "/issuer", `"https://issuer.example"`),
		"issuer with only an id":  edit(t, full(t), "/issuer", `{"id":"did:example:issuer"}`),
		"issuer name list":        edit(t, full(t), "/issuer/name", `[{"@value":"a","@language":"en"},{"@value":"b","@language":"de"}]`),
		"name as language object": edit(t, full(t), "/name", `{"@value":"a","@language":"ar","@direction":"rtl"}`),
		"name with value only":    edit(t, full(t), "/name", `{"@value":"a"}`),
		"type as one string":      edit(t, full(t), "/type", `"VerifiableCredential"`),
		"type as URL, first":      edit(t, full(t), "/type", `["https://issuer.example/types#T","VerifiableCredential"]`),
		"subject list":            edit(t, full(t), "/credentialSubject", `[{"id":"did:example:a"},{"id":"did:example:b","name":"B"}]`),
		"subject without id":      edit(t, full(t), "/credentialSubject", `{"name":"bearer"}`),
		"status list": edit(t, full(t), "/credentialStatus",
			`[{"type":"https://issuer.example/types#S"},{"id":"urn:x:s","type":"https://issuer.example/types#S"}]`),
		"schemas": edit(t, full(t), "/credentialSchema",
			`[{"id":"https://issuer.example/s1","type":"JsonSchema"},{"id":"https://issuer.example/s2","type":"JsonSchemaCredential"}]`),
		"evidence list, no id": edit(t, full(t), "/evidence", `[{"type":"https://issuer.example/types#E"},{"type":["https://issuer.example/types#E"]}]`),
		"terms without id":     edit(t, full(t), "/termsOfUse/id", ""),
		"refresh without id":   edit(t, full(t), "/refreshService/id", ""),
		"related list": edit(t, full(t), "/relatedResource",
			`[{"id":"https://a.example/","digestSRI":"sha256-x"},{"id":"https://b.example/","digestMultibase":"uEi"}]`),
		"related context, SRI": edit(t, full(t), "/relatedResource",
			`{"id":"https://www.w3.org/ns/credentials/v2","digestSRI":"sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"}`),
		"related context, SHA-256": edit(t, full(t), "/relatedResource",
			`{"id":"https://www.w3.org/ns/credentials/v2","digestSRI":"sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="}`),
		"related context, multihash": edit(t, full(t), "/relatedResource",
			`{"id":"https://www.w3.org/ns/credentials/v2","digestMultibase":"uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"}`),
		"related context, bare": edit(t, full(t), "/relatedResource",
			`{"id":"https://www.w3.org/ns/credentials/v2","digestMultibase":"uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"}`),
		"white space around": " \n\t" + full(t) + "\r\n ",
		"VC 1.1":             version1(t),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := credential.Parse([]byte(doc))
			require.NoError(t, err)
			require.Equal(t, doc, string(s.Bytes()), "the exact bytes are kept")
			require.Equal(t, doc, s.Text())
			_, err = credential.SignJSON(context.Background(), keyOf(t, "issuer"), []byte(doc), credential.SignOptions{})
			require.NoError(t, err)
		})
	}
}

func version1(tb testing.TB) string {
	return `{"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/security/data-integrity/v2"],` +
		`"id":"urn:uuid:0192f6a1-0000-7000-8000-000000000003","type":["VerifiableCredential"],"issuer":"` +
		keyOf(tb, "issuer").DID().String() + `","issuanceDate":"2026-11-21T00:00:00Z",` +
		`"expirationDate":"2026-12-21T00:00:00Z","credentialSubject":{"id":"did:example:subject"}}`
}

// The reject rows of the VC Data Model 2.0 test suite, and their kin: each
// document has one fault, and neither [credential.Parse] nor
// [credential.SignJSON] takes it.
func TestModelRejected(t *testing.T) {
	type row struct {
		name, doc string
		want      code.Code
	}
	var rows []row
	add := func(name, pointer, raw string, want code.Code) {
		rows = append(rows, row{name, edit(t, full(t), pointer, raw), want})
	}
	const v2 = `"https://www.w3.org/ns/credentials/v2"`
	add("CAN-27 context missing", "/@context", "", wrongCtx)
	add("CAN-27 context not first", "/@context", `["https://w3id.org/safeconduct/v1",`+v2+`]`, wrongCtx)
	add("CAN-27 context repeated", "/@context", `[`+v2+`,`+v2+`]`, wrongCtx)
	add("CAN-27 another repeated", "/@context", `[`+v2+`,"https://w3id.org/safeconduct/v1","https://w3id.org/safeconduct/v1"]`, wrongCtx)
	add("CAN-27 v1 behind v2", "/@context", `[`+v2+`,"https://www.w3.org/2018/credentials/v1"]`, wrongCtx)
	add("CAN-27 v2 behind v1", "/@context", `["https://www.w3.org/2018/credentials/v1",`+v2+`]`, wrongCtx)
	add("context as a string", "/@context", v2, wrongCtx)
	add("context an empty list", "/@context", `[]`, wrongCtx)
	add("context null", "/@context", `null`, wrongCtx)
	add("context not a URL", "/@context", `[`+v2+`,"https ://not-a-url"]`, wrongCtx)
	add("context a number", "/@context", `[`+v2+`,5]`, wrongCtx)
	add("CAN-15 inline context", "/@context", `[`+v2+`,{"x":"https://x.example/"}]`, wrongCtx)
	add("CAN-15 context in the subject", "/credentialSubject/@context", `[`+v2+`]`, wrongCtx)
	for _, url := range []string{"https://unknown.example/v1", "file:///etc/passwd", "/v2", "http://www.w3.org/ns/credentials/v2",
		"https://www.w3.org/ns/credentials/v2#", "https://WWW.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"} {
		add("CAN-22 context "+url, "/@context", `[`+v2+`,"`+url+`"]`, wrongCtx)
	}
	for _, id := range []string{`null`, `["urn:x:1"]`, `"https ://not-a-url/"`, `"relative"`, `""`, `5`, `{}`} {
		add("id "+id, "/id", id, malformed)
	}
	add("subject missing", "/credentialSubject", "", malformed)
	for _, s := range []string{`{}`, `[]`, `[{"id":"did:example:a"},{}]`, `"did:example:a"`, `["did:example:a"]`, `null`,
		`{"id":["did:example:a"]}`, `{"id":"relative"}`, `{"id":"did:example:a","name":null}`} {
		add("subject "+s, "/credentialSubject", s, malformed)
	}
	add("type missing", "/type", "", malformed)
	for _, s := range []string{`[]`, `"Other"`, `["https://issuer.example/types#T"]`, `["VerifiableCredential",5]`, `["VerifiableCredential",""]`,
		`["VerifiableCredential","VerifiableCredential"]`, `["VerifiableCredential","https ://not-a-url"]`, `[["VerifiableCredential"]]`, `5`, `""`} {
		want := malformed
		if strings.Contains(s, "https ://") {
			want = dataLoss
		}
		add("type "+s, "/type", s, want)
	}
	add("type unmapped", "/type", `["VerifiableCredential","Unmapped"]`, dataLoss)
	add("MOD-02 issuer missing", "/issuer", "", malformed)
	for _, s := range []string{`null`, `[]`, `["did:example:a"]`, `5`, `{}`, `{"name":"x"}`, `{"id":null}`, `{"id":["did:example:a","did:example:b"]}`,
		`"fake-issuer"`, `{"id":"fake-issuer"}`, `""`, `{"id":""}`} {
		add("MOD-02 issuer "+s, "/issuer", s, malformed)
	}
	for _, at := range []string{"/name", "/description", "/issuer/name", "/issuer/description"} {
		for _, s := range []string{`{"@value":"x","url":"https://x.example/"}`, `{"@language":"en"}`, `{"@value":5}`, `{"@value":"x","@language":"not a tag"}`,
			`{"@value":"x","@direction":"up"}`, `5`, `null`, `[]`, `["x"]`, `[{"@value":"x","url":"y"}]`, `true`} {
			add("text "+at+" "+s, at, s, malformed)
		}
	}
	add("until before from", "/validUntil", `"2026-11-20T23:59:59Z"`, malformed)
	for _, at := range []string{"/credentialStatus", "/termsOfUse", "/evidence", "/refreshService", "/credentialSchema"} {
		add(at+" without type", at+"/type", "", malformed)
		add(at+" type a number", at+"/type", `5`, malformed)
		add(at+" id a list", at+"/id", `["urn:x:1","urn:x:2"]`, malformed)
		add(at+" id not a URL", at+"/id", `"https ://not-a-url"`, malformed)
		add(at+" empty", at, `{}`, malformed)
		add(at+" empty list", at, `[]`, malformed)
		add(at+" a string", at, `"urn:x:1"`, malformed)
		add(at+" list with a string", at, `[{"id":"urn:x:1","type":"https://t.example/#T"},"urn:x:2"]`, malformed)
	}
	add("schema without id", "/credentialSchema/id", "", malformed)
	add("related a list of strings", "/relatedResource", `["https://a.example/"]`, malformed)
	add("related without id", "/relatedResource/id", "", malformed)
	add("related without digest", "/relatedResource", `{"id":"https://a.example/"}`, malformed)
	add("related twice", "/relatedResource", `[{"id":"https://a.example/","digestSRI":"sha256-x"},{"id":"https://a.example/","digestSRI":"sha256-x"}]`,
		malformed)
	add("related digest a number", "/relatedResource/digestSRI", `5`, malformed)
	add("related multibase a number", "/relatedResource/digestMultibase", `5`, malformed)
	for _, s := range []string{`"digestSRI":"sha384-AAAA"`, `"digestSRI":"md5-AAAA"`, `"digestSRI":" "`, `"digestMultibase":"uEiBZ"`, `"digestMultibase":"zQm"`,
		`"digestSRI":"sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU sha256-AAAA"`} {
		add("MOD-08 digest of a known resource "+s, "/relatedResource", `{"id":`+v2+`,`+s+`}`, malformed)
	}
	add("MOD-10 unknown member at the top", "/unknown", `"x"`, dataLoss)
	add("MOD-10 unknown member in the subject", "/credentialSubject/unknown", `"x"`, dataLoss)
	add("MOD-10 unknown member in the status", "/credentialStatus/statusEntry", `"x"`, dataLoss)
	add("MOD-10 unknown member of the issuer", "/issuer/unknown", `"x"`, dataLoss)
	add("MOD-11 date of VC 1.1", "/issuanceDate", `"2026-11-21T00:00:00Z"`, malformed)
	add("CAN-12 member with a colon", "/evil:x", `"x"`, malformed)
	add("CAN-12 empty member name", "/", `"x"`, dataLoss)
	add("CAN-32 issuer and subject share an id", "/credentialSubject/id", `"`+keyOf(t, "issuer").DID().String()+`"`, malformed)
	for _, keyword := range []string{"@index", "@nest", "@included", "@reverse", "@graph", "@set", "@value", "@id", "@type", "@evil"} {
		for _, at := range []string{"", "/credentialSubject", "/credentialStatus"} {
			want := malformed
			if keyword == "@type" && at == "/credentialSubject" {
				want = dataLoss // no such type, which shows first
			}
			add("CAN-13 "+at+"/"+keyword, at+"/"+keyword, `"x"`, want)
		}
	}
	for name, raw := range map[string]string{"exp": `1`, "nbf": `1`, "iat": `1`, "iss": `"urn:x:i"`,
		"sub": `"urn:x:s"`, "aud": `"urn:x:a"`, "cnf": `{"kid":"urn:x:k"}`, "kid": `"urn:x:k"`, "jku": `"urn:x:k"`,
		"x5u": `"urn:x:k"`, "_sd": `{"a":1}`, "_sd_alg": `"sha-256"`, "...": `"x"`} {
		add("claim of a token "+name, "/"+name, raw, malformed)
	}
	add("claim of a token jti", "/jti", `"urn:x:j"`, dataLoss)
	rows = append(rows,
		row{"VC 1.1 without issuanceDate", edit(t, version1(t), "/issuanceDate", ""), malformed},
		row{"VC 1.1 with validFrom", edit(t, version1(t), "/validFrom", `"2026-11-21T00:00:00Z"`), malformed},
		row{"VC 1.1 until before from", edit(t, version1(t), "/expirationDate", `"2025-11-21T00:00:00Z"`), malformed},
		row{"PAR-01 duplicate member", strings.Replace(full(t), `"name": "Subject"`, `"name": "Subject", "name": "Subject"`, 1), malformed},
		row{"PAR-03 case variant", strings.Replace(full(t), `"issuer": {`, `"Issuer": {`, 1), malformed},
		row{"PAR-05 data behind", full(t) + `{}`, malformed},
		row{"PAR-06 byte order mark", "\ufeff" + full(t), malformed},
		row{"PAR-06 white space beyond JSON's", "\v" + full(t), malformed},
		row{"PAR-07 invalid UTF-8", strings.Replace(full(t), "Subject\"", "Subj\xff\"", 1), malformed},
		row{"PAR-08 lone surrogate", strings.Replace(full(t), "Subject\"", `Subj\ud800"`, 1), malformed},
		row{"an array", `[` + full(t) + `]`, malformed},
		row{"MOD-07 a JSON string", `"` + strings.ReplaceAll(small(t), `"`, `\"`) + `"`, malformed},
		row{"null", " null ", malformed}, row{"true", "true", malformed}, row{"false", "false", malformed}, row{"a number", "5", malformed},
		row{"an open object", "{", malformed},
		row{"nothing", "", code.EnvelopeMissing},
		row{"white space", " \n", code.EnvelopeMissing},
		row{"a token, no format", "eyJhbGciOiJFZERTQSJ9.e30.AAAA", unsupported},
		row{"words", "hello world", unsupported},
		row{"PAR-10 a number that is rounded", edit(t, full(t), "/credentialSubject/name", `9007199254740993`), malformed},
		row{"PAR-10 a fraction", edit(t, full(t), "/credentialSubject/name", `0.1`), malformed},
		row{"a presentation", `{"@context":[` + v2 + `],"type":["VerifiablePresentation"],"holder":"did:example:h"}`, malformed},
		row{"non-conforming", `{"type":["NonconformingDocument"]}`, wrongCtx},
		row{"credential and presentation at once",
			strings.Replace(small(t), `"VerifiableCredential"`, `"VerifiableCredential","VerifiablePresentation"`, 1), malformed},
	)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := credential.Parse([]byte(r.doc))
			requireCode(t, r.want, err)
			_, err = credential.SignJSON(context.Background(), keyOf(t, "issuer"), []byte(r.doc), credential.SignOptions{})
			requireCode(t, r.want, err)
		})
	}
}

// TIM-03: one form of instant, wherever one stands.
func TestTIM03Instants(t *testing.T) {
	good := []string{"2026-11-21T00:00:00Z", "2026-11-21T00:00:00.123456789Z", "2026-11-21T00:00:00+14:00",
		"2026-11-21T00:00:00-06:00", "2024-02-29T00:00:00Z", "9999-12-31T23:59:59Z"}
	bad := []string{"", "2026-11-21T00:00:00,5Z", "2026-11-21T1:00:00Z", "2026-11-21T00:00:00+24:00", "2026-11-21t00:00:00Z", "2026-11-21T00:00:00z",
		"2026-11-21 00:00:00Z", "2026-11-21T00:00:00", "2026-11-21", "2026-11-21T00:00:60Z", "2026-11-21T24:00:00Z", "2026-11-21T00:00:00-00:00",
		"2026-11-21T00:00:00.1234567891Z", "0000-11-21T00:00:00Z", "10000-11-21T00:00:00Z", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
		"Sat, 21 Nov 2026 00:00:00 GMT", "2026-11-21T00:00:00.Z", " 2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z ", "1795219200"}
	plain := edit(t, edit(t, full(t), "/validFrom", ""), "/validUntil", "")
	secured := signed(t, plain, credential.SignOptions{}).Text()
	for _, at := range []string{"/validFrom", "/validUntil", "/proof/created", "/proof/expires"} {
		for _, text := range good {
			_, err := credential.Parse([]byte(edit(t, secured, at, `"`+text+`"`)))
			require.NoError(t, err, "%s %s", at, text)
		}
		for _, text := range bad {
			_, err := credential.Parse([]byte(edit(t, secured, at, `"`+text+`"`)))
			requireCode(t, malformed, err)
		}
	}
}

// What was read is what stands there.
func TestUnverifiedContent(t *testing.T) {
	s, err := credential.Parse([]byte(full(t)))
	require.NoError(t, err)
	c := s.Unverified()
	require.Equal(t, 2, c.Version)
	require.Equal(t, []string{credential.ContextV2}, c.Context)
	require.Equal(t, "urn:uuid:0192f6a1-0000-7000-8000-000000000001", c.ID)
	require.Equal(t, []string{credential.TypeCredential}, c.Type)
	require.True(t, c.HasType(credential.TypeCredential))
	require.False(t, c.HasType("verifiableCredential"))
	require.Equal(t, keyOf(t, "issuer").DID().String(), c.Issuer.ID)
	require.Equal(t, "Issuer", c.Issuer.Name.Str())
	require.Equal(t, "issues", c.Issuer.Description.Get("@value").Str())
	require.Equal(t, "A credential", c.Name.Str())
	require.Equal(t, 2, c.Description.Len())
	require.True(t, c.ValidFrom.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)))
	require.True(t, c.ValidUntil.Equal(time.Date(2026, 12, 20, 23, 0, 0, 500_000_000, time.UTC)))
	require.Len(t, c.Subjects, 1)
	require.Equal(t, "/credentialSubject/name", c.Subjects[0].Get("name").Path())
	require.Equal(t, "7", c.Status[0].Get("statusListIndex").Str())
	for name, list := range map[string][]credential.Value{
		"credentialSchema": c.Schema, "refreshService": c.RefreshService, "termsOfUse": c.TermsOfUse,
		"evidence": c.Evidence, "relatedResource": c.RelatedResource,
	} {
		require.Len(t, list, 1, name)
		require.Equal(t, s.UnverifiedValue().Get(name), list[0])
	}
	require.Empty(t, c.Extra)
	require.Empty(t, s.Proofs())
	require.Equal(t, "application/vc", s.MediaType())
	require.Equal(t, s.Text(), s.Embedded())

	old, err := credential.Parse([]byte(version1(t)))
	require.NoError(t, err)
	require.Equal(t, 1, old.Unverified().Version)
	require.True(t, old.Unverified().ValidUntil.Equal(time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC)))
}

// A related resource without an id is refused at its place.
func TestRelatedResourceWithoutID(t *testing.T) {
	_, err := credential.Parse([]byte(edit(t, full(t), "/relatedResource", `[{"id":"https://a.example/","digestSRI":"sha256-x"},{"digestSRI":"sha256-y"}]`)))
	var e *credential.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "/relatedResource/1", e.Path)
}
