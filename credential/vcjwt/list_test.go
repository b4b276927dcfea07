package vcjwt_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// D6: a list that is a token is taken with the line break that editors and
// shells add. What is presented is not: it has one spelling.
func TestD6ListWithALineBreak(t *testing.T) {
	ctx := context.Background()
	w := verifytest.NewWorld(t)
	w.Lists.Publish()
	list, err := credential.Parser{StatusList: true}.Credential(w.Lists.Get(verifytest.RevocationURL))
	require.NoError(t, err)
	token, err := credential.Sign(ctx, w.Issuer, list.Unverified(), credential.SignOptions{Format: vcjwt.Format(), Created: w.Clock.Now()})
	require.NoError(t, err)
	formats := []credential.Format{vcjwt.Format()}
	for name, tc := range map[string]struct {
		before, after string
		ok            bool
	}{
		"as it is": {"", "", true}, "a line feed": {"", "\n", true}, "of Windows": {"", "\r\n", true},
		"several": {"", "\n \t\n", true}, "before": {" \n", "", true},
		"a no-break space": {"", "\u00a0", false}, "a NUL": {"", "\x00", false}, "a point": {"", ".", false},
		"a second token": {"", "\n" + string(token.Bytes()), false},
	} {
		t.Run(name, func(t *testing.T) {
			raw := []byte(tc.before + string(token.Bytes()) + tc.after)
			parsed, err := credential.Parser{StatusList: true, Formats: formats}.Credential(raw)
			require.Equal(t, tc.ok, err == nil, "%v", err)
			if tc.ok {
				require.Equal(t, token.Bytes(), parsed.Bytes())
				require.NoError(t, parsed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, w.Clock.Now()))
				l, err := statuslist.ReadUnverified(raw)
				require.NoError(t, err)
				require.Equal(t, vcjwt.MediaTypeCredential, l.MediaType)
				require.True(t, l.AsOf.Equal(w.Clock.Now()))
			}
			w.Lists.Put(verifytest.RevocationURL, raw)
			v := w.Verifier(func(c *verify.Config) { c.Formats = formats })
			_, err = v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
			require.Equal(t, tc.ok, err == nil, "%v", err)

			_, err = credential.Parser{Formats: formats}.Credential(raw)
			require.Equal(t, tc.before+tc.after == "", err == nil, "not as a list: %v", err)
		})
	}
}
