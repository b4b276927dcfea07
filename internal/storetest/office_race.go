package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// RaceOffice lets two offices, each with a store of its own on one database, do the same
// at once: one wins, and the other gets the right code. What happens is told in the order
// in which it was committed, and a walk shows each record once. P5, P6, P7, P10, P11.
func RaceOffice(t *testing.T, open Open) {
	use(t, open, store.Options{}, func(first store.Store) {
		use(t, open, store.Options{}, func(second store.Store) {
			d := [2]*desk{openOffice(t, first), openOffice(t, second)}
			d[0].furnish(t)
			_, err := d[0].Orgs.SetIssuesForOthers(context.Background(), registry.Root(), d[0].org.ID, true)
			require.NoError(t, err)
			_, err = d[0].Orgs.SetProviders(context.Background(), d[0].org.Admin(), "", []registry.Provider{
				{Type: "kyc", Level: passport.L4KYC},
			})
			require.NoError(t, err)
			d[1].org, d[1].agent, d[1].grant = d[0].org, d[0].agent, d[0].grant
			rounds := 20
			if testing.Short() {
				rounds = 3
			}
			for name, race := range races {
				t.Run(name, func(t *testing.T) {
					for round := range rounds {
						race(t, d, round)
					}
				})
			}
			t.Run("events and walks", func(t *testing.T) { follow(t, d) })
			t.Run("keys of the issuer and erasures", func(t *testing.T) { raceKeys(t, d) })
		})
	})
}

// both does something in both offices at once, twice in each.
func both(d [2]*desk, do func(d *desk, i int) error) []error {
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { errs[i] = do(d[i%2], i) })
	}
	all.Wait()
	return errs
}

// one wants one call to have won, and all others one of the codes.
func one(t *testing.T, errs []error, codes ...registry.Code) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.True(t, slices.ContainsFunc(codes, func(c registry.Code) bool { return errors.Is(err, c) }), "%v", err)
	}
	require.Equal(t, 1, won, "%v", errs)
}

func profile() registry.Profile {
	return registry.Profile{
		Name: "x", Role: "agent", Description: "x", Contact: "x@example.org",
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "x"}}, Regions: []string{"DE"}},
	}
}

var races = map[string]func(t *testing.T, d [2]*desk, round int){
	"agents of one DID": func(t *testing.T, d [2]*desk, round int) {
		who := verifytest.Key(fmt.Sprint("race ", round)).DID()
		one(t, both(d, func(d *desk, _ int) error {
			_, err := d.Agents.Create(context.Background(), d.org.Admin(), registry.NewAgent{Name: "x", DID: who})
			return err
		}), registry.Exists)
	},
	"owners of one address": func(t *testing.T, d [2]*desk, round int) {
		one(t, both(d, func(d *desk, _ int) error {
			_, err := d.Owners.Create(context.Background(), d.org.Admin(), registry.NewOwner{
				Name: "x", Email: fmt.Sprint("race", round, "@example.org"),
			})
			return err
		}), registry.Exists)
	},
	"instances of one tenant": func(t *testing.T, d [2]*desk, _ int) {
		tpl, err := d[0].Records.Create(context.Background(), d[0].org.Admin(), registry.NewRecord{
			Owner: d[0].org.ID, Profile: profile(), Status: registry.Active,
		})
		require.NoError(t, err)
		one(t, both(d, func(d *desk, _ int) error {
			_, err := d.Records.Instantiate(context.Background(), d.org.Admin(), registry.NewInstance{
				Template: tpl.ID, Tenant: registry.Tenant{Platform: "p", Ref: tpl.ID},
			})
			return err
		}), registry.Exists)
	},
	"updates of one version": func(t *testing.T, d [2]*desk, _ int) {
		r, err := d[0].Records.Create(context.Background(), d[0].org.Admin(), registry.NewRecord{
			Owner: d[0].org.ID, Profile: profile(), Status: registry.Active, Agent: d[0].agent,
		})
		require.NoError(t, err)
		one(t, both(d, func(d *desk, i int) error {
			name := fmt.Sprint("name ", i)
			_, err := d.Records.Update(context.Background(), d.org.Admin(), r.ID, registry.Patch{
				Version: r.Version, Name: &name,
			})
			return err
		}), registry.VersionMismatch)
	},
	"claims of one ticket": func(t *testing.T, d [2]*desk, round int) {
		n := registry.NewForOwner{Profile: profile()}
		r, err := d[0].Records.IssueFor(context.Background(), d[0].org.Admin(), n)
		require.NoError(t, err)
		_, ticket, err := d[0].Records.Ticket(context.Background(), registry.Root(), r.ID)
		require.NoError(t, err)
		one(t, both(d, func(d *desk, i int) error {
			key := verifytest.Key(fmt.Sprint("claimant ", round, i))
			proof, err := registry.ProveClaim(context.Background(), key, "https://issuer.example", ticket.Reveal())
			if err == nil {
				c := registry.Claim{Ticket: ticket.Reveal(), Proof: proof, Name: "x"}
				_, err = d.Records.Claim(context.Background(), c)
			}
			return err
		}), registry.Unauthenticated)
	},
	"calls under one key": func(t *testing.T, d [2]*desk, round int) {
		var mu sync.Mutex
		made := map[string]bool{}
		for _, err := range both(d, func(d *desk, _ int) error {
			by := d.org.Admin().Once(fmt.Sprint("once ", round))
			a, err := d.Agents.Create(context.Background(), by, registry.NewAgent{
				Name: "x", DID: verifytest.Key(fmt.Sprint("once ", round)).DID(),
			})
			if err == nil {
				mu.Lock()
				made[a.ID] = true
				mu.Unlock()
			}
			return err
		}) {
			require.True(t, err == nil || errors.Is(err, registry.Conflict), "%v", err)
		}
		require.Len(t, made, 1)
	},
}

