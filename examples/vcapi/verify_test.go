package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

// sign makes a credential as another issuer would, with options that the server
// does not have.
func (c *client) sign(t testing.TB, doc json.RawMessage, o credential.SignOptions) json.RawMessage {
	t.Helper()
	o.Profile = credential.Conformance
	if o.Suite == "" {
		o.Suite = credential.SuiteRDFC
	}
	signed, err := credential.SignJSON(context.Background(), c.issuer, doc, o)
	require.NoError(t, err)
	return signed.Bytes()
}

// with sets (or removes, by "") one member of a document, or of its proof.
func with(t testing.TB, doc json.RawMessage, name, value string) json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(doc, &fields))
	if member, ok := strings.CutPrefix(name, "proof/"); ok {
		fields["proof"] = with(t, fields["proof"], member, value)
	} else if fields[name] = json.RawMessage(value); value == "" {
		delete(fields, name)
	}
	out, err := json.Marshal(fields)
	require.NoError(t, err)
	return out
}

// Section 4.3: each with one fault, by both suites. The good document verifies.
func TestVerifyMustReject(t *testing.T) {
	c := start(t)
	for _, prefix := range []string{"/rdfc", "/jcs"} {
		good := c.mustIssue(t, prefix, c.credential())
		require.Empty(t, c.verify(t, good))
		var text struct {
			Proof struct{ ProofValue string }
		}
		require.NoError(t, json.Unmarshal(good, &text))
		value := text.Proof.ProofValue
		spoiled := value[:20] + map[bool]string{true: "A", false: "B"}[value[20] != 'A'] + value[21:]
		unknown := with(t, good, "@context", `["`+v2+`",{"UnknownProofType":"https://x.example/P"}]`)
		for name, doc := range map[string]any{
			"proof null":                        with(t, good, "proof", `null`),
			"credential as a JSON string":       string(good),
			"no proof":                          with(t, good, "proof", ""),
			"no proofs":                         with(t, good, "proof", "[]"),
			"proof without type":                with(t, good, "proof/type", ""),
			"proof without verificationMethod":  with(t, good, "proof/verificationMethod", ""),
			"proof without proofPurpose":        with(t, good, "proof/proofPurpose", ""),
			"proof without cryptosuite":         with(t, good, "proof/cryptosuite", ""),
			"proof of unknown type":             with(t, unknown, "proof/type", `"UnknownProofType"`),
			"unknown cryptosuite":               with(t, good, "proof/cryptosuite", `"eddsa-unknown-2022"`),
			"proofPurpose invalidPurpose":       with(t, good, "proof/proofPurpose", `"invalidPurpose"`),
			"proofValue missing":                with(t, good, "proof/proofValue", ""),
			"proofValue null":                   with(t, good, "proof/proofValue", "null"),
			"proofValue without its z":          with(t, good, "proof/proofValue", `"`+value[1:]+`"`),
			"proofValue damaged":                with(t, good, "proof/proofValue", `"`+spoiled+`"`),
			"undefined term added":              with(t, good, "undefinedTerm", `"x"`),
			"undefined type added":              with(t, good, "type", `["VerifiableCredential","UndefinedType"]`),
			"subject changed":                   with(t, good, "credentialSubject", `{"id":"did:example:other"}`),
			"previousProof names a missing one": with(t, good, "proof/previousProof", `"urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"`),
			"previousProof, array":              with(t, good, "proof/previousProof", `["urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"]`),
			"created malformed":                 with(t, good, "proof/created", `"2026-11-21"`),
			"created changed":                   with(t, good, "proof/created", `"2026-11-20T09:00:00Z"`),
			"context unknown":                   with(t, good, "@context", `["`+v2+`","https://x.example/context"]`),
			"context within a context":          with(t, good, "@context", `["`+v2+`",{"@context":{"term":"https://x.example/term"}}]`),
			"context inline, unknown":           with(t, good, "@context", `["`+v2+`",{"@import":"https://x.example/context"}]`),
			"NonconformingDocument":             m{"type": []string{"NonconformingDocument"}},
		} {
			t.Run(prefix[1:]+"/"+name, func(t *testing.T) { require.NotEmpty(t, c.verify(t, doc)) })
		}
		// Signed under an inline @base, which is then removed: the base is
		// always null, so that what is relative is nothing.
		_, problems := c.issue(t, prefix, c.credential("@context", contextList(`,{"@base":"https://x.example/"}]`), "id", `"relative"`))
		require.NotEmpty(t, problems)
	}
}

