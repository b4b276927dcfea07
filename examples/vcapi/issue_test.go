package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type row struct {
	name  string
	pairs []string
}

func rowOf(name string, pairs ...string) row { return row{name, pairs} }

const (
	language = `{"@value":"Name","@language":"en","@direction":"ltr"}`
	inline   = `,{"@protected":true,"Degree":"https://x.example/Degree","degree":{"@id":"https://x.example/degree","@type":"@id"}}]`
	status   = `{"id":"https://x.example/s/1#1","type":"https://x.example/Status"}`
	schema   = `{"id":"https://x.example/schema","type":"JsonSchema"}`
	sri      = "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"
	bare     = "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"
	multi    = "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"
)

func contextList(more string) string { return `["` + v2 + `"` + more }

// Data model, must issue: every row is issued with each suite and the result
// verifies, unless it is outside its validity.
var mustIssue = []row{
	rowOf("no id, no validFrom"),
	rowOf("id", "id", `"urn:uuid:9c9a36f8-518f-4976-a934-6649502d0001"`),
	rowOf("already expired", "validFrom", `"2022-01-01T00:00:00Z"`, "validUntil", `"2023-01-01T00:00:00Z"`),
	rowOf("far in the future", "validFrom", `"9026-01-01T00:00:00Z"`),
	rowOf("issuer object", "issuer", `{"id":"SELF","name":"N","description":"D"}`),
	rowOf("issuer object, language values", "issuer", `{"id":"SELF","name":`+language+`,"description":[`+language+`,{"@value":"x","@language":"fr"}]}`),
	rowOf("name and description", "name", `"N"`, "description", `"D"`),
	rowOf("name, language value", "name", language, "description", language),
	rowOf("name, several", "name", `[`+language+`,{"@value":"Nom","@language":"fr"}]`),
	rowOf("examples context", "@context", contextList(`,"`+examples+`"]`), "credentialSubject", `{"id":"did:example:s","alumniOf":{"name":"U"}}`),
	rowOf("inline context object", "@context", contextList(inline), "credentialSubject", `{"type":"Degree","degree":"https://x.example/1"}`),
	rowOf("type as URL", "type", `["VerifiableCredential","https://x.example/T"]`),
	rowOf("type as URL, first", "type", `["https://x.example/T","VerifiableCredential"]`),
	rowOf("type as a term mapped inline", "@context", contextList(inline), "type", `["Degree","VerifiableCredential"]`),
	rowOf("subject as array", "credentialSubject", `[{"id":"did:example:a"},{"id":"did:example:b"}]`),
	rowOf("status of unknown type", "credentialStatus", status),
	rowOf("status, array", "credentialStatus", `[`+status+`,{"type":"https://x.example/Status"}]`),
	rowOf("schema", "credentialSchema", schema),
	rowOf("schema, array", "credentialSchema", `[`+schema+`,{"id":"https://x.example/s2","type":"https://x.example/Schema"}]`),
	rowOf("refreshService", "refreshService", `{"type":"https://x.example/R"}`),
	rowOf("refreshService, array", "refreshService", `[{"type":"https://x.example/R"},{"id":"https://x.example/r","type":"https://x.example/R"}]`),
	rowOf("termsOfUse", "termsOfUse", `{"type":"https://x.example/T"}`),
	rowOf("termsOfUse, array", "termsOfUse", `[{"type":"https://x.example/T"},{"id":"https://x.example/t","type":"https://x.example/T"}]`),
	rowOf("evidence", "evidence", `{"type":"https://x.example/E"}`),
	rowOf("evidence, array", "evidence", `[{"type":"https://x.example/E"},{"id":"https://x.example/e","type":"https://x.example/E"}]`),
	rowOf("relatedResource, digestSRI", "relatedResource", `{"id":"`+v2+`","digestSRI":"`+sri+`","mediaType":"application/ld+json"}`),
	rowOf("relatedResource, digestMultibase bare", "relatedResource", `[{"id":"`+v2+`","digestMultibase":"`+bare+`"}]`),
	rowOf("relatedResource, digestMultibase multihash", "relatedResource", `[{"id":"`+v2+`","digestMultibase":"`+
		multi+`"},{"id":"https://x.example/r","digestSRI":"`+sri+`"}]`),
	rowOf("milliseconds", "validFrom", `"2026-01-01T00:00:00.123Z"`),
	rowOf("offset", "validFrom", `"2026-01-01T00:00:00-06:00"`, "validUntil", `"2027-01-01T00:00:00.5-06:00"`),
}

