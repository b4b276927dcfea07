package registry_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// STO: an office on an older copy of its store gives no place twice and takes no
// revocation back.
func TestAfterRestore(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(t.TempDir(), "office.db")
	copied := filepath.Join(t.TempDir(), "copy.db")
	open := func(path string, restored bool) {
		db, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		o.Registry, err = registry.Open(registry.Config{
			Store: db.Registry(), Issuer: o.issuer, BaseURL: "https://issuer.example", Now: o.clock.Now,
			AfterRestore: restored,
		})
		require.NoError(t, err)
		if path != copied {
			require.NoError(t, func() (err error) {
				if o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"}); err != nil {
					return err
				}
				if o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()}); err != nil {
					return err
				}
				o.grant = o.newGrant(o.org.Admin(), o.who)
				first := o.issue()
				o.publish()
				require.NoError(t, o.pays(first))
				return db.Backup(ctx, copied)
			}())
		}
	}
	open(path, false)
	page, err := o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{})
	require.NoError(t, err)
	known, unknown := page.Items[0], o.issue() // the copy does not have the second
	_, err = o.Passports.Revoke(ctx, o.org.Admin(), known.ID, "after the copy was made")
	require.NoError(t, err)
	o.clock.Advance(time.Minute)
	o.publish()
	require.ErrorIs(t, o.pays(known), verify.StatusRevoked)

	// Who does not say that it is a copy is told, and nothing is taken back.
	open(copied, false)
	_, err = o.Passports.Suspend(ctx, registry.Root(), known.ID, registry.Suspension{})
	require.NoError(t, err)
	o.clock.Advance(time.Minute)
	err = o.Lists.Publish(ctx, o.lists)
	require.ErrorIs(t, err, registry.Conflict)
	require.ErrorContains(t, err, "of which this store knows nothing: the store is a copy of an earlier time")
	require.ErrorIs(t, o.pays(known), verify.StatusRevoked)

	open(copied, true)
	o.clock.Advance(time.Minute)
	require.ErrorIs(t, o.Lists.Publish(ctx, o.lists), registry.Conflict)
	_, err = o.Passports.Issue(ctx, o.org.Admin(), o.new())
	require.ErrorIs(t, err, registry.Conflict)
	require.ErrorIs(t, o.Lists.Recover(ctx, o.org.Admin(), o.lists), registry.Forbidden)
	nothing := statuslist.SourceFunc(func(context.Context, string) (*statuslist.Fetched, error) { return nil, nil })
	for _, elsewhere := range []statuslist.Source{new(statuslist.Memory), statuslist.Dir("nowhere"), nothing} {
		err = o.Lists.Recover(ctx, registry.Root(), elsewhere)
		require.ErrorIs(t, err, registry.Conflict)
		require.ErrorContains(t, err, "it has no list of this office")
		_, err = o.Passports.Issue(ctx, o.org.Admin(), o.new())
		require.ErrorIs(t, err, registry.Conflict, "it is not recovered")
	}
	for range 2 {
		require.NoError(t, o.Lists.Recover(ctx, registry.Root(), o.lists))
	}
	o.publish()
	require.ErrorIs(t, o.pays(known), verify.StatusRevoked)
	require.NoError(t, o.pays(unknown))
	fresh := o.issue()
	for _, p := range fresh.Places {
		for _, old := range append(known.Places, unknown.Places...) {
			require.NotEqual(t, old.List, p.List, "lists of before give no places")
		}
	}
	o.publish()
	require.NoError(t, o.pays(fresh))
}

// STO: a copy does not know that a key of the issuer was revoked since: it does not go on with that key, but says which
// one it must be told of.
func TestAfterRestoreKeysAreAsPublished(t *testing.T) {
	o := newWebOffice(t)
	path := filepath.Join(t.TempDir(), "office.db")
	db, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o.store = db.Registry()
	o.Registry = o.open("k1", "k2", "k3")
	o.furnish()
	o.issue()
	o.publishAll()
	copied := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, db.Backup(ctx, copied))
	revoke := registry.Compromise{To: did.MustParseURL(webIssuer + "#k2"), Reason: "stolen"}
	o.clock.Advance(time.Minute)
	_, err = o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", revoke)
	require.NoError(t, err)
	o.publishAll()

	again, err := sqlite.Open(ctx, copied, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	o.clock.Advance(time.Minute)
	o.Registry, err = registry.Open(registry.Config{
		Store: again.Registry(), Issuer: webKey(t, "k1"), Keys: []did.Signer{webKey(t, "k2")},
		BaseURL: "https://issuer.example", Now: o.clock.Now, AfterRestore: true,
	})
	require.NoError(t, err)
	err = o.Lists.Recover(ctx, registry.Root(), o.lists)
	require.ErrorIs(t, err, registry.Conflict)
	var e *registry.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, webIssuer+"#k2", e.ID)
	require.ErrorIs(t, o.Lists.Publish(ctx, o.lists), registry.Conflict, "it is still a copy")
	_, err = o.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k1", revoke)
	require.NoError(t, err)
	require.NoError(t, o.Lists.Recover(ctx, registry.Root(), o.lists))
	o.publishAll()
}
