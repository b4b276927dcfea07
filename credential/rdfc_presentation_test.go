package credential_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// Credentials without ids, of one issuer, about one subject, differ in what
// lies behind blank nodes alone. In a presentation they must not look like a
// poison graph: each stands in a graph of its own, which its quads name again
// and again.
func TestRDFCPresentationOfAlikeCredentials(t *testing.T) {
	key := keyOf(t, "issuer")
	var inner []string
	for i := range 4 {
		text := edit(t, edit(t, full(t), "/id", ""), "/credentialStatus", "")
		text = edit(t, text, "/evidence", fmt.Sprintf(`{"type":"https://issuer.example/types#Evidence","name":"%d"}`, i))
		inner = append(inner, signed(t, text, credential.SignOptions{Suite: credential.SuiteRDFC}).Text())
	}
	vp := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` +
		key.DID().String() + `","verifiableCredential":[` + strings.Join(inner, ",") + `]}`
	s, err := credential.SignPresentation(context.Background(), key, []byte(vp), credential.SignOptions{Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	require.NoError(t, s.CheckProofs(context.Background(), did.KeyMethods(), did.Authentication, time.Time{}))
}

// CAN-17: an IRI that would end its own brackets in N-Quads, so that one text
// stands for two datasets.
func TestCAN17IRIsWithBrackets(t *testing.T) {
	s := newShown(t)
	var changes []change
	for _, iri := range []string{"urn:o> <urn:g", "urn:o>", "urn:<o", "urn:o o", `urn:o\"o`, "urn:o{", "urn:o}",
		"urn:o|o", `urn:o\\o`, "urn:o^o", "urn:o`o", `urn:o\u0000o`, `urn:o\no`} {
		changes = append(changes, change{iri + " as a value", subject + "/organizationDID", `"` + iri + `"`},
			change{iri + " as an id", inPassport + "/evidence", `{"id":"` + iri + `","type":"AIAgent"}`},
			change{iri + " as a type", inPassport + "/evidence", `{"type":["AIAgent","` + iri + `"]}`})
	}
	s.refusedEach(t, changes)
}
