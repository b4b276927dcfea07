package passport_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

func TestIssueAndPresentAsJWT(t *testing.T) {
	ctx := context.Background()
	given, err := decode(largest(t))
	require.NoError(t, err)
	given.Agent = keyOf(t, 2).DID()
	signed, err := passport.Issue(ctx, keyOf(t, 1), given, passport.IssueOptions{Now: at(instant), Format: vcjwt.Format()})
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(signed.Text(), "."), "a compact JWS")
	require.NoError(t, signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}))

	again, err := credential.Parse(signed.Bytes(), vcjwt.Format())
	require.NoError(t, err)
	got, err := passport.ReadUnverified(again)
	require.NoError(t, err)
	require.Equal(t, canonical(given.Extensions), canonical(got.Extensions))
	got.Extensions = given.Extensions
	require.Equal(t, given, got)

	vp, err := passport.Present(ctx, keyOf(t, 2), passport.Chain{signed},
		passport.Intent{Act: passport.Act{Action: "payments.charge"}}, shop, passport.PresentOptions{Now: at(instant), Format: vcjwt.Format()})
	require.NoError(t, err)
	require.NoError(t, vp.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}))
	require.Equal(t, []string{shop}, vp.Proofs()[0].Domain)

	_, err = passport.Issue(ctx, keyOf(t, 1), given, passport.IssueOptions{Now: at(instant), Format: vcjwt.Format(), Suite: credential.SuiteJCS})
	require.ErrorIs(t, err, code.RequestInvalid, "a JWT has no cryptosuite")
}
