package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// calls are all calls that name something of an organisation, with a good answer
// for its admin. Calls that resume or wait are like the ones that suspend.
var calls = map[string]func(o *office, by registry.Actor, p *registry.Passport) error{
	"Orgs.Get": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Orgs.Get(ctx, by, o.org.ID)
		return err
	},
	"Orgs.Pause": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Orgs.Pause(ctx, by, o.org.ID, "")
		return err
	},
	"Owners.Create": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Owners.Create(ctx, by, registry.NewOwner{Org: o.org.ID, Name: "x"})
		return err
	},
	"Owners.Get": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Owners.Get(ctx, by, o.org.ID)
		return err
	},
	"Owners.List": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Owners.List(ctx, by, registry.OwnerQuery{Org: o.org.ID})
		return err
	},
	"Agents.Create": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Agents.Create(ctx, by, registry.NewAgent{Org: o.org.ID, Name: "x", DID: verifytest.Key("x").DID()})
		return err
	},
	"Agents.Get": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Agents.Get(ctx, by, o.who.ID)
		return err
	},
	"Agents.Suspend": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Agents.Suspend(ctx, by, o.who.ID, registry.Suspension{})
		return err
	},
	"Agents.Revoke": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Agents.Revoke(ctx, by, o.who.ID, "")
		return err
	},
	"Grants.Create": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Grants.Create(ctx, by, registry.NewGrant{
			Agent: o.who.ID, Principal: "mailto:x@example.org", Scopes: []string{"x"}, ExpiresAt: o.clock.Now().Add(time.Hour),
		})
		return err
	},
	"Grants.Get": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Grants.Get(ctx, by, o.grant.ID)
		return err
	},
	"Grants.Revoke": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Grants.Revoke(ctx, by, o.grant.ID, "")
		return err
	},
	"Passports.Issue": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Passports.Issue(ctx, by, o.new())
		return err
	},
	"Passports.Get": func(o *office, by registry.Actor, p *registry.Passport) error {
		_, err := o.Passports.Get(ctx, by, p.ID)
		return err
	},
	"Passports.List": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Passports.List(ctx, by, registry.PassportQuery{Org: o.org.ID})
		return err
	},
	"Passports.Revoke": func(o *office, by registry.Actor, p *registry.Passport) error {
		_, err := o.Passports.Revoke(ctx, by, p.ID, "")
		return err
	},
	"Passports.Suspend": func(o *office, by registry.Actor, p *registry.Passport) error {
		_, err := o.Passports.Suspend(ctx, by, p.ID, registry.Suspension{})
		return err
	},
	"Switches.Pause": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Switches.PausePrincipal(ctx, by, o.org.ID, o.grant.Principal, "")
		return err
	},
	"Keys.List": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Keys.List(ctx, by, o.org.ID)
		return err
	},
	"Audit.List": func(o *office, by registry.Actor, _ *registry.Passport) error {
		_, err := o.Audit.List(ctx, by, o.org.ID, 0, 0)
		return err
	},
	"Audit.Verify": func(o *office, by registry.Actor, _ *registry.Passport) error {
		return o.Audit.Verify(ctx, by, o.org.ID)
	},
}

// P16: for each call and each kind of actor, whether it may. What is another's is
// answered like what is not there, and nothing is changed.
func TestP16WhoMayCallWhat(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.issue()
			stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
			require.NoError(t, err)
			before, err := o.Events.Read(ctx, registry.Root(), 0, 0)
			require.NoError(t, err)

			require.ErrorIs(t, call(o, registry.Actor{}, p), registry.Unauthenticated)
			foreign := call(o, stranger.Admin(), p)
			require.Error(t, foreign)

			// The same with ids that are nobody's.
			other := *o
			org, who, grant, none := *o.org, *o.who, *o.grant, *p
			org.ID, who.ID, grant.ID, none.ID = "ap_org_x", "ag_x", "grnt_x", "urn:safeconduct:passport:x"
			other.org, other.who, other.grant = &org, &who, &grant
			require.Equal(t, call(&other, stranger.Admin(), &none).Error(), foreign.Error())

			after, err := o.Events.Read(ctx, registry.Root(), 0, 0)
			require.NoError(t, err)
			require.Equal(t, before, after, "a refused call has changed something")
			require.NoError(t, call(o, registry.Root(), p))
		})
		t.Run(name+" by its admin", func(t *testing.T) {
			o := newOffice(t)
			p := o.issue()
			require.NoError(t, call(o, o.org.Admin(), p))
		})
	}
}

