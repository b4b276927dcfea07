package registry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// counting is a store that counts what is asked of it, and how many documents it
// returns.
type counting struct {
	registry.Store
	n int
}

func (c *counting) View(x context.Context, f func(registry.Tx) error) error {
	return c.Store.View(x, func(tx registry.Tx) error { return f(countingTx{tx, c}) })
}

func (c *counting) Update(x context.Context, f func(registry.Tx) error) error {
	return c.Store.Update(x, func(tx registry.Tx) error { return f(countingTx{tx, c}) })
}

type countingTx struct {
	registry.Tx
	c *counting
}

func (t countingTx) Get(kind, id string) (registry.Doc, error) { t.c.n++; return t.Tx.Get(kind, id) }
func (t countingTx) Put(d registry.Doc) error                  { t.c.n++; return t.Tx.Put(d) }
func (t countingTx) Find(q registry.Query) ([]registry.Doc, error) {
	list, err := t.Tx.Find(q)
	t.c.n += 1 + len(list)
	return list, err
}

// officeOn is an office on another store.
func officeOn(t *testing.T, store registry.Store) *office {
	o := newOffice(t)
	var err error
	o.Registry, err = registry.Open(registry.Config{
		Store: store, BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	return o
}

// G1, G4, G5, A5: what a call asks of the store does not grow with the number of passports, of which some are
// suspended for a time: the same documents at 60 as at 360.
func TestG5CallsAreFlat(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &counting{Store: db.Registry()}
	o := officeOn(t, store)
	measure := func() map[string]int {
		o.clock.Advance(time.Second)
		o.publish()
		o.clock.Advance(time.Second)
		var p *registry.Passport
		costs := map[string]int{}
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"Issue", func() error { p = o.issue(); return nil }},
			{"Get", func() error { return does(o.Passports.Get(ctx, o.org.Admin(), p.ID)) }},
			{"List", func() error {
				return does(o.Passports.List(ctx, o.org.Admin(), registry.PassportQuery{Agent: o.who.ID}))
			}},
			{"Suspend", func() error {
				return does(o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: -1}))
			}},
			{"Revoke", func() error { return does(o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")) }},
			{"Publish", func() error { return o.Lists.Publish(ctx, o.lists) }},
			{"NextPublish", func() error { return does(o.Lists.NextPublish(ctx)) }},
			{"Audit", func() error { return does(o.Audit.List(ctx, o.org.Admin(), "", 0, 10)) }},
		} {
			before := store.n
			require.NoError(t, step.do(), step.name)
			costs[step.name] = store.n - before
		}
		return costs
	}
	issue := func(n int) {
		for i := range n {
			p := o.issue()
			if i%3 == 0 {
				how := registry.Suspension{For: time.Hour}
				require.NoError(t, does(o.Passports.Suspend(ctx, o.org.Admin(), p.ID, how)))
			}
		}
	}
	issue(60)
	few := measure()
	issue(300)
	require.Equal(t, few, measure())
}

// stepping is a store that counts what each update puts, and fails when it is told to.
type stepping struct {
	registry.Store
	puts   []int // of each update
	failAt int   // the number of the update that fails, from 1 on
}

var errDisk = errors.New("the disk is full")

func (s *stepping) Update(x context.Context, f func(registry.Tx) error) error {
	if len(s.puts)+1 == s.failAt {
		return errDisk
	}
	c := &counting{}
	err := s.Store.Update(x, func(tx registry.Tx) error { return f(countingTx{tx, c}) })
	s.puts = append(s.puts, c.n)
	return err
}

// A4: a list many of whose bits have changed holds nobody up: the edition is one transaction, and what it shows is
// ticked off in small ones. Where that ends half-way the next edition shows it again.
func TestA4PublishingHoldsNobodyUp(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &stepping{Store: db.Registry()}
	o := officeOn(t, store)
	var revoked []*registry.Passport
	for range 200 {
		p := o.issue()
		require.NoError(t, does(o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")))
		revoked = append(revoked, p)
	}
	o.clock.Advance(time.Second)
	changes := func() (n int) {
		require.NoError(t, store.View(ctx, func(tx registry.Tx) error {
			list, err := tx.Find(registry.Query{Kind: "bit", Name: "changed", Value: revoked[0].Places[0].List})
			n = len(list)
			return err
		}))
		return n
	}
	require.Equal(t, 200, changes())
	shown := func() {
		fetched, err := o.lists.StatusList(ctx, revoked[0].Places[0].List)
		require.NoError(t, err)
		list, err := statuslist.ReadUnverified(fetched.Raw)
		require.NoError(t, err)
		for _, p := range revoked {
			place := p.Places[0]
			got, err := list.Status(statuslist.Entry{
				Purpose: place.Purpose, URL: place.List, Index: place.Index, Size: 1,
			})
			require.NoError(t, err)
			require.True(t, got.Set)
		}
	}
	store.puts, store.failAt = nil, 3 // the edition, a part, and no more
	require.ErrorIs(t, o.Lists.Publish(ctx, o.lists), errDisk)
	require.Less(t, changes(), 200)
	require.NotZero(t, changes())
	shown()
	next, err := o.Lists.NextPublish(ctx)
	require.NoError(t, err)
	require.False(t, next.After(o.clock.Now()))
	o.clock.Advance(time.Second)
	store.puts, store.failAt = nil, 0
	require.NoError(t, o.Lists.Publish(ctx, o.lists))
	shown()
	require.Zero(t, changes())
	for _, n := range store.puts {
		require.LessOrEqual(t, n, 2*64+1)
	}
}

// A4: what changes while an edition is made stays to be shown by the next one.
func TestA4ChangedWhileTickedOff(t *testing.T) {
	signed := func(*office) {}
	o := slow(t, func(o *office) { signed(o) })
	p := o.issue()
	o.publish()
	o.clock.Advance(time.Second)
	require.NoError(t, does(o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: -1})))
	o.clock.Advance(time.Second)
	resumed := false
	signed = func(o *office) {
		if !resumed {
			resumed = true
			require.NoError(t, does(o.Passports.Resume(ctx, o.org.Admin(), p.ID, "")))
		}
	}
	o.publish()
	require.True(t, resumed)
	require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
	next, err := o.Lists.NextPublish(ctx)
	require.NoError(t, err)
	require.False(t, next.After(o.clock.Now()), "it is due")
	o.clock.Advance(time.Second)
	o.publish()
	require.NoError(t, o.pays(p))
}
