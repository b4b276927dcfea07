package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

const (
	suiteDomain    = "github.com/w3c/vc-data-model-2.0-test-suite"
	suiteChallenge = "u4YZ8zIFaPwWNAxOaAUaLyg"
)

// holder makes presentations as the data model's suite does: with
// eddsa-rdfc-2022 and a did:key.
type holder struct {
	*did.KeyPair
	*client
}

func newHolder(t testing.TB) holder {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	return holder{key, start(t)}
}

func (h holder) unsigned(pairs ...string) json.RawMessage {
	return edited(m{"@context": []string{v2}, "type": []string{"VerifiablePresentation"}}, h.KeyPair.DID(), pairs...)
}

func (h holder) present(t testing.TB, doc json.RawMessage, o credential.SignOptions) json.RawMessage {
	t.Helper()
	o.Profile, o.Suite, o.Formats = credential.Conformance, credential.SuiteRDFC, h.parser.Formats
	if o.Challenge == "" {
		o.Challenge, o.Domain = suiteChallenge, []string{suiteDomain}
	}
	vp, err := credential.SignPresentation(context.Background(), h.KeyPair, doc, o)
	require.NoError(t, err)
	return vp.Bytes()
}

// Section 4.2: presentations that must verify, and what must not once they are
// changed.
func TestPresentationMustVerify(t *testing.T) {
	h := newHolder(t)
	vc, vc2 := string(h.mustIssue(t, "/rdfc", h.credential())), string(h.mustIssue(t, "/jcs", h.credential("id", `"urn:x:2"`)))
	enveloped := string(h.mustIssue(t, "/jwt", h.credential("id", `"urn:x:3"`)))
	self := `{"@context":["` + v2 + `"],"type":["VerifiableCredential"],"issuer":"SELF","credentialSubject":{"id":"did:example:s"}}`
	asked := m{"challenge": suiteChallenge, "domain": suiteDomain}
	for _, r := range []row{
		rowOf("smallest"),
		rowOf("id", "id", `"urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"`),
		rowOf("extra type and context", "@context", contextList(`,{"Extra":"https://x.example/Extra"}]`), "type", `["VerifiablePresentation","Extra"]`),
		rowOf("examples context", "@context", contextList(`,"`+examples+`"]`), "type", `["VerifiablePresentation","Extra"]`),
		rowOf("one credential", "verifiableCredential", "["+vc+"]"),
		rowOf("several credentials", "verifiableCredential", "["+vc+","+vc2+"]"),
		rowOf("credentials without ids", "verifiableCredential", "["+vc+","+
			string(h.mustIssue(t, "/rdfc", h.credential("credentialSubject", `{"id":"did:example:other-subject"}`)))+"]"),
		rowOf("enveloped credential", "verifiableCredential", "["+enveloped+"]"),
		rowOf("enveloped credential with another context", "verifiableCredential", "["+string(
			with(t, json.RawMessage(enveloped), "@context", contextList(`,"`+examples+`"]`)))+"]"),
		rowOf("holder as string", "holder", `"SELF"`, "verifiableCredential", "["+vc+"]"),
		rowOf("holder as object", "holder", `{"id":"SELF"}`, "verifiableCredential", "["+vc+"]"),
		rowOf("self-asserted credential", "holder", `"SELF"`, "verifiableCredential", "["+self+"]"),
	} {
		t.Run(r.name, func(t *testing.T) {
			doc := h.present(t, h.unsigned(r.pairs...), credential.SignOptions{})
			require.Empty(t, h.verifyVP(t, doc, asked))
			require.Empty(t, h.verifyVP(t, doc, m{"checks": []string{}}))
			require.Empty(t, h.verifyVP(t, doc, m{"expectedProofPurpose": "authentication"}))
			require.NotEmpty(t, h.verifyVP(t, doc, m{"expectedProofPurpose": "assertionMethod"}))
			require.NotEmpty(t, h.verifyVP(t, doc, m{"challenge": "another"}))
			require.NotEmpty(t, h.verifyVP(t, doc, m{"challenge": suiteChallenge, "domain": "another.example"}))
			require.NotEmpty(t, h.verifyVP(t, with(t, doc, "proof/proofValue", `"z5BxbUzUGVjmbiJvkMwWmKKFzNVqEBdJ"`), asked), "damaged proofValue")
			require.NotEmpty(t, h.verifyVP(t, with(t, doc, "id", `"urn:x:another"`), asked))
		})
	}
	domains := h.present(t, h.unsigned(), credential.SignOptions{Challenge: "c", Domain: []string{"a.example", "b.example"}})
	require.Empty(t, h.verifyVP(t, domains, m{"challenge": "c", "domain": []string{"b.example", "a.example"}}), "a set")
	require.NotEmpty(t, h.verifyVP(t, domains, m{"challenge": "c", "domain": "a.example"}))
}

