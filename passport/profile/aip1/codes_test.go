package aip1_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/verify"
)

// A4: what a code of AIP-1 is here, the table of codes says as well.
func TestA4CodesAgree(t *testing.T) {
	far := plain()
	far.Boundaries.AllowedActions, far.Boundaries.Limit.PerTransaction = []string{"x"}, "1"
	for _, envelope := range []string{"{", swap(sign(plain()), "45.5", "45.6"), sign(far)} {
		_, err := knows(aip1.Strict).Verify(envelope, "", now)
		var foreign *aip1.Error
		var ours *passport.Error
		require.True(t, errors.As(err, &foreign) && errors.As(err, &ours))
		info, known := verify.Lookup(ours.Code)
		require.True(t, known)
		require.Equal(t, string(foreign.Codes[0]), info.AIP1, "%v", err)
	}
}
