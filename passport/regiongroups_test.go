package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

func TestExpandRegions(t *testing.T) {
	eu, err := passport.ExpandRegions("EU")
	require.NoError(t, err)
	require.Len(t, eu, 27)
	for _, r := range eu {
		require.NoError(t, passport.CheckRegion(r))
	}
	eea, err := passport.ExpandRegions("EEA", "DE", "US-CA")
	require.NoError(t, err)
	require.Len(t, eea, 31)
	require.Contains(t, eea, "US-CA")
	require.IsIncreasing(t, eea)
	_, err = passport.ExpandRegions("Europe")
	require.Error(t, err)
	require.Error(t, passport.CheckRegion("EU"), "a group never stands on the wire")
}