// Section 4.3: proof sets without ids, and chains by string and by array.
func TestVerifySetsAndChains(t *testing.T) {
	c := start(t)
	for _, suite := range []string{credential.SuiteRDFC, credential.SuiteJCS} {
		second := func(doc json.RawMessage, previous ...string) json.RawMessage {
			return c.sign(t, doc, credential.SignOptions{Suite: suite, PreviousProof: previous, Nonce: "second"})
		}
		set := second(c.sign(t, c.credential(), credential.SignOptions{Suite: suite}))
		require.Empty(t, c.verify(t, set))

		one := c.sign(t, c.credential(), credential.SignOptions{Suite: suite, ProofID: "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"})
		chain := second(one, "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544")
		require.Empty(t, c.verify(t, chain))
		asArray := strings.Replace(string(chain), `"previousProof":"urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"`,
			`"previousProof":["urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"]`, 1)
		require.NotEqual(t, string(chain), asArray)
		// The same statement for RDF, another text for JCS.
		require.Equal(t, suite == credential.SuiteJCS, c.verify(t, json.RawMessage(asArray)) != "")

		two := c.sign(t, set, credential.SignOptions{Suite: suite, ProofID: "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4545", Nonce: "third"})
		_ = two
		broken := strings.Replace(string(chain), `"cryptosuite":"`+suite+`"`, `"created":"2026-11-20T09:00:00Z","cryptosuite":"`+suite+`"`, 1)
		require.NotEmpty(t, c.verify(t, json.RawMessage(broken)), "a chain with a broken first proof")
		broken = strings.Replace(string(set), `"cryptosuite":"`+suite+`"`, `"created":"2026-11-20T09:00:00Z","cryptosuite":"`+suite+`"`, 1)
		require.NotEmpty(t, c.verify(t, json.RawMessage(broken)), "a set with one bad proof")
		itself := strings.Replace(string(one), `"cryptosuite"`, `"previousProof":"urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544","cryptosuite"`, 1)
		require.NotEmpty(t, c.verify(t, json.RawMessage(itself)), "a proof that continues itself")
	}
}

// Section 4.3: the suite's proof set is one proof twice. What differs in
// anything is no double, and a double is no better than its original.
func TestVerifyDoubleProofs(t *testing.T) {
	c := start(t)
	const id = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"
	for _, suite := range []string{credential.SuiteRDFC, credential.SuiteJCS} {
		one := c.sign(t, c.credential(), credential.SignOptions{Suite: suite, ProofID: id})
		chain := c.sign(t, one, credential.SignOptions{Suite: suite, PreviousProof: []string{id}})
		proof := func(doc json.RawMessage) string {
			var text struct{ Proof json.RawMessage }
			require.NoError(t, json.Unmarshal(doc, &text))
			return string(text.Proof)
		}
		var links []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(proof(chain)), &links))
		p, second := proof(one), string(links[1])
		damaged := proof(with(t, one, "proof/created", `"2026-11-20T09:00:00Z"`))
		for name, r := range map[string]struct {
			proofs []string
			good   bool
		}{
			"once":                             {[]string{p}, true},
			"twice":                            {[]string{p, p}, true},
			"three times":                      {[]string{p, p, p}, true},
			"chain, the first twice":           {[]string{p, p, second}, true},
			"chain, the first once more":       {[]string{p, second, p}, true},
			"chain, the second twice":          {[]string{p, second, second}, true},
			"chain, only its second, twice":    {[]string{second, second}, false},
			"the signature twice":              {[]string{p, damaged}, false},
			"damaged, twice":                   {[]string{damaged, damaged}, false},
			"twice, and once without its type": {[]string{p, p, proof(with(t, one, "proof/type", ""))}, false},
			"twice, and null":                  {[]string{p, p, "null"}, false},
			"null twice":                       {[]string{"null", "null"}, false},
			"string twice":                     {[]string{`"p"`, `"p"`}, false},
		} {
			t.Run(suite+"/"+name, func(t *testing.T) {
				problems := c.verify(t, with(t, one, "proof", "["+strings.Join(r.proofs, ",")+"]"))
				require.Equal(t, r.good, problems == "", problems)
			})
		}
	}
}

