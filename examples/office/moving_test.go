package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
	"github.com/safeconduct/safeconduct/passport/registry/migrate/sample"
)

// An export of 1,000 records of each system that has a reader: what came over, what did not, and why. A second run
// changes nothing.
func TestMoveAThousandRecords(t *testing.T) {
	sequential.Long(t)
	require.Len(t, migrate.Readers(), len(sample.Exports()))
	for name, export := range sample.Exports() {
		t.Run(name, func(t *testing.T) {
			o := newTestOffice(t)
			m := moving{name, filepath.Join(t.TempDir(), "export.json")}
			file, err := os.Create(m.export)
			require.NoError(t, err)
			require.NoError(t, export(file))
			require.NoError(t, file.Close())
			var told, again strings.Builder
			require.NoError(t, m.bring(ctx, o.world, &told))
			t.Log(told.String())
			require.Contains(t, told.String(), "\n30 did not come over\n")
			before := o.events()
			require.NoError(t, m.bring(ctx, o.world, &again))
			require.Contains(t, again.String(), "970 were here already\n30 did not come over\n")
			require.Equal(t, before, o.events(), "a second run makes nothing twice")
		})
	}
	require.Error(t, moving{source: "telex"}.bring(ctx, nil, nil))
}