// follow reads events while others are made: whoever has seen a number has seen all
// before it, and none comes later. Meanwhile walks show each passport that was there
// when they began once.
func follow(t *testing.T, d [2]*desk) {
	ctx := context.Background()
	before := map[string]bool{}
	for range 12 {
		p, err := d[0].issue()
		require.NoError(t, err)
		before[p.ID] = true
	}
	ended := make(chan struct{})
	var all, readers sync.WaitGroup
	errs := make([]error, 5)
	last := make([]int64, 2)
	for i := range 2 {
		readers.Go(func() {
			for over := false; ; {
				list, err := d[i].Events.Read(ctx, registry.Root(), last[i], 7)
				errs[i] = errors.Join(errs[i], err)
				for _, e := range list {
					if last[i]++; e.Number != last[i] {
						errs[i] = errors.Join(errs[i], fmt.Errorf("event %d behind %d", e.Number, last[i]-1))
					}
				}
				switch {
				case len(list) > 0 && err == nil:
				case over || err != nil:
					return
				default:
					select {
					case <-ended:
						over = true
					default:
					}
				}
			}
		})
	}
	readers.Go(func() {
		for range 3 {
			seen := map[string]int{}
			for q := (registry.PassportQuery{Org: d[0].org.ID, Agent: d[0].agent, Limit: 5}); ; {
				page, err := d[1].Passports.List(ctx, registry.Root(), q)
				errs[4] = errors.Join(errs[4], err)
				for _, p := range page.Items {
					seen[p.ID]++
				}
				if q.Cursor = page.Next; q.Cursor == "" || err != nil {
					break
				}
			}
			for id, n := range seen {
				if n > 1 {
					errs[4] = errors.Join(errs[4], fmt.Errorf("%s is shown %d times", id, n))
				}
			}
			for id := range before {
				if seen[id] != 1 {
					errs[4] = errors.Join(errs[4], fmt.Errorf("%s is not shown", id))
				}
			}
		}
	})
	for i := range 4 {
		all.Go(func() {
			for range 10 {
				if _, err := d[i%2].issue(); err != nil && !errors.Is(err, registry.Conflict) {
					errs[2+i%2] = errors.Join(errs[2+i%2], err)
				}
			}
		})
	}
	all.Wait()
	close(ended)
	readers.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, last[0], last[1])
	require.NoError(t, d[0].Audit.Verify(ctx, registry.Root(), d[0].org.ID))
}
