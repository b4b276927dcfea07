package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A consent says what its type says (F-102): a person who signed less has not
// consented to anything, and an agreement that is accepted tomorrow is not accepted.
func TestConsentsSayWhatTheirTypeSays(t *testing.T) {
	digest := passport.Digest([]byte("the text"))
	will := `"type":"ManifestationOfWill","statementDigest":"` + digest + `"`
	accepted := `"type":"AgreementAcceptance","agreement":"urn:example:terms","agreementVersion":"1",` +
		`"agreementKind":"Resident","textDigest":"` + digest + `","acceptedAt":"2026-11-21T09:00:00Z"`
	for _, c := range []struct{ name, typ, subject, from, to string }{
		{"a will", passport.ManifestationOfWill, will, "", ""},
		{"a will without a statement", passport.ManifestationOfWill, will, `,"statementDigest":"` + digest + `"`, ""},
		{"a will of a digest that is none", passport.ManifestationOfWill, will, digest, "uAAAA"},
		{"a will without its type", passport.ManifestationOfWill, will, `"type":"ManifestationOfWill",`, ""},
		{"an acceptance dressed as a will", passport.ManifestationOfWill, accepted, "", ""},
		{"an acceptance", passport.AgreementAcceptance, accepted, "", ""},
		{"an acceptance of no agreement", passport.AgreementAcceptance, accepted, `"agreement":"urn:example:terms",`, ""},
		{"an acceptance of no version", passport.AgreementAcceptance, accepted, `"agreementVersion":"1",`, ""},
		{"an acceptance of no kind", passport.AgreementAcceptance, accepted, `"agreementKind":"Resident",`, ""},
		{"an acceptance of no text", passport.AgreementAcceptance, accepted, `"textDigest":"` + digest + `",`, ""},
		{"an acceptance of no day", passport.AgreementAcceptance, accepted, `,"acceptedAt":"2026-11-21T09:00:00Z"`, ""},
		{"an acceptance of tomorrow", passport.AgreementAcceptance, accepted, "2026-11-21T09:00:00Z", "2026-11-21T09:00:01Z"},
		{"a will dressed as an acceptance", passport.AgreementAcceptance, will, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			subject := strings.Replace(c.subject, c.from, c.to, 1)
			good := subject == c.subject && !strings.Contains(c.name, "dressed")
			w := verifytest.NewWorld(t)
			ada := w.Principal("ada")
			s, err := credential.SignJSON(ctx, ada, fmt.Appendf(nil,
				`{"@context":[%q,%q],"type":["VerifiableCredential",%q],"id":"urn:example:consent","issuer":%q,`+
					`"validFrom":"2026-11-21T08:00:00Z","credentialSubject":{"id":%[4]q,%[5]s}}`,
				credential.ContextV2, passport.Context, c.typ, ada.DID(), subject), credential.SignOptions{})
			if err != nil { // the contexts do not even define it so
				require.False(t, good, "%v", err)
				return
			}
			pass := w.Issue(w.Passport(ada.StandsOn(s)))
			raw := w.Present(pass, w.Intent(), func(o *passport.PresentOptions) { o.Siblings = []*credential.Signed{s} })
			_, err = w.Verifier().Verify(ctx, raw, w.Request())
			if good {
				verifytest.AssertAllowed(t, err)
				return
			}
			verifytest.AssertDenied(t, err, verify.ConsentInvalid)
		})
	}
	_, err := passport.IssueManifestation(ctx, verifytest.Key("ada"), passport.Manifestation{StatementDigest: "x"},
		passport.IssueOptions{})
	require.ErrorIs(t, err, verify.EnvelopeMalformed)
	_, err = passport.IssueAcceptance(ctx, verifytest.Key("ada"), passport.Acceptance{
		Agreement: "urn:example:terms", Version: "1", Kind: "Resident", TextDigest: "x",
	}, passport.IssueOptions{})
	require.ErrorIs(t, err, verify.EnvelopeMalformed)
}
