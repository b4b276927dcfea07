package registry_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// G7, G8: agents, grants and budgets are listed, the newest first, page by page, to nobody but their own organisation.
func TestG7ListsOfAgentsGrantsAndBudgets(t *testing.T) {
	o := newOffice(t)
	admin := o.org.Admin()
	agents, grants := []string{o.who.ID}, []string{o.grant.ID}
	for i := range 6 {
		o.clock.Advance(time.Second)
		a, err := o.Agents.Create(ctx, admin, registry.NewAgent{Name: "a", DID: verifytest.Key(string(rune('a' + i))).DID()})
		require.NoError(t, err)
		agents, grants = append(agents, a.ID), append(grants, o.newGrant(admin, a).ID)
	}
	slices.Reverse(agents)
	slices.Reverse(grants)
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)

	listed := func(by registry.Actor, q registry.AgentQuery) (ids []string) {
		for q.Limit = 3; ; {
			page, err := o.Agents.List(ctx, by, q)
			require.NoError(t, err)
			for _, a := range page.Items {
				ids = append(ids, a.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
		}
	}
	granted := func(by registry.Actor, q registry.GrantQuery) (ids []string) {
		for q.Limit = 3; ; {
			page, err := o.Grants.List(ctx, by, q)
			require.NoError(t, err)
			for _, g := range page.Items {
				ids = append(ids, g.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
		}
	}
	require.Equal(t, agents, listed(admin, registry.AgentQuery{}))
	require.Empty(t, listed(stranger.Admin(), registry.AgentQuery{}))
	require.Equal(t, grants, granted(admin, registry.GrantQuery{}))
	require.Equal(t, grants, granted(admin, registry.GrantQuery{Principal: "mailto:ada@example.org"}))
	require.Empty(t, granted(admin, registry.GrantQuery{Principal: "mailto:bob@example.org"}))
	require.Equal(t, grants[:1], granted(admin, registry.GrantQuery{Agent: agents[0]}))
	require.Empty(t, granted(stranger.Admin(), registry.GrantQuery{Agent: agents[0]}), "another's agent has none")
	_, err = o.Grants.Revoke(ctx, admin, grants[2], "")
	require.NoError(t, err)
	require.Equal(t, grants[2:3], granted(admin, registry.GrantQuery{Status: registry.Revoked}))
	require.Len(t, granted(admin, registry.GrantQuery{Status: registry.Active}), 6)
	o.clock.Advance(31 * 24 * time.Hour)
	require.Len(t, granted(admin, registry.GrantQuery{Status: registry.Expired}), 6)
	for _, q := range []registry.GrantQuery{{Status: "gone"}, {Status: registry.Suspended}, {Limit: -1}, {Cursor: "x"}} {
		_, err := o.Grants.List(ctx, admin, q)
		require.ErrorIs(t, err, registry.BadRequest, "%v", q)
	}
	page, err := o.Budgets.List(ctx, admin, registry.BudgetsQuery{Limit: 4})
	require.NoError(t, err)
	require.Len(t, page.Items, 4)
	require.Equal(t, grants[0], page.Items[0].Grant)
	_, err = o.Budgets.List(ctx, stranger.Admin(), registry.BudgetsQuery{Cursor: page.Next})
	require.ErrorIs(t, err, registry.BadRequest, "a cursor of another organisation")
	page, err = o.Budgets.List(ctx, stranger.Admin(), registry.BudgetsQuery{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
}

// G7: no principal grants an agent more than its record allows, also below another grant.
func TestG7ScopesOfAnAgent(t *testing.T) {
	o := newOffice(t)
	admin := o.org.Admin()
	a, err := o.Agents.Create(ctx, admin, registry.NewAgent{
		Name: "a", DID: verifytest.Key("a").DID(), Scopes: []string{"payments:mpp:compute", "data.*"},
	})
	require.NoError(t, err)
	grant := func(parent string, scopes ...string) error {
		_, err := o.Grants.Create(ctx, admin, registry.NewGrant{
			Agent: a.ID, Principal: "mailto:ada@example.org", Scopes: scopes, Parent: parent,
			ExpiresAt: o.clock.Now().Add(time.Hour),
		})
		return err
	}
	require.NoError(t, grant("", "payments:mpp:compute", "data.export"))
	require.ErrorIs(t, grant("", "payments:mpp:compute", "files.read"), registry.Widened)
	above, err := o.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"data.*", "files.*"},
		ExpiresAt: o.clock.Now().Add(time.Hour),
	})
	require.NoError(t, err, "an agent without scopes has no bound of its own")
	require.NoError(t, grant(above.ID, "data.export"))
	require.ErrorIs(t, grant(above.ID, "files.read"), registry.Widened)

	changed, err := o.Agents.Update(ctx, admin, a.ID, registry.AgentPatch{Name: ptr(" b "), Scopes: &[]string{"files.*"}})
	require.NoError(t, err)
	require.Equal(t, "b", changed.Name)
	require.Equal(t, o.clock.Now().UTC(), changed.UpdatedAt)
	require.NoError(t, grant(above.ID, "files.read"))
	require.ErrorIs(t, grant(above.ID, "data.export"), registry.Widened)
	for _, p := range []registry.AgentPatch{
		{Name: ptr(" ")}, {Description: ptr(strings.Repeat("x", 2001))}, {Scopes: &[]string{""}},
		{Scopes: &[]string{"a", "a"}}, {Scopes: ptr(make([]string, 65))},
	} {
		_, err := o.Agents.Update(ctx, admin, a.ID, p)
		require.ErrorIs(t, err, registry.BadRequest, "%v", p)
	}
	_, err = o.Agents.Revoke(ctx, admin, a.ID, "")
	require.NoError(t, err)
	_, err = o.Agents.Update(ctx, admin, a.ID, registry.AgentPatch{Name: ptr("c")})
	require.ErrorIs(t, err, registry.InvalidTransition)
}

// Two who have read the same record of an agent do not overwrite one another's change unseen.
func TestG1VersionsOfAnAgent(t *testing.T) {
	o := newOffice(t)
	admin := o.org.Admin()
	read, err := o.Agents.Get(ctx, admin, o.who.ID)
	require.NoError(t, err)
	require.Equal(t, o.who, read)
	narrow := registry.AgentPatch{Version: read.Version, Scopes: &[]string{"data.*"}}
	narrowed, err := o.Agents.Update(ctx, admin, read.ID, narrow)
	require.NoError(t, err)
	require.Equal(t, read.Version+1, narrowed.Version)
	wide := registry.AgentPatch{Version: read.Version, Scopes: &[]string{"data.*", "payments:mpp:compute"}}
	_, err = o.Agents.Update(ctx, admin, read.ID, wide)
	require.ErrorIs(t, err, registry.VersionMismatch)
	wide.Version = -2
	_, err = o.Agents.Update(ctx, admin, read.ID, wide)
	require.ErrorIs(t, err, registry.BadRequest)
	for _, change := range []func() (*registry.Agent, error){
		func() (*registry.Agent, error) { return o.Agents.Suspend(ctx, admin, read.ID, registry.Suspension{}) },
		func() (*registry.Agent, error) { return o.Agents.Resume(ctx, admin, read.ID, "") },
		func() (*registry.Agent, error) {
			any := registry.AgentPatch{Version: registry.AnyVersion, Name: ptr("x")}
			return o.Agents.Update(ctx, admin, read.ID, any)
		},
		func() (*registry.Agent, error) {
			return o.Agents.Update(ctx, admin, read.ID, registry.AgentPatch{Name: ptr("y")})
		},
	} {
		changed, err := change()
		require.NoError(t, err)
		now, err := o.Agents.Get(ctx, admin, read.ID)
		require.NoError(t, err)
		require.Equal(t, changed, now)
		page, err := o.Agents.List(ctx, admin, registry.AgentQuery{})
		require.NoError(t, err)
		require.Equal(t, now, page.Items[0])
	}
}