// P16: what only root may.
func TestP16Root(t *testing.T) {
	o := newOffice(t)
	for _, by := range []registry.Actor{o.org.Admin(), {}} {
		_, err := o.Orgs.Create(ctx, by, registry.NewOrg{Name: "mine"})
		require.Error(t, err)
		_, err = o.Events.Read(ctx, by, 0, 0)
		require.ErrorIs(t, err, registry.Forbidden)
		_, err = o.Switches.PauseOffice(ctx, by, "")
		require.Error(t, err)
	}
}

// G5: a walk shows each passport once, the newest first, while others are issued;
// status=expired really works.
func TestG5List(t *testing.T) {
	o := newOffice(t)
	var want []string
	for i := range 25 {
		n := o.new()
		if i%5 == 0 {
			n.ExpiresIn = "1m"
		}
		p, err := o.Passports.Issue(ctx, o.org.Admin(), n)
		require.NoError(t, err)
		want = append(want, p.ID)
		o.clock.Advance(time.Second)
	}
	slices.Reverse(want)
	walk := func(q registry.PassportQuery) (ids []string) {
		for {
			page, err := o.Passports.List(ctx, o.org.Admin(), q)
			require.NoError(t, err)
			for _, p := range page.Items {
				ids = append(ids, p.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
			o.issue()
		}
	}
	require.Equal(t, want, walk(registry.PassportQuery{Limit: 7}))
	for _, id := range want[:4] {
		_, err := o.Passports.Revoke(ctx, o.org.Admin(), id, "")
		require.NoError(t, err)
	}
	o.clock.Advance(time.Minute)
	require.Len(t, walk(registry.PassportQuery{Status: registry.Revoked, Agent: o.who.ID, Limit: 3}), 4)
	require.Len(t, walk(registry.PassportQuery{Status: registry.Expired, Grant: o.grant.ID, Limit: 2}), 5)
	for _, q := range []registry.PassportQuery{{Status: "gone"}, {Limit: -1}, {Cursor: "x"}, {Cursor: "AAAAAAAAAAAAAAAA"}} {
		_, err := o.Passports.List(ctx, o.org.Admin(), q)
		require.ErrorIs(t, err, registry.BadRequest, fmt.Sprint(q))
	}
	page, err := o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{Limit: 2})
	require.NoError(t, err)
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)
	_, err = o.Passports.List(ctx, other.Admin(), registry.PassportQuery{Cursor: page.Next})
	require.ErrorIs(t, err, registry.BadRequest, "a cursor of another organisation")
}

// forging is a store with an audit log that somebody has written to.
type forging struct {
	registry.Store
	edit func(e *registry.Entry)
}

func (f *forging) View(c context.Context, g func(registry.Tx) error) error {
	return f.Store.View(c, func(tx registry.Tx) error { return g(forgedTx{tx, f.edit}) })
}

type forgedTx struct {
	registry.Tx
	edit func(e *registry.Entry)
}

func (t forgedTx) Read(stream string, after int64, limit int) ([]registry.Entry, error) {
	list, err := t.Tx.Read(stream, after, limit)
	for i := range list {
		t.edit(&list[i])
	}
	return list, err
}

// P11: a line that is changed, moved or left out is named.
func TestP11AuditNamesTheBrokenLine(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &forging{db.Registry(), func(*registry.Entry) {}}
	r, err := registry.Open(registry.Config{
		Store: store, Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
	})
	require.NoError(t, err)
	org, err := r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "x"})
	require.NoError(t, err)
	for i := range 5 {
		_, err := r.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: "a", DID: verifytest.Key(fmt.Sprint(i)).DID()})
		require.NoError(t, err)
	}
	require.NoError(t, r.Audit.Verify(ctx, org.Admin(), ""))
	for name, edit := range map[string]func(e *registry.Entry){
		"another actor": func(e *registry.Entry) {
			if e.Number == 3 {
				e.Body = bytes.Replace(e.Body, []byte("admin of"), []byte("enemy of"), 1)
			}
		},
		"another line": func(e *registry.Entry) {
			if e.Number == 3 {
				e.Body = bytes.Replace(e.Body, []byte(`"Number":3`), []byte(`"Number":4`), 1)
			}
		},
	} {
		store.edit = edit
		err := r.Audit.Verify(ctx, org.Admin(), "")
		require.ErrorIs(t, err, registry.ErrBroken, name)
		require.ErrorContains(t, err, "line 3", name)
	}
}

// S: many callers, one outcome.
func TestManyRevokeOnePassport(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		all.Go(func() { _, errs[i] = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, fmt.Sprint(i)) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err)
	revoked := 0
	for _, l := range lines {
		if l.Action == "passport.revoked" {
			revoked++
		}
	}
	require.Equal(t, 1, revoked)
}
