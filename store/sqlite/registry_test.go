package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

func TestRegistryStore(t *testing.T) {
	for name, path := range map[string]func(t testing.TB) string{
		"file":   func(t testing.TB) string { return filepath.Join(t.TempDir(), "office.db") },
		"memory": func(testing.TB) string { return sqlite.Memory },
	} {
		t.Run(name, func(t *testing.T) {
			registrytest.TestStore(t, func(t testing.TB) registry.Store {
				s := open(t, path(t))
				t.Cleanup(func() { require.NoError(t, s.Close()) })
				return s.Registry()
			})
		})
	}
}
