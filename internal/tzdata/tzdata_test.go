package tzdata_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/tzdata"
)

// MON-11: the zones are those of this build, whatever the host has.
func TestZonesComeFromTheBuild(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	loc, err := tzdata.Load("Europe/Berlin")
	require.NoError(t, err)
	require.Equal(t, "2026-07-01T14:00:00+02:00", time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).In(loc).Format(time.RFC3339))
	require.Equal(t, "2026-01-01T13:00:00+01:00", time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).In(loc).Format(time.RFC3339))
	again, err := tzdata.Load("Europe/Berlin")
	require.NoError(t, err)
	require.Same(t, loc, again)
}

func TestNoZones(t *testing.T) {
	for _, name := range []string{"", "Local", "Factory", "europe/berlin", "Europe/Nowhere", "../zone", "/etc/localtime", "Europe/", "Europe"} {
		_, err := tzdata.Load(name)
		require.Error(t, err, name)
	}
	_, err := tzdata.Load("UTC")
	require.NoError(t, err)
}
