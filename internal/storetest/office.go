package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// desk is an office on a store, with an organisation, an owner, an agent, a grant, and one that has a budget.
type desk struct {
	*registry.Registry
	org                 *registry.Org
	owner               *registry.Owner
	agent, grant, purse string
	round               int
	store               store.Store
}

// scopes are what agent keys are made for.
var scopes = []registry.AgentScope{{ID: "agent:read"}, {ID: "agent:write", Write: true, NeedsConsent: true}}

func openOffice(t testing.TB, s store.Store) *desk {
	r, err := registry.Open(registry.Config{
		Store: s.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example", AgentScopes: scopes,
	})
	require.NoError(t, err)
	return &desk{Registry: r, store: s}
}

// furnish makes the organisation.
func (d *desk) furnish(t testing.TB) {
	ctx := context.Background()
	var err error
	d.org, err = d.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example"})
	require.NoError(t, err)
	ada := registry.NewOwner{Name: "Ada", DID: verifytest.Key("person").DID()}
	d.owner, err = d.Owners.Create(ctx, d.org.Admin(), ada)
	require.NoError(t, err)
	a, err := d.Agents.Create(ctx, d.org.Admin(), registry.NewAgent{Name: "x", DID: verifytest.Key("agent").DID()})
	require.NoError(t, err)
	d.agent = a.ID
	grant := func(budget passport.Money) string {
		g, err := d.Grants.Create(ctx, d.org.Admin(), registry.NewGrant{
			Agent: a.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"}, Budget: budget,
			ExpiresAt: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		})
		require.NoError(t, err)
		return g.ID
	}
	d.grant, d.purse = grant(passport.Money{}), grant(passport.MustMoney("200.00", "EUR"))
}

// written is what the other process has to know, and read reads it.
func (d *desk) written() string {
	return fmt.Sprint(d.org.ID, " ", d.owner.ID, " ", d.agent, " ", d.grant, " ", d.purse, " ", d.round)
}

func (d *desk) read(t testing.TB, text string) {
	var org, owner string
	_, err := fmt.Sscan(text, &org, &owner, &d.agent, &d.grant, &d.purse, &d.round)
	require.NoError(t, err)
	d.org, d.owner = &registry.Org{ID: org}, &registry.Owner{ID: owner, Org: org}
}

func (d *desk) issue() (*registry.Passport, error) {
	return d.Passports.Issue(context.Background(), registry.Root(), registry.NewPassport{
		Agent: d.agent, Grant: d.grant, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	})
}

// furniture names to the other process what it works with.
const furniture = "SAFECONDUCT_STORETEST_DESK"

// CrashOffice kills a process that issues, suspends, revokes and publishes, again and
// again, and looks at what is left: what was acknowledged is there, and of each passport
// the record, the bit, the line of the audit log and the event say the same. STO-01.
//
// open and kill are as those of [Crash].
func CrashOffice(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).serve, (*desk).look)
}

// crashOffice kills a process that serves, and looks at what is left, for so many rounds. Each has an
// organisation of its own.
func crashOffice(
	t *testing.T, rounds int, open Open, kill func(t testing.TB),
	serve func(d *desk, t testing.TB), look func(d *desk, t testing.TB, lines []string) (acknowledged int),
) {
	o := store.Options{MaxClockDrift: -1}
	if text := os.Getenv(furniture); text != "" {
		d := openOffice(t, open.must(t, o))
		d.read(t, text)
		serve(d, t)
		return
	}
	if testing.Short() {
		rounds = min(rounds, 2)
	}
	if os.Getenv("SAFECONDUCT_LONG") == "" {
		rounds = min(rounds, 12)
		if kill != nil { // which takes its time
			rounds = min(rounds, 6)
		}
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	acknowledged := 0
	for round := range rounds {
		use(t, open, o, func(s store.Store) {
			d := openOffice(t, s)
			d.furnish(t)
			d.round = round
			t.Setenv(furniture, d.written())
		})
		lines := crash(t, fmt.Sprint(round), 1+rng.IntN(40), func() {
			if kill != nil && round%2 == 1 {
				kill(t)
			}
		})
		use(t, open, o, func(s store.Store) {
			require.NoError(t, s.Check(context.Background()))
			d := openOffice(t, s)
			d.read(t, os.Getenv(furniture))
			acknowledged += look(d, t, lines)
		})
	}
	require.Greater(t, acknowledged, rounds, "hardly anything was acknowledged")
	t.Logf("%d rounds, %d acknowledged", rounds, acknowledged)
}

// voice says what was acknowledged, for whoever kills the process.
type voice struct{ mu sync.Mutex }

func (v *voice) say(what, id string, err error) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err == nil {
		fmt.Println("done", what, id)
	} else {
		fmt.Println("failed", what, id, err)
	}
	return err == nil
}

