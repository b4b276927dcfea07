package bundle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// "It answers as that bundle does": a vouched list must count through a Store.
func TestStoreVouchesAsItsBundle(t *testing.T) {
	s := newSite(t)
	raw, err := bundle.Create(ctx, s.operator, s.contents(func(c *bundle.Contents) {
		c.StatusLists = []bundle.Item{
			{Content: unsignedList(t, s.Lists.Get(verifytest.RevocationURL)), Vouched: true},
			{Content: s.Lists.Get(verifytest.SuspensionURL)},
		}
	}), bundle.CreateOptions{})
	require.NoError(t, err)
	b := s.open(raw)
	store, err := bundle.NewStore(s.options(), nil)
	require.NoError(t, err)
	_, err = store.Put(ctx, raw)
	require.NoError(t, err)
	pass := s.Issue(s.Passport())
	for name, src := range map[string]statuslist.Source{"bundle": b, "store": store} {
		_, err = s.Verifier(func(c *verify.Config) { c.Status = src }).Verify(ctx, s.Present(pass, s.Intent()), s.Request())
		require.NoError(t, err, name)
	}
}
