package registry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A record that is refused when half of it is written changes nothing, and its neighbours come.
func TestImportWritesNoHalf(t *testing.T) {
	o := newOffice(t)
	list := o.there()
	list[2].Status, list[2].Reason = registry.Suspended, strings.Repeat("x", 1025)
	lines := o.bring(true, list[:3]...)
	require.Equal(t, []string{
		"org changed; ID: it is new", "owner changed; ID: it is that of the e-mail address here",
		"agent refused BAD_REQUEST Reason",
	}, outcomes(lines))
	require.Equal(t, outcomes(lines)[2:], outcomes(o.bring(false, list[2])))
	require.ErrorIs(t, does(o.Agents.Get(ctx, registry.Root(), foreignAgent)), registry.NotFound)
}

// What is here is not overwritten by what says something else.
func TestImportOverwritesNothing(t *testing.T) {
	o := newOffice(t)
	list := o.there()
	o.bring(true, list...)
	list[2].NewAgent.Name = "another"
	require.Equal(t, "agent refused CONFLICT ID", outcomes(o.bring(true, list...))[2])
	a, err := o.Agents.Get(ctx, registry.Root(), foreignAgent)
	require.NoError(t, err)
	require.Equal(t, "buyer", a.Name)
}

// G7: a grant is no wider than the one above it, or than its agent may be granted; what stands on a grant that is
// revoked is revoked, and ends with it.
func TestG7ImportedGrantsNarrow(t *testing.T) {
	o := newOffice(t)
	list := o.there()[:4]
	list[2].NewAgent.Scopes = []string{"payments:*", "data.read"}
	above := list[3].Grant
	grant := func(id, agent string, edit func(r *registry.ImportRecord)) registry.ImportRecord {
		g := &registry.ImportGrant{NewGrant: above.NewGrant}
		g.Budget, g.Agent, g.Parent = passport.Money{}, agent, foreignGrant
		r := registry.ImportRecord{ID: id, Org: "dev_1", Status: registry.Active, Grant: g}
		edit(&r)
		return r
	}
	pass := func(id, grant string) registry.ImportRecord {
		return registry.ImportRecord{ID: id, Org: "dev_1", Status: registry.Active, Passport: &registry.ImportPassport{
			NewPassport: registry.NewPassport{Agent: foreignAgent, Grant: grant}, Issuer: "did:web:grantex.dev",
			ExpiresAt: o.clock.Now().Add(24 * time.Hour),
		}}
	}
	list = append(list,
		registry.ImportRecord{ID: "ag 2", Org: "dev_1", Status: registry.Active, NewAgent: &registry.NewAgent{
			Name: "second", DID: verifytest.Key("second").DID(),
		}},
		grant("part", "ag 2", func(*registry.ImportRecord) {}),
		grant("wider", "ag 2", func(r *registry.ImportRecord) { r.Grant.Scopes = []string{"data.read"} }),
		grant("longer", "ag 2", func(r *registry.ImportRecord) { r.Grant.ExpiresAt = above.ExpiresAt.Add(time.Hour) }),
		grant("itself", foreignAgent, func(*registry.ImportRecord) {}),
		grant("more than the agent may have", foreignAgent, func(r *registry.ImportRecord) {
			r.Grant.Parent, r.Grant.Scopes = "", []string{"data.write"}
		}),
		grant("revoked", foreignAgent, func(r *registry.ImportRecord) { r.Grant.Parent, r.Status = "", registry.Revoked }),
		grant("below it", "ag 2", func(r *registry.ImportRecord) { r.Grant.Parent = "revoked" }),
		grant("short", foreignAgent, func(r *registry.ImportRecord) {
			r.Grant.Parent, r.Grant.ExpiresAt = "", o.clock.Now().Add(time.Hour)
		}),
		pass("1", "revoked"), pass("2", "short"),
	)
	rehearsed := outcomes(o.bring(false, list...))
	lines := o.bring(true, list...)
	require.Equal(t, outcomes(lines), rehearsed)
	require.Equal(t, []string{
		"grant changed; ID: it is new", "grant refused WIDENED Scopes", "grant refused INVALID_EXPIRY ExpiresAt",
		"grant refused BAD_REQUEST Agent", "grant refused WIDENED Scopes", "grant changed; ID: it is new",
		"grant changed; Status: the grant above is revoked; ID: it is new", "grant changed; ID: it is new",
		"passport changed; Status: its agent or grant is revoked; ID: it is new",
		"passport changed; ExpiresAt: it ends with its grant; ID: it is new",
	}, outcomes(lines)[5:])
	p, err := o.Passports.Get(ctx, registry.Root(), lines[14].Here)
	require.NoError(t, err)
	require.Equal(t, o.clock.Now().Add(time.Hour), p.ExpiresAt)
	g, err := o.Grants.Get(ctx, registry.Root(), lines[11].Here)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, g.Status)
}
