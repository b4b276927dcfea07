package registry_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
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

// G1, G4, G5: what a call asks of the store does not grow with the number of passports:
// the same documents at 60 as at 360.
func TestG5CallsAreFlat(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &counting{Store: db.Registry()}
	o := newOffice(t)
	o.Registry, err = registry.Open(registry.Config{
		Store: store, BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	measure := func() map[string]int {
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
			{"Audit", func() error { return does(o.Audit.List(ctx, o.org.Admin(), "", 0, 10)) }},
		} {
			before := store.n
			require.NoError(t, step.do(), step.name)
			costs[step.name] = store.n - before
		}
		return costs
	}
	for range 60 {
		o.issue()
	}
	few := measure()
	for range 300 {
		o.issue()
	}
	require.Equal(t, few, measure())
}
