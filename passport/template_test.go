package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// A template is read as a passport is, from its own places.
func TestParseTemplate(t *testing.T) {
	p, err := passport.ParseTemplate([]byte(`{"name": "reader", "capabilities": [{"action": "files.*"}], "delegationDepth": 0,
		"spendLimits": [{"amount": "20.00", "currency": "USD", "per": "day"}]}`))
	require.NoError(t, err)
	require.Equal(t, "reader", p.Name)
	require.Equal(t, "files.*", p.Authority.Capabilities[0].Action)
	require.Equal(t, "20.00 USD", p.Authority.SpendLimits[0].Money.String())
	require.Zero(t, p.Agent)
	p, err = passport.ParseTemplate([]byte(` {"id": "did:web:a.example", "type": "AIAgent"} `))
	require.NoError(t, err)
	require.Equal(t, "did:web:a.example", p.Agent.String())
	p, err = passport.ParseTemplate([]byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, &passport.Passport{}, p)

	const digest = "uEiCVirGrRuiGSX3pcK3nJPCi6FQiPKuf4u02ctDVWZW3_A"
	for text, at := range map[string]string{
		`{`: "", `[]`: "", `"{}"`: "", `{"name": "a", "name": "b"}`: "",
		`{"credentialSubject": {}}`: "", `{"@context": []}`: "",
		`{"colour": "blue"}`: "/colour", `{"type": "Person"}`: "/type", `{"id": "ada"}`: "/id", `{"name": ""}`: "/name",
		`{"maxTransactionAmount": {"amount": 50.0, "currency": "USD"}}`:               "/maxTransactionAmount/amount",
		`{"capabilities": [{"action": "files.*"}, {}]}`:                               "/capabilities/1",
		`{"delegationDepth": 1}`:                                                      "",
		`{"parentDigest": "` + digest + `"}`:                                          "",
		`{"parentPassportId": "urn:safeconduct:passport:01KAJ8H0A0000000000000000X"}`: "",
	} {
		_, err := passport.ParseTemplate([]byte(text))
		var e *passport.Error
		require.ErrorAs(t, err, &e, text)
		require.ErrorIs(t, err, verify.EnvelopeMalformed, text)
		require.Equal(t, at, e.Path, text)
	}
}
