package registry_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// P1: whoever may manage keys does not come by one that may do more.
func TestP1RotatingGivesNothingAway(t *testing.T) {
	o := newOffice(t)
	strong, _, _ := o.key(registry.ScopeUpdate, registry.ScopeRead)
	weak, _, by := o.key(registry.ScopeManageKeys, registry.ScopeRead)
	_, _, err := o.Keys.Rotate(ctx, by, strong.ID, 0)
	require.ErrorIs(t, err, registry.MissingScope)
	_, _, err = o.Keys.Rotate(ctx, by, weak.ID, 0)
	require.NoError(t, err)
}

// A6: no suspension of a tenant, however short, keeps a kill switch off the list,
// and none makes the edition of all others end at once.
func TestA6ShortSuspensionsHoldUpNobody(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	a, err := o.Agents.Create(ctx, stranger.Admin(), registry.NewAgent{Name: "x", DID: o.agent.DID()})
	require.NoError(t, err)
	n := o.new()
	n.Agent, n.Grant = a.ID, o.newGrant(stranger.Admin(), a).ID
	theirs, err := o.Passports.Issue(ctx, stranger.Admin(), n)
	require.NoError(t, err)
	for _, span := range []time.Duration{time.Second, 40 * time.Second, 61 * time.Second} {
		_, err = o.Passports.Suspend(ctx, stranger.Admin(), theirs.ID, registry.Suspension{For: span})
		require.NoError(t, err)
		o.clock.Advance(time.Millisecond)
		o.publish()
		o.clock.Advance(9 * time.Minute)
		require.NoError(t, o.pays(p), "the edition is still good")
	}
	_, err = o.Switches.PauseOffice(ctx, registry.Root(), "")
	require.NoError(t, err)
	_, err = o.Passports.Suspend(ctx, stranger.Admin(), theirs.ID, registry.Suspension{For: 40 * time.Second})
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.pays(p), verify.StatusIssuerPaused)
}

// signing is a signer during whose work something else happens.
type signing struct {
	did.Signer
	meanwhile func()
}

func (s *signing) Sign(c context.Context, msg []byte) ([]byte, error) {
	if f := s.meanwhile; f != nil {
		s.meanwhile = nil
		f()
		s.meanwhile = f
	}
	return s.Signer.Sign(c, msg)
}

// A6: whoever issues all the time does not hold up whoever publishes.
func TestA6IssuingHoldsUpNobody(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	signer := &signing{Signer: o.issuer}
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), Issuer: signer, BaseURL: "https://issuer.example", Now: o.clock.Now,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	p := o.issue()
	o.publish()
	_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	signer.meanwhile = func() { o.issue() }
	o.publish()
	signer.meanwhile = nil
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
}

// G5, P16: another's agents and grants are answered like those that are nobody's.
func TestP16ListsAreNoOracle(t *testing.T) {
	o := newOffice(t)
	o.issue()
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	for _, q := range []registry.PassportQuery{{Agent: o.who.ID}, {Grant: o.grant.ID}, {Agent: "ag_x"}, {Grant: "grnt_x"}} {
		page, err := o.Passports.List(ctx, stranger.Admin(), q)
		require.NoError(t, err)
		require.Empty(t, page)
	}
}

// P11: a reason is UTF-8 and not too long, so that the log reads back as written.
func TestP11Reasons(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	for name, reason := range map[string]string{"not UTF-8": "a\xff", "long": strings.Repeat("x", 1025)} {
		_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{Reason: reason})
		require.ErrorIs(t, err, registry.BadRequest, name)
	}
	_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{Reason: "<&>\u2028 ok"})
	require.NoError(t, err)
	require.NoError(t, o.Audit.Verify(ctx, o.org.Admin(), ""))
	_, err = o.Switches.PauseOffice(ctx, registry.Root(), "all")
	require.NoError(t, err)
	lines, err := o.Audit.List(ctx, registry.Root(), "", 0, 0)
	require.NoError(t, err)
	require.Equal(t, "issuer.paused", lines[len(lines)-1].Action)
	require.NoError(t, o.Audit.Verify(ctx, registry.Root(), ""))
}

// Ids that no engine can hold are ids of nothing.
func TestIDsThatCannotBe(t *testing.T) {
	o := newOffice(t)
	for _, id := range []string{"a\x00b", "a\xffb", strings.Repeat("x", 1<<16)} {
		_, err := o.Passports.Get(ctx, o.org.Admin(), id)
		require.ErrorIs(t, err, registry.NotFound)
		_, err = o.Authenticate(ctx, id, "x")
		require.ErrorIs(t, err, registry.Unauthenticated)
		_, err = o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{Agent: id})
		require.NoError(t, err)
	}
}

// An office that moves to another address goes on with lists of its own there.
func TestAnotherBaseURL(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	for _, base := range []string{"https://old.example", "https://new.example"} {
		r, err := registry.Open(registry.Config{Store: db.Registry(), Issuer: o.issuer, BaseURL: base, Now: o.clock.Now})
		require.NoError(t, err)
		org, err := r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: base})
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(org.Switch.List, base), org.Switch.List)
		require.NoError(t, r.Lists.Publish(ctx, statuslist.Dir(t.TempDir())))
	}
}