// heard returns what was acknowledged of each id.
func heard(lines []string) (done map[string][]string, acknowledged int) {
	done = map[string][]string{}
	for _, line := range lines {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "done" {
			done[f[2]] = append(done[f[2]], f[1])
			acknowledged++
		}
	}
	return done, acknowledged
}

// serve does what an office does, until it is killed, and says what was acknowledged.
func (d *desk) serve(t testing.TB) {
	ctx, say := context.Background(), new(voice).say
	lists := new(statuslist.Memory)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for i := range 1000 {
				p, err := d.issue()
				if !say("issued", idOf(p), err) {
					continue
				}
				if i%3 == 0 {
					_, err = d.Passports.Suspend(ctx, registry.Root(), p.ID, registry.Suspension{For: -1})
					say("suspended", p.ID, err)
				}
				if i%2 == 0 {
					_, err = d.Passports.Revoke(ctx, registry.Root(), p.ID, "a test")
					say("revoked", p.ID, err)
				}
				if i%5 == 0 {
					_ = d.Lists.Publish(ctx, lists) // it may meet another one
				}
			}
		})
	}
	all.Wait()
}

func idOf(p *registry.Passport) string {
	if p == nil {
		return ""
	}
	return p.ID
}

// log returns what the audit log says of each subject, which is what the events say.
func (d *desk) log(t testing.TB) map[string][]string {
	ctx, org := context.Background(), d.org.ID
	require.NoError(t, d.Audit.Verify(ctx, registry.Root(), org))
	told := map[string][]string{}
	for lastLine := int64(0); ; {
		list, err := d.Audit.List(ctx, registry.Root(), org, lastLine, 1000)
		require.NoError(t, err)
		for _, l := range list {
			told[l.Subject] = append(told[l.Subject], l.Action)
			lastLine = l.Number
		}
		if len(list) < 1000 {
			break
		}
	}
	happened := map[string][]string{}
	for after := int64(0); ; {
		list, err := d.Events.Read(ctx, registry.Root(), after, 1000)
		require.NoError(t, err)
		for _, e := range list {
			after++
			require.Equal(t, after, e.Number)
			if e.Org == org {
				happened[e.Subject] = append(happened[e.Subject], e.Type)
			}
		}
		if len(list) < 1000 {
			break
		}
	}
	require.Equal(t, told, happened, "the audit log and the events differ")
	return told
}

// passports returns all passports, each once. The bits of each that is the office's say what its record says.
func (d *desk) passports(t testing.TB) map[string]*registry.Passport {
	ctx, source, seen := context.Background(), d.Lists.Source(), map[string]*registry.Passport{}
	for q := (registry.PassportQuery{Org: d.org.ID, Limit: 200}); ; {
		page, err := d.Passports.List(ctx, registry.Root(), q)
		require.NoError(t, err)
		for _, p := range page.Items {
			require.NotContains(t, seen, p.ID)
			seen[p.ID] = p
			if p.Issuer != "" { // another's, who has its bits
				continue
			}
			revoked := !p.RevokedAt.IsZero()
			require.Equal(t, revoked, set(t, source, p, statuslist.Revocation), "%s: its bit", p.ID)
			if !revoked {
				suspended := p.Status == registry.Suspended
				require.Equal(t, suspended, set(t, source, p, statuslist.Suspension), "%s: its bit", p.ID)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return seen
		}
	}
}

// look compares what is there with what was acknowledged, and all with one another. It
// returns how much was acknowledged.
func (d *desk) look(t testing.TB, lines []string) (acknowledged int) {
	done, acknowledged := heard(lines)
	told, seen := d.log(t), d.passports(t)
	for id, p := range seen {
		revoked := !p.RevokedAt.IsZero()
		require.Equal(t, revoked, slices.Contains(told[id], "passport.revoked"), "%s: its line", id)
		require.Equal(t, "passport.issued", told[id][0])
		for _, what := range done[id] {
			switch what {
			case "revoked":
				require.True(t, revoked, "%s: a revocation is lost", id)
			case "suspended":
				require.True(t, p.Suspended || revoked, "%s: a suspension is lost", id)
			}
		}
	}
	for id := range done {
		require.Contains(t, seen, id, "%s is lost", id)
	}
	return acknowledged
}

// set reports whether the bit of a passport is set.
func set(t testing.TB, source statuslist.Source, p *registry.Passport, purpose statuslist.Purpose) bool {
	for _, place := range p.Places {
		if place.Purpose != purpose {
			continue
		}
		fetched, err := source.StatusList(context.Background(), place.List)
		require.NoError(t, err)
		list, err := statuslist.ReadUnverified(fetched.Raw)
		require.NoError(t, err)
		result, err := list.Status(statuslist.Entry{Purpose: purpose, URL: place.List, Index: place.Index, Size: 1})
		require.NoError(t, err)
		return result.Set
	}
	t.Fatalf("%s has no place for %s", p.ID, purpose)
	return false
}