func TestDataModelMustIssue(t *testing.T) {
	c := start(t)
	for _, prefix := range []string{"/rdfc", "/jcs", "/jwt"} {
		for _, r := range mustIssue {
			t.Run(prefix[1:]+"/"+r.name, func(t *testing.T) {
				signed, problems := c.issue(t, prefix, c.credential(r.pairs...))
				require.Empty(t, problems)
				outside := r.name == "already expired" || r.name == "far in the future"
				require.Equal(t, outside, c.verify(t, signed) != "", c.verify(t, signed))
			})
		}
	}
}

// Data model, must reject at issue: one fault each.
var mustReject = []row{
	rowOf("context missing", "@context", ""),
	rowOf("context not v2 first", "@context", `["`+examples+`","`+v2+`"]`),
	rowOf("context only examples", "@context", `["`+examples+`"]`),
	rowOf("context not a URL", "@context", contextList(`,"https ://not-a-url/x"]`)),
	rowOf("context a number", "@context", contextList(`,5]`)),
	rowOf("id null", "id", `null`),
	rowOf("id an array", "id", `["https://x.example/1","https://x.example/2"]`),
	rowOf("id not a URL", "id", `"https ://not-a-url/x"`),
	rowOf("subject missing", "credentialSubject", ""),
	rowOf("subject empty", "credentialSubject", `{}`),
	rowOf("subject array with an empty one", "credentialSubject", `[{"id":"did:example:s"},{}]`),
	rowOf("subject id an array", "credentialSubject", `{"id":["did:example:a","did:example:b"]}`),
	rowOf("type missing", "type", ""),
	rowOf("type without VerifiableCredential", "@context", contextList(inline), "type", `["Degree"]`),
	rowOf("type unmapped", "@context", contextList(`,{"@vocab":null}]`), "type", `["VerifiableCredential","Unmapped"]`),
	rowOf("type mapped to a non-URL", "@context", contextList(`,{"Odd":"not a url"}]`), "type", `["VerifiableCredential","Odd"]`),
	rowOf("issuer missing", "issuer", ""),
	rowOf("issuer null", "issuer", `null`),
	rowOf("issuer id null", "issuer", `{"id":null}`),
	rowOf("issuer not a URL", "issuer", `"fake-issuer"`),
	rowOf("issuer id not a URL", "issuer", `{"id":"fake-issuer"}`),
	rowOf("issuer of another server", "issuer", `"did:example:other"`),
	rowOf("name with another key", "name", `{"@value":"x","url":"https://x.example"}`),
	rowOf("description with another key", "description", `{"@value":"x","url":"https://x.example"}`),
	rowOf("issuer name with another key", "issuer", `{"id":"SELF","name":{"@value":"x","url":"u"}}`),
	rowOf("issuer description with another key", "issuer", `{"id":"SELF","description":{"@value":"x","url":"u"}}`),
	rowOf("validFrom RFC 2822", "validFrom", `"Sat, 21 Nov 2026 09:00:00 GMT"`),
	rowOf("validUntil RFC 2822", "validUntil", `"Sat, 21 Nov 2026 09:00:00 GMT"`),
	rowOf("validFrom later than validUntil", "validFrom", `"2026-02-01T00:00:00Z"`, "validUntil", `"2026-01-01T00:00:00Z"`),
	rowOf("status without type", "credentialStatus", `{"id":"https://x.example/s"}`),
	rowOf("status with numeric type", "credentialStatus", `{"id":"https://x.example/s","type":5}`),
	rowOf("status with several ids", "credentialStatus", `{"id":["https://x.example/1","https://x.example/2"],"type":"https://x.example/S"}`),
	rowOf("status with a non-URL id", "credentialStatus", `{"id":"not-a-url","type":"https://x.example/S"}`),
	rowOf("termsOfUse without type", "termsOfUse", `{"id":"https://x.example/t"}`),
	rowOf("evidence without type", "evidence", `{"id":"https://x.example/e"}`),
	rowOf("refreshService without type", "refreshService", `{"id":"https://x.example/r"}`),
	rowOf("schema without type", "credentialSchema", `{"id":"https://x.example/s"}`),
	rowOf("schema without id", "credentialSchema", `{"type":"JsonSchema"}`),
	rowOf("schema with a non-URL id", "credentialSchema", `{"id":"not-a-url","type":"JsonSchema"}`),
	rowOf("protected term redefined", "@context", contextList(`,{"VerifiableCredential":"https://x.example/VC"}]`)),
	rowOf("protected term redefined across inline contexts", "@context",
		contextList(`,{"@protected":true,"X":"https://x.example/X"},{"X":"https://x.example/Y"}]`)),
	rowOf("relatedResource strings", "relatedResource", `["https://x.example/r"]`),
	rowOf("relatedResource without id", "relatedResource", `{"digestSRI":"`+sri+`"}`),
	rowOf("relatedResource id twice", "relatedResource", `[{"id":"`+v2+`","digestSRI":"`+sri+`"},{"id":"`+v2+`","digestSRI":"`+sri+`"}]`),
	rowOf("relatedResource without a digest", "relatedResource", `{"id":"`+v2+`"}`),
	rowOf("relatedResource with another SRI", "relatedResource", `{"id":"`+v2+`","digestSRI":"sha384-`+strings.Repeat("A", 64)+`"}`),
	rowOf("relatedResource with another multibase", "relatedResource", `{"id":"`+v2+`","digestMultibase":"u`+strings.Repeat("A", 43)+`"}`),
	// The EdDSA suites, section 4.3.
	rowOf("undefined type", "type", `["VerifiableCredential","UndefinedType"]`),
	rowOf("undefined term in the subject", "credentialSubject", `{"id":"did:example:s","undefinedTerm":"x"}`),
	// The bitstring suite, section 4.4.
	rowOf("undefined statusEntry", "statusEntry", `{"type":"BitstringStatusListEntry"}`),
	// Section 5.
	rowOf("context object in the subject redefines", "credentialSubject", `{"@context":{"VerifiableCredential":"https://x.example/VC"},"id":"did:example:s"}`),
	rowOf("context that would have to be fetched", "@context", contextList(`,"https://x.example/context"]`)),
}