// Section 4.2: presentations that must be rejected, posted with and without a
// proof, as the suite does.
func TestPresentationMustReject(t *testing.T) {
	h := newHolder(t)
	var proof json.RawMessage
	var good struct{ Proof json.RawMessage }
	require.NoError(t, json.Unmarshal(h.present(t, h.unsigned(), credential.SignOptions{}), &good))
	proof = good.Proof
	vc := string(h.mustIssue(t, "/rdfc", h.credential()))
	for _, r := range []row{
		rowOf("context missing", "@context", ""),
		rowOf("context in the wrong order", "@context", `[{"X":"https://x.example/X"},"`+v2+`"]`),
		rowOf("context without the base URL", "@context", `["`+examples+`"]`),
		rowOf("context not loadable", "@context", contextList(`,"https://example.com"]`)),
		rowOf("context not a URL", "@context", contextList(`,"https ://not-a-url"]`)),
		rowOf("context a number", "@context", contextList(`,5]`)),
		rowOf("type missing", "type", ""),
		rowOf("type without VerifiablePresentation", "@context", contextList(`,{"X":"https://x.example/X"}]`), "type", `["X"]`),
		rowOf("holder not a URL", "holder", `"fake"`),
		rowOf("holder object without id", "holder", `{"name":"Acme"}`),
		rowOf("holder object with a non-URL id", "holder", `{"id":"fake"}`),
		rowOf("credential as a string", "verifiableCredential", `["eyJhbGciOiJFZERTQSJ9.e30.c2ln"]`),
		rowOf("credential a URL", "verifiableCredential", `["https://x.example/vc"]`),
		rowOf("NonconformingDocument", "@context", "", "type", `["NonconformingDocument"]`),
	} {
		t.Run(r.name, func(t *testing.T) {
			doc := h.unsigned(r.pairs...)
			unsigned, signed := h.verifyVP(t, doc, nil), h.verifyVP(t, with(t, doc, "proof", string(proof)), nil)
			require.NotEmpty(t, unsigned)
			require.Equal(t, unsigned, signed, "structure comes before the proof")
		})
	}
	require.NotEmpty(t, h.verifyVP(t, h.unsigned(), nil), "no proof")

	// Well signed presentations of what must not be presented.
	self := `{"@context":["` + v2 + `"],"type":["VerifiableCredential"],"issuer":"SELF","credentialSubject":{"id":"did:example:s"}}`
	spoiled := string(with(t, json.RawMessage(vc), "credentialSubject", `{"id":"did:example:thief"}`))
	over := string(h.sign(t, h.credential("validUntil", `"2026-11-20T00:00:00Z"`), credential.SignOptions{}))
	for _, r := range []row{
		rowOf("nested credential changed", "verifiableCredential", "["+spoiled+"]"),
		rowOf("second nested credential changed", "verifiableCredential", "["+string(h.mustIssue(t, "/jcs", h.credential("id", `"urn:x:2"`)))+","+spoiled+"]"),
		rowOf("nested credential without proof", "verifiableCredential", "["+string(h.credential())+"]"),
		rowOf("nested credential outside its validity", "verifiableCredential", "["+over+"]"),
		rowOf("self-asserted without holder", "verifiableCredential", "["+self+"]"),
		rowOf("self-asserted by another than the holder", "holder", `"SELF"`, "verifiableCredential", "["+string(h.credential())+"]"),
		rowOf("holder is not the controller of the key", "holder", `"did:example:alice"`, "verifiableCredential", "["+vc+"]"),
	} {
		t.Run(r.name, func(t *testing.T) {
			require.NotEmpty(t, h.verifyVP(t, h.present(t, h.unsigned(r.pairs...), credential.SignOptions{}), nil))
		})
	}
	for name, o := range map[string]credential.SignOptions{
		"made for assertionMethod": {Purpose: did.AssertionMethod},
		"proof expired":            {Expires: testNow.Add(-time.Second)},
	} {
		require.NotEmpty(t, h.verifyVP(t, h.present(t, h.unsigned(), o), nil), name)
	}
}

// The server's own presentations, by every suite.
func TestIssuePresentation(t *testing.T) {
	h := newHolder(t)
	for prefix := range prefixes {
		vc := h.mustIssue(t, prefix, h.credential())
		status, answer := h.post(t, prefix+"/presentations/issue",
			m{"presentation": m{"@context": []string{v2}, "type": []string{"VerifiablePresentation"}, "verifiableCredential": []any{vc}},
				"options": m{"challenge": suiteChallenge, "domain": suiteDomain}})
		require.Equal(t, 201, status, "%s", answer["errors"])
		require.Empty(t, h.verifyVP(t, answer["verifiablePresentation"], m{"challenge": suiteChallenge, "domain": suiteDomain}))
		require.NotEmpty(t, h.verifyVP(t, answer["verifiablePresentation"], m{"challenge": "another"}))
		for _, bad := range []json.RawMessage{h.unsigned("holder", `"did:example:other"`),
			h.unsigned("type", `["X"]`), h.unsigned("verifiableCredential", `["x"]`)} {
			status, _ = h.post(t, prefix+"/presentations/issue", m{"presentation": bad})
			require.Equal(t, 400, status)
		}
		if prefix == "/jwt" {
			doc := answer["verifiablePresentation"]
			for _, good := range []json.RawMessage{ // V: further contexts and types are no fault
				with(t, doc, "type", `["EnvelopedVerifiablePresentation"]`),
				with(t, doc, "type", `["EnvelopedVerifiablePresentation","https://x.example/Other"]`),
				with(t, doc, "@context", `"`+v2+`"`), with(t, doc, "@context", contextList(`,"`+examples+`"]`)),
				with(t, doc, "@context", contextList(`,"https://x.example/unknown",{"X":"https://x.example/X"}]`)),
			} {
				require.Empty(t, h.verifyVP(t, good, nil), "%s", good)
			}
			for _, bad := range []json.RawMessage{
				with(t, doc, "@context", `["`+examples+`"]`), with(t, doc, "@context", ""), with(t, doc, "type", `["X"]`),
				with(t, doc, "holder", `"did:example:thief"`), with(t, doc, "verifiableCredential", `[]`), with(t, doc, "id", ""),
			} {
				require.NotEmpty(t, h.verifyVP(t, bad, nil), "%s", bad)
			}
			for _, bad := range []json.RawMessage{with(t, doc, "id", `"data:application/jwt,x"`),
				with(t, doc, "@context", `[]`), with(t, doc, "type", `"VerifiablePresentation"`)} {
				require.NotEmpty(t, h.verifyVP(t, bad, nil))
			}
		}
	}
}
