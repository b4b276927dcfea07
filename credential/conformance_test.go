package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// The conformance profile takes inline contexts, and nothing that JSON-LD
// would drop or misread.
func TestConformanceProfile(t *testing.T) {
	const v2 = `"https://www.w3.org/ns/credentials/v2"`
	doc := func(inline, pointer, raw string) string {
		d := edit(t, small(t), "/@context", `[`+v2+inline+`]`)
		if pointer != "" {
			d = edit(t, d, pointer, raw)
		}
		return d
	}
	const knows = `,{"knows":{"@id":"https://x.example/knows","@type":"@id"},` +
		`"data":{"@id":"https://x.example/data","@type":"@json"},"Other":"https://x.example/Other","nothing":null}`
	const vocab = `,{"@vocab":"https://x.example/#"}`
	for name, r := range map[string]struct {
		doc  string
		want code.Code
	}{
		"plain":                             {small(t), ""},
		"full":                              {full(t), ""},
		"VC 1.1":                            {version1(t), ""},
		"vocabulary":                        {doc(vocab, "/credentialSubject/anything", `{"type":"Thing","deep":[1,{"er":"x"}]}`), ""},
		"examples":                          {doc(`,"https://www.w3.org/ns/credentials/examples/v2"`, "/credentialSubject/alumniOf", `"x"`), ""},
		"term":                              {doc(knows, "/credentialSubject/knows", `"did:example:other"`), ""},
		"term, list of nodes":               {doc(knows, "/credentialSubject/knows", `[{"id":"did:example:a","type":"Other"},"did:example:b"]`), ""},
		"JSON literal":                      {doc(knows, "/credentialSubject/data", `{"not a term":{"id":"relative"}}`), ""},
		"language value":                    {doc(vocab, "/credentialSubject/x", `{"@value":"x","@language":"en"}`), ""},
		"type by term":                      {doc(knows, "/type", `["VerifiableCredential","Other"]`), ""},
		"undefined member":                  {doc("", "/credentialSubject/unknown", `"x"`), dataLoss},
		"undefined member, nested":          {doc(knows, "/credentialSubject/knows", `{"id":"did:example:a","unknown":"x"}`), dataLoss},
		"member that has no meaning in RDF": {doc(knows, "/credentialSubject/nothing", `"x"`), dataLoss},
		"undefined type":                    {doc("", "/credentialSubject/type", `"Unknown"`), dataLoss},
		"undefined type in a list":          {doc(knows, "/type", `["VerifiableCredential","Unknown"]`), dataLoss},
		"relative reference":                {doc(knows, "/credentialSubject/knows", `"relative"`), malformed},
		"relative id, nested":               {doc(knows, "/credentialSubject/knows", `{"id":"relative"}`), malformed},
		"id a list, nested":                 {doc(knows, "/credentialSubject/knows", `{"id":["did:example:a"]}`), malformed},
		"unknown context":                   {doc(`,"https://unknown.example/v1"`, "", ""), wrongCtx},
		"context not a URL":                 {doc(`,"https ://unknown.example/v1"`, "", ""), wrongCtx},
		"context a number":                  {doc(`,5`, "", ""), wrongCtx},
		"base context not first":            {edit(t, small(t), "/@context", `[{"x":"https://x.example/"},`+v2+`]`), wrongCtx},
		"protected term redefined":          {doc(`,{"name":"https://x.example/name"}`, "", ""), wrongCtx},
		"protected term set to null":        {doc(`,{"name":null}`, "", ""), wrongCtx},
		"protected inline, redefined":       {doc(`,{"@protected":true,"a":"https://x.example/a"},{"a":"https://x.example/b"}`, "", ""), wrongCtx},
		"context in the subject, bad":       {doc("", "/credentialSubject/@context", `{"name":"https://x.example/name"}`), wrongCtx},
		"subject missing":                   {doc(vocab, "/credentialSubject", ""), malformed},
	} {
		t.Run(name, func(t *testing.T) {
			p := credential.Parser{Profile: credential.Conformance}
			_, err := p.Credential([]byte(r.doc))
			if r.want == "" {
				require.NoError(t, err)
				return
			}
			requireCode(t, r.want, err)
			if r.want != malformed || name == "subject missing" {
				_, err = credential.Parse([]byte(r.doc))
				require.Error(t, err, "the strict profile takes no more than this one")
			}
		})
	}
	// Rules of the data model that the strict profile has as well: here they
	// stand alone.
	p := credential.Parser{Profile: credential.Conformance}
	for text, d := range map[string]string{
		"is listed twice":  edit(t, small(t), "/type", `["VerifiableCredential","VerifiableCredential"]`),
		"want a type name": edit(t, small(t), "/type", `["VerifiableCredential",5]`),
		"needs an id":      edit(t, small(t), "/issuer", `{"name":"x"}`),
		"needs @value":     edit(t, small(t), "/name", `{"@language":"en"}`),
		"want a string":    edit(t, small(t), "/name", `{"@value":5}`),
		`resource "https`: edit(t, full(t), "/relatedResource",
			`[{"id":"https://a.example/","digestSRI":"sha256-x"},{"id":"https://a.example/","digestSRI":"sha256-x"}]`),
	} {
		_, err := p.Credential([]byte(d))
		requireCode(t, malformed, err)
		require.ErrorContains(t, err, text)
	}
	vp := unsecuredPresentation(t, doc(vocab, "/credentialSubject/anything", `"x"`))
	_, err := p.Presentation([]byte(vp))
	require.NoError(t, err)
	_, err = p.Presentation([]byte(edit(t, vp, "/holder", `{"id":"did:example:h"}`)))
	require.NoError(t, err, "a holder may be an object")
	_, err = p.Presentation([]byte(edit(t, vp, "/unknown", `"x"`)))
	requireCode(t, dataLoss, err)
	_, err = p.Presentation([]byte(edit(t, vp, "/verifiableCredential/0/unknown", `"x"`)))
	require.NoError(t, err, "it has a vocabulary of its own")
	_, err = credential.ParsePresentation([]byte(vp))
	requireCode(t, wrongCtx, err)
}