// Section 5: what the Recommendations demand and no suite tests.
func TestVerifySection5(t *testing.T) {
	c := start(t)
	other, err := did.GenerateKey()
	require.NoError(t, err)
	by := func(signer did.Signer, o credential.SignOptions) json.RawMessage {
		o.Profile = credential.Conformance
		signed, err := credential.SignJSON(context.Background(), signer, c.credential(), o)
		require.NoError(t, err)
		return signed.Bytes()
	}
	webKey, err := did.NewSigner(did.MustParseURL("did:web:issuer.example#another"), other.PrivateKey())
	require.NoError(t, err)
	for name, r := range map[string]struct {
		doc  json.RawMessage
		good bool
	}{
		"good":                             {by(c.issuer, credential.SignOptions{Expires: testNow.Add(time.Second)}), true},
		"proof expired":                    {by(c.issuer, credential.SignOptions{Expires: testNow}), false},
		"wrong purpose":                    {by(c.issuer, credential.SignOptions{Purpose: did.Authentication}), false},
		"key not in the DID document":      {by(webKey, credential.SignOptions{}), false},
		"issuer not bound":                 {by(other, credential.SignOptions{}), false},
		"validity over":                    {c.sign(t, c.credential("validUntil", `"2026-11-21T09:00:00Z"`), credential.SignOptions{}), false},
		"validity last second":             {c.sign(t, c.credential("validUntil", `"2026-11-21T09:00:01Z"`), credential.SignOptions{}), true},
		"not yet valid":                    {c.sign(t, c.credential("validFrom", `"2026-11-21T09:00:01Z"`), credential.SignOptions{}), false},
		"proof set with another's as well": {c.sign(t, by(other, credential.SignOptions{}), credential.SignOptions{}), true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, r.good, c.verify(t, r.doc) == "", c.verify(t, r.doc)) })
	}
	duplicate := strings.Replace(string(c.mustIssue(t, "/jcs", c.credential())), `"issuer":`, `"issuer":"did:example:first","issuer":`, 1)
	require.NotEmpty(t, c.verify(t, json.RawMessage(duplicate)), "duplicate key")
}

