package registry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// A15, P1, P2, G1: each kind of key has its form, its default scopes, and is found by
// its secret alone, but for that of an organisation.
func TestA15KindsOfKeys(t *testing.T) {
	for kind, want := range map[registry.KeyKind]struct {
		id, secret, plan string
		scopes           []registry.Scope
	}{
		registry.KeyAPI:  {"apk_", "apk_", "", nil},
		registry.KeyOrg:  {"orgkey_", "sck_", "", []registry.Scope{registry.ScopeRead, registry.ScopeUpdate}},
		registry.KeyAIP1: {"key_", "kya_live_", "starter", []registry.Scope{registry.ScopeRead, registry.ScopeUpdate}},
		registry.KeyGrantex: {"gxk_", "gx_live_", "", []registry.Scope{
			registry.ScopeIssue, registry.ScopeListAgents, registry.ScopeRead, registry.ScopeUpdate}},
	} {
		o := newOffice(t)
		n := registry.NewKey{Kind: kind, Name: "production-backend"}
		if want.scopes == nil {
			_, _, err := o.Keys.Create(ctx, o.org.Admin(), n)
			require.ErrorIs(t, err, registry.BadRequest, "scopes are named")
			n.Scopes = []registry.Scope{registry.ScopeRead}
			want.scopes = n.Scopes
		}
		k, secret, err := o.Keys.Create(ctx, o.org.Admin(), n)
		require.NoError(t, err)
		text := secret.Reveal()
		require.True(t, strings.HasPrefix(k.ID, want.id) && strings.HasPrefix(text, want.secret), text)
		require.Equal(t, want.plan, k.Plan)
		require.Equal(t, want.scopes, k.Scopes)
		_, err = o.Authenticate(ctx, k.ID, text)
		require.NoError(t, err)
		_, err = o.Authenticate(ctx, "", text)
		require.Equal(t, kind == registry.KeyOrg, err != nil, kind)
		list, err := o.Keys.List(ctx, o.org.Admin(), "")
		require.NoError(t, err)
		require.Equal(t, []*registry.APIKey{k}, list)
		require.True(t, strings.HasPrefix(text, k.Prefix), "it is listed by its prefix")
		require.Less(t, len(k.Prefix), 40)
		_, second, err := o.Keys.Rotate(ctx, o.org.Admin(), k.ID, 0)
		require.NoError(t, err)
		_, err = o.Authenticate(ctx, k.ID, text)
		require.ErrorIs(t, err, registry.Unauthenticated)
		_, err = o.Authenticate(ctx, k.ID, second.Reveal())
		require.NoError(t, err)
		_, err = o.Keys.Revoke(ctx, o.org.Admin(), k.ID, "")
		require.NoError(t, err)
		_, err = o.Authenticate(ctx, k.ID, second.Reveal())
		require.ErrorIs(t, err, registry.Unauthenticated, "A15: a revoked key is unauthenticated")
	}
}

// P2, P16: of keys, one of the organisation alone pauses it, and does nothing else.
func TestP2OrgKeys(t *testing.T) {
	o := newOffice(t)
	k, secret, err := o.Keys.Create(ctx, o.org.Admin(), registry.NewKey{Kind: registry.KeyOrg, Name: "ops"})
	require.NoError(t, err)
	by, err := o.Authenticate(ctx, k.ID, secret.Reveal())
	require.NoError(t, err)
	_, err = o.Orgs.Pause(ctx, by, "", "incident")
	require.NoError(t, err)
	_, err = o.Orgs.Resume(ctx, by, "", "")
	require.NoError(t, err)
	_, err = o.Agents.Suspend(ctx, by, o.who.ID, registry.Suspension{})
	require.NoError(t, err)
	_, err = o.Passports.Issue(ctx, by, o.new())
	require.ErrorIs(t, err, registry.MissingScope)
	_, _, all := o.key(allScopes...)
	_, err = o.Orgs.Pause(ctx, all, "", "")
	require.ErrorIs(t, err, registry.Forbidden)
	for _, n := range []registry.NewKey{
		{Kind: registry.KeyOrg, Name: "x", Scopes: []registry.Scope{registry.ScopeIssue}},
		{Kind: registry.KeyOrg, Name: "x", Owner: o.owner("x@example.org").ID},
		{Kind: "other", Name: "x", Scopes: allScopes},
		{Kind: registry.KeyAPI, Name: "x", Scopes: allScopes, Plan: "gold"},
		{Kind: registry.KeyAIP1, Name: ""},
	} {
		_, _, err = o.Keys.Create(ctx, o.org.Admin(), n)
		require.ErrorIs(t, err, registry.BadRequest)
	}
}

// P1, P16: a person's key is theirs, and acts on what is theirs alone.
func TestP1KeysOfOwners(t *testing.T) {
	o := newOffice(t)
	ada, bob := o.owner("ada@example.org"), o.owner("bob@example.org")
	k, secret, err := o.Keys.Create(ctx, ada.Actor(), registry.NewKey{Kind: registry.KeyAIP1, Name: "mine"})
	require.NoError(t, err)
	require.Equal(t, ada.ID, k.Owner)
	by, err := o.Authenticate(ctx, "", secret.Reveal())
	require.NoError(t, err)
	_, err = o.Owners.Get(ctx, by, ada.ID)
	require.NoError(t, err)
	_, err = o.Owners.Get(ctx, by, bob.ID)
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.Agents.Get(ctx, by, o.who.ID)
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.Keys.Revoke(ctx, bob.Actor(), k.ID, "")
	require.ErrorIs(t, err, registry.NotFound)
	for who, n := range map[*registry.Owner]int{ada: 1, bob: 0} {
		list, err := o.Keys.List(ctx, who.Actor(), "")
		require.NoError(t, err)
		require.Len(t, list, n)
	}
	_, _, err = o.Keys.Create(ctx, bob.Actor(), registry.NewKey{Kind: registry.KeyAIP1, Name: "x", Owner: ada.ID})
	require.ErrorIs(t, err, registry.NotFound)
	_, err = o.Keys.Revoke(ctx, ada.Actor(), k.ID, "")
	require.NoError(t, err)
}