func TestDataModelMustReject(t *testing.T) {
	c := start(t)
	for _, prefix := range []string{"/rdfc", "/jcs", "/jwt"} {
		for _, r := range mustReject {
			t.Run(prefix[1:]+"/"+r.name, func(t *testing.T) {
				signed, problems := c.issue(t, prefix, c.credential(r.pairs...))
				require.NotEmpty(t, problems, "%s", signed)
			})
		}
	}
	_, problems := c.issue(t, "/rdfc", m{"type": []string{"NonconformingDocument"}})
	require.NotEmpty(t, problems)
}

// Section 4.3: what an issued proof looks like, for VC 1.1 input too.
func TestIssuedProof(t *testing.T) {
	c := start(t)
	v11 := c.credential("@context", `["`+v1+`"]`, "issuanceDate", `"2026-01-01T00:00:00Z"`)
	for prefix, suite := range map[string]string{"/rdfc": "eddsa-rdfc-2022", "/jcs": "eddsa-jcs-2022"} {
		for _, input := range []json.RawMessage{v11, c.credential()} {
			signed := c.mustIssue(t, prefix, input)
			var doc struct {
				Context []string `json:"@context"`
				Proof   map[string]any
			}
			require.NoError(t, json.Unmarshal(signed, &doc))
			require.Equal(t, doc.Context[0] == v1, len(doc.Context) == 2 && doc.Context[1] == "https://w3id.org/security/data-integrity/v2")
			require.Equal(t, "DataIntegrityProof", doc.Proof["type"])
			require.Equal(t, suite, doc.Proof["cryptosuite"])
			require.Equal(t, "assertionMethod", doc.Proof["proofPurpose"])
			require.Equal(t, c.issuer.KeyID().String(), doc.Proof["verificationMethod"])
			require.Regexp(t, `^z[1-9A-HJ-NP-Za-km-z]{80,90}$`, doc.Proof["proofValue"])
			require.Equal(t, "2026-11-21T09:00:00Z", doc.Proof["created"])
			require.Empty(t, c.verify(t, signed))
		}
	}
}