// V3, section 4.2: enveloped credentials.
func TestVerifyEnveloped(t *testing.T) {
	c := start(t)
	good := c.mustIssue(t, "/jwt", c.credential())
	require.Empty(t, c.verify(t, good))
	var doc struct{ ID, Type string }
	require.NoError(t, json.Unmarshal(good, &doc))
	require.Equal(t, "EnvelopedVerifiableCredential", doc.Type)
	require.True(t, strings.HasPrefix(doc.ID, "data:application/vc+jwt,eyJ"))
	for name, bad := range map[string]json.RawMessage{
		"context empty":             with(t, good, "@context", `[]`),
		"context only examples":     with(t, good, "@context", `["`+examples+`"]`),
		"context missing":           with(t, good, "@context", ""),
		"id without data:":          with(t, good, "id", `"`+strings.TrimPrefix(doc.ID, "data:application/vc+jwt,")+`"`),
		"id without media type":     with(t, good, "id", `"`+strings.Replace(doc.ID, "application/vc+jwt", "", 1)+`"`),
		"id without a comma":        with(t, good, "id", `"`+strings.Replace(doc.ID, ",", "", 1)+`"`),
		"another media type":        with(t, good, "id", `"`+strings.Replace(doc.ID, "vc+jwt", "jwt", 1)+`"`),
		"type missing":              with(t, good, "type", ""),
		"type VerifiableCredential": with(t, good, "type", `"VerifiableCredential"`),
		"signature cut":             with(t, good, "id", `"`+doc.ID[:len(doc.ID)-4]+`"`),
	} {
		t.Run(name, func(t *testing.T) { require.NotEmpty(t, c.verify(t, bad)) })
	}
	signed, err := credential.SignJSON(context.Background(), c.issuer, []byte(c.credential()), credential.SignOptions{Format: vcjwt.Format()})
	require.NoError(t, err)
	require.NotEmpty(t, c.verify(t, signed.Text()), "a bare token as a string")
}

// V2: a credential is held against the purpose, the domain and the challenge that
// the request names.
func TestVCredentialOptions(t *testing.T) {
	c := start(t)
	ask := func(doc json.RawMessage, options m) string {
		status, answer := c.post(t, "/rdfc/credentials/verify", m{"verifiableCredential": doc, "options": options})
		if status == 200 {
			return ""
		}
		return string(answer["errors"])
	}
	for _, suite := range []string{credential.SuiteRDFC, credential.SuiteJCS} {
		bound := c.sign(t, c.credential(), credential.SignOptions{Suite: suite, Challenge: "c", Domain: []string{"a.example", "b.example"}})
		free := c.sign(t, c.credential(), credential.SignOptions{Suite: suite})
		for _, row := range []struct {
			doc     json.RawMessage
			options m
			want    string
		}{
			{bound, m{}, ""}, {bound, m{"challenge": "c"}, ""}, {bound, m{"domain": []string{"b.example", "a.example"}}, ""},
			{bound, m{"challenge": "d"}, "INVALID_CHALLENGE_ERROR"}, {bound, m{"domain": "a.example"}, "INVALID_DOMAIN_ERROR"},
			{bound, m{"domain": "x.example", "challenge": "c"}, "INVALID_DOMAIN_ERROR"},
			{free, m{"expectedProofPurpose": "assertionMethod"}, ""},
			{free, m{"expectedProofPurpose": "authentication"}, "PROOF_VERIFICATION_ERROR"},
			{free, m{"expectedProofPurpose": "capabilityInvocation"}, "PROOF_VERIFICATION_ERROR"},
			{free, m{}, ""}, {free, m{"challenge": "c"}, "INVALID_CHALLENGE_ERROR"}, {free, m{"domain": "a.example"}, "INVALID_DOMAIN_ERROR"},
		} {
			got := ask(row.doc, row.options)
			require.Equal(t, row.want == "", got == "", "%v: %s", row.options, got)
			require.Contains(t, got, row.want)
		}
	}
}

// V1: what no signature covers is not verified: @index says nothing in RDF.
func TestVIndexIsNotSigned(t *testing.T) {
	c := start(t)
	for _, prefix := range []string{"/rdfc", "/status"} {
		good := c.mustIssue(t, prefix, c.credential())
		require.Empty(t, c.verify(t, good))
		for _, bad := range []json.RawMessage{
			with(t, good, "@index", `"x"`), with(t, good, "credentialSubject", `{"id":"did:example:subject","@index":"x"}`),
			with(t, good, "proof/@index", `"x"`),
		} {
			require.NotEmpty(t, c.verify(t, bad))
		}
		require.Contains(t, c.verify(t, with(t, good, "@index", `"x"`)), "data_loss")
	}
}
