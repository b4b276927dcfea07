package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/registrytest"
)

func TestRegistryStore(t *testing.T) {
	testpostgres.DSN(t)
	registrytest.TestStore(t, func(t testing.TB) registry.Store {
		s := open(t, place(t, t.Name()))
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s.Registry()
	})
}
