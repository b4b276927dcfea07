package credential_test

import (
	"strings"
	"testing"

	"github.com/safeconduct/safeconduct/credential"
)

// CAN-29, SIG-18: shapes of proof that made other libraries panic or count
// wrong.
func TestSIG18ProofShapes(t *testing.T) {
	doc := signed(t, small(t), credential.SignOptions{}).Text()
	one := mustValue(t, doc).Get("proof").Raw()
	for name, raw := range map[string]string{
		"empty": `{}`, "list with empty": `[{}]`, "zero": `0`, "null": `null`, "empty list": `[]`,
		"nested list": `[[` + one + `]]`, "list with null": `[` + one + `,null]`,
		"list with a string": `[` + one + `,"urn:x:p"]`, "string": `"urn:x:p"`, "true": `true`,
		"the same proof twice":             `[` + one + `,` + one + `]`,
		"the same signature twice":         `[` + one + `,` + strings.Replace(one, `{`, `{"nonce":"n",`, 1) + `]`,
		"two proofs with one id":           `[` + strings.Replace(one, `{`, `{"id":"urn:x:p",`, 1) + `,{"id":"urn:x:p","type":"DataIntegrityProof"}]`,
		"unknown member":                   strings.Replace(one, `{`, `{"jws":"x",`, 1),
		"proof id relative":                strings.Replace(one, `{`, `{"id":"p",`, 1),
		"domain empty list":                strings.Replace(one, `{`, `{"domain":[],`, 1),
		"domain twice":                     strings.Replace(one, `{`, `{"domain":["a","a"],`, 1),
		"domain empty":                     strings.Replace(one, `{`, `{"domain":"",`, 1),
		"previousProof holds a number":     strings.Replace(one, `{`, `{"previousProof":["urn:x:p",5],`, 1),
		"challenge a list":                 strings.Replace(one, `{`, `{"challenge":["c"],`, 1),
		"type a list":                      strings.Replace(one, `"DataIntegrityProof"`, `["DataIntegrityProof"]`, 1),
		"JSON-LD's own names in the proof": strings.Replace(one, `{`, `{"@type":"x",`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.Parse([]byte(edit(t, doc, "/proof", raw)))
			requireCode(t, malformed, err)
		})
	}
}
