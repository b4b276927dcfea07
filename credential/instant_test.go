package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

// zeros are spellings of instants that Go's zero time, which means "no date",
// could be taken for.
var zeros = []string{"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "0000-12-31T22:00:00-02:00", "0001-01-01T00:00:00.000Z"}

// S1: an end that is written down is an end. Every date of a credential, of a
// presentation and of their proofs is refused if it could read as none.
func TestS1NoDateReadsAsNone(t *testing.T) {
	vc11 := `{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"],"issuer":"did:example:a",` +
		`"issuanceDate":"2026-11-21T00:00:00Z","expirationDate":"2026-12-21T00:00:00Z","credentialSubject":{"id":"did:example:subject"}}`
	proven := signed(t, full(t), credential.SignOptions{Created: created, Expires: created.AddDate(1, 0, 0)}).Text()
	for _, row := range []struct{ doc, pointer string }{
		{full(t), "/validFrom"}, {full(t), "/validUntil"}, {vc11, "/issuanceDate"}, {vc11, "/expirationDate"},
		{proven, "/proof/created"}, {proven, "/proof/expires"},
	} {
		_, err := credential.Parse([]byte(row.doc))
		require.NoError(t, err, "the good twin")
		for _, zero := range zeros {
			_, err := credential.Parse([]byte(edit(t, row.doc, row.pointer, `"`+zero+`"`)))
			requireCode(t, code.EnvelopeMalformed, err)
			require.ErrorContains(t, err, row.pointer)
		}
	}
	shown := unsecuredPresentation(t, small(t))
	for _, zero := range zeros {
		proof := `{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","expires":"` + zero + `"}`
		_, err := credential.ParsePresentation([]byte(edit(t, shown, "/proof", proof)))
		requireCode(t, code.EnvelopeMalformed, err)
	}
	// The same by number: -62135596800 is the zero time, too.
	for _, claim := range []string{"exp", "nbf", "iat"} {
		payload := edit(t, full(t), "/"+claim, "-62135596800")
		_, err := credential.Parse([]byte(box(t, payload, credential.KindCredential, "issuer")), boxed{})
		requireCode(t, code.EnvelopeMalformed, err)
	}
}
