package grantex_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/verify"
)

// G10: what a code of Grantex is here, the table of codes says as well.
func TestG10CodesAgree(t *testing.T) {
	ok := emit(t, nil)
	for _, header := range []string{"", "bnVsbA", edit(ok, `"issuer":"`+issuer, `"issuer":"did:web:x.example`), edit(ok, "ag_1", "ag_2"),
		mint(ok, nil, swap("ed-1", "ed-2")), mint(ok, swap(`"exp":1795939200`, `"exp":9`), nil)} {
		_, err := in(grantex.Strict).Verify(header, now)
		var foreign *grantex.Error
		var ours *passport.Error
		require.True(t, errors.As(err, &foreign) && errors.As(err, &ours))
		info, known := verify.Lookup(ours.Code)
		require.True(t, known && slices.Contains(info.Grantex, string(foreign.Code)), "%v", err)
	}
}
