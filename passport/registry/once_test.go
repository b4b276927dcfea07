package registry_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// makers are all calls that make something: what they answer, of one body or another.
var makers = map[string]func(o *office, by registry.Actor, body string) (any, error){
	"Orgs.Create": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Orgs.Create(ctx, by, registry.NewOrg{Name: body})
	},
	"Owners.Create": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Owners.Create(ctx, by, registry.NewOwner{Org: o.org.ID, Name: body, Email: body + "@example.org"})
	},
	"Agents.Create": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Agents.Create(ctx, by, registry.NewAgent{Org: o.org.ID, Name: body, DID: verifytest.Key(body).DID()})
	},
	"Grants.Create": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Grants.Create(ctx, by, registry.NewGrant{
			Agent: o.who.ID, Principal: "mailto:" + body, Scopes: []string{"x"}, ExpiresAt: start.Add(30 * 24 * time.Hour),
		})
	},
	"Passports.Issue": func(o *office, by registry.Actor, body string) (any, error) {
		n := o.new()
		n.ExpiresIn = fmt.Sprint(len(body)) + "h"
		return o.Passports.Issue(ctx, by, n)
	},
	"Records.Create": func(o *office, by registry.Actor, body string) (any, error) {
		p, err := o.Records.Create(ctx, by, registry.NewRecord{
			Org: o.org.ID, Owner: o.org.ID, Profile: o.exporter(), ExpiresIn: fmt.Sprint(len(body)) + "h",
		})
		return p, err
	},
	"Records.IssueFor": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Records.IssueFor(ctx, by, registry.NewForOwner{
			Org: o.org.ID, Pending: registry.PendingOwner{Email: body + "@example.org"}, Profile: o.exporter(),
		})
	},
	"Records.Instantiate": func(o *office, by registry.Actor, body string) (any, error) {
		return o.Records.Instantiate(ctx, by, registry.NewInstance{
			Template: o.target.record, Tenant: registry.Tenant{Platform: "x", Ref: body},
		})
	},
	"AgentKeys.Create": func(o *office, by registry.Actor, body string) (any, error) {
		k, _, err := o.AgentKeys.Create(ctx, by, registry.NewAgentKey{Name: body, Scopes: []string{"agent:read"}})
		return k, err
	},
	"AIP1.Create": func(o *office, by registry.Actor, body string) (any, error) {
		a, err := o.AIP1.Create(ctx, by, registry.NewAIP1{
			Org: o.org.ID, Domain: body + ".example", AgentName: "x", Key: verifytest.Key(body).PublicKey(),
		})
		return a, err
	},
	"Keys.Create": func(o *office, by registry.Actor, body string) (any, error) {
		k, _, err := o.Keys.Create(ctx, by, registry.NewKey{Org: o.org.ID, Name: body, Scopes: allScopes})
		return k, err
	},
}

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func (o *office) happened() (types []string) {
	list, err := o.Events.Read(ctx, registry.Root(), 0, 0)
	require.NoError(o, err)
	for _, e := range list {
		types = append(types, e.Type)
	}
	return types
}

// P10: a key makes one thing, for a day: the same call is answered with it, and
// another one is refused.
func TestP10OneThingUnderAKey(t *testing.T) {
	for name, call := range makers {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.withTarget()
			who := registry.Root()
			if name == "AgentKeys.Create" { // the owner alone may
				ada, err := o.Owners.Get(ctx, who, o.target.owner)
				require.NoError(t, err)
				who = ada.Actor()
			}
			by := who.Once("order 1")
			first, err := call(o, by, "ada")
			require.NoError(t, err)
			before := o.happened()
			again, err := call(o, by, "ada")
			if strings.HasSuffix(name, "Keys.Create") { // its secret was shown, and is not known to the office
				require.ErrorIs(t, err, registry.Conflict)
				var e *registry.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, reflect.ValueOf(first).Elem().FieldByName("ID").String(), e.ID)
			} else {
				require.NoError(t, err)
				require.Equal(t, first, again)
			}
			_, err = call(o, by, "bobby")
			require.ErrorIs(t, err, registry.Conflict)
			require.ErrorContains(t, err, "used for another call")
			require.Equal(t, before, o.happened())
			_, err = call(o, who.Once("order 2"), "bobby")
			require.NoError(t, err)
			require.Greater(t, len(o.happened()), len(before))

			o.clock.Advance(24*time.Hour - time.Millisecond)
			_, err = call(o, by, "carol")
			require.ErrorIs(t, err, registry.Conflict)
			o.clock.Advance(time.Millisecond)
			_, err = call(o, by, "carol")
			require.NoError(t, err)
		})
	}
}

// P10: the same key of another actor is another key, and nobody's is none; what was
// refused is not remembered; keys that nobody could send are refused.
func TestP10WhoseKey(t *testing.T) {
	o := newOffice(t)
	key, _, by := o.key(registry.ScopeIssue)
	_ = key
	one, err := makers["Agents.Create"](o, o.org.Admin().Once("1"), "a")
	require.NoError(t, err)
	_, err = makers["Agents.Create"](o, by.Once("1"), "a")
	require.ErrorIs(t, err, registry.Exists, "it is judged anew")
	_, err = makers["Agents.Create"](o, by.Once("1"), "b")
	require.NoError(t, err, "what was refused is not remembered")
	two, err := makers["Agents.Create"](o, o.org.Admin().Once("1"), "a")
	require.NoError(t, err)
	require.Equal(t, one, two)
	_, err = makers["Owners.Create"](o, o.org.Admin().Once("1"), "a")
	require.ErrorIs(t, err, registry.Conflict, "another call under the key")
	_, err = makers["Agents.Create"](o, registry.Actor{}.Once("1"), "a")
	require.ErrorIs(t, err, registry.Unauthenticated)
	for _, bad := range []string{strings.Repeat("x", 256), "a\nb", "a\xff", "a\x00"} {
		_, err = makers["Agents.Create"](o, by.Once(bad), "c")
		require.ErrorIs(t, err, registry.BadRequest)
	}
	// A key that lost its scope gets no answer of before.
	_, _, reader := o.key(registry.ScopeRead)
	_, err = makers["Agents.Create"](o, reader.Once("1"), "a")
	require.ErrorIs(t, err, registry.MissingScope)
}

// slow is an office whose signer lets something happen while it signs.
func slow(t *testing.T, meanwhile func(o *office)) *office {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), BaseURL: "https://issuer.example", Now: o.clock.Now,
		Issuer: &signing{Signer: o.issuer, meanwhile: func() { meanwhile(o) }},
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	return o
}

func (o *office) issued() (n int) {
	for _, e := range o.happened() {
		if e == "passport.issued" {
			n++
		}
	}
	return n
}

// P10: while a call is being made the same one is refused, and may ask again.
func TestP10InFlight(t *testing.T) {
	var second error
	o := slow(t, func(o *office) {
		_, second = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	})
	p, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.NoError(t, err)
	require.ErrorIs(t, second, registry.Conflict)
	require.ErrorContains(t, second, "still being made: ask again")
	again, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.NoError(t, err)
	require.Equal(t, p, again)
	require.Equal(t, 1, o.issued())
}

// P10: a call in which a signer panics has made nothing, and holds its key no longer: the host
// recovers, and its caller asks again at once.
func TestP10ASignerThatPanics(t *testing.T) {
	o := slow(t, func(*office) { panic("oh") })
	require.PanicsWithValue(t, "oh", func() {
		_, _ = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	})
	p, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.NoError(t, err)
	again, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.NoError(t, err)
	require.Equal(t, p, again)
	require.Equal(t, 1, o.issued())
}

// P10: a call whose process died holds its key for a minute, and one that was slower
// than that makes nothing behind it.
func TestP10TheSlowerOneMakesNothing(t *testing.T) {
	var second *registry.Passport
	o := slow(t, func(o *office) {
		var err error
		o.clock.Advance(time.Minute)
		second, err = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
		require.NoError(o, err)
	})
	_, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.ErrorIs(t, err, registry.Conflict)
	require.Equal(t, 1, o.issued())
	again, err := o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
	require.NoError(t, err)
	require.Equal(t, second.ID, again.ID)
}

// dying is a store that stops answering, as a process that died.
type dying struct {
	registry.Store
	left int // updates
}

var errDied = errors.New("died")

func (d *dying) Update(c context.Context, f func(registry.Tx) error) error {
	if d.left--; d.left < 0 {
		return errDied
	}
	return d.Store.Update(c, f)
}

// P10: wherever the process dies, the call that comes again makes one thing.
func TestP10AProcessThatDied(t *testing.T) {
	for steps := range 4 {
		db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		o := newOffice(t)
		store := &dying{db.Registry(), 100}
		o.Registry, err = registry.Open(registry.Config{
			Store: store, BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
		})
		require.NoError(t, err)
		o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
		require.NoError(t, err)
		o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
		require.NoError(t, err)
		o.grant = o.newGrant(o.org.Admin(), o.who)
		store.left = steps // the claim, the places, the passport
		_, err = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
		require.Equal(t, steps < 3, errors.Is(err, errDied), "%d %v", steps, err)
		store.left = 100
		_, err = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
		require.Equal(t, steps == 1 || steps == 2, errors.Is(err, registry.Conflict), "%d %v", steps, err)
		if steps == 2 { // its clock was ahead
			o.clock.Advance(-30 * 24 * time.Hour)
		} else {
			o.clock.Advance(time.Minute)
		}
		_, err = o.Passports.Issue(ctx, o.org.Admin().Once("1"), o.new())
		require.NoError(t, err)
		require.Equal(t, 1, o.issued(), steps)
	}
}

// onSQLite returns an office on a store that prunes, and the store.
func onSQLite(t *testing.T) (*office, *sqlite.Store) {
	t.Helper()
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: o.issuer,
	})
	require.NoError(t, err)
	return o, db
}

// P10: what is remembered of keys is forgotten, and says nothing to who reads the store.
func TestP10ForgetsKeys(t *testing.T) {
	o, db := onSQLite(t)
	kept := func() (list []registry.Doc) {
		require.NoError(t, db.Registry().View(ctx, func(tx registry.Tx) error {
			list = nil
			for hour := range 24 * 10 {
				found, err := tx.Find(registry.Query{
					Kind: "once", Name: "hour", Value: fmt.Sprint(start.Unix()/3600 + int64(hour)),
				})
				if err != nil {
					return err
				}
				list = append(list, found...)
			}
			return nil
		}))
		return list
	}
	for i := range 250 {
		_, err := o.Orgs.Create(ctx, registry.Root().Once(fmt.Sprint("ada@example.org ", i)), registry.NewOrg{Name: "bob@example.org"})
		require.NoError(t, err)
	}
	require.Len(t, kept(), 250)
	for _, d := range kept() {
		require.NotContains(t, string(d.Body)+d.ID, "ada@")
		require.NotContains(t, string(d.Body)+d.ID, "bob@")
	}
	o.clock.Advance(26 * time.Hour)
	for i := range 4 {
		_, err := o.Orgs.Create(ctx, registry.Root().Once(fmt.Sprint(i)), registry.NewOrg{Name: "x"})
		require.NoError(t, err)
	}
	require.Len(t, kept(), 4)
}

// P10: a clock that was a year ahead for an hour does not make the office keep what it is told afterwards for ever.
func TestP10ForgetsKeysBehindAClockThatWasAhead(t *testing.T) {
	o, db := onSQLite(t)
	hour := fmt.Sprint(start.Unix()/3600 + 24)
	ask := func(key string) (kept int) {
		_, err := o.Orgs.Create(ctx, registry.Root().Once(key), registry.NewOrg{Name: "x"})
		require.NoError(t, err)
		require.NoError(t, db.Registry().View(ctx, func(tx registry.Tx) error {
			found, err := tx.Find(registry.Query{Kind: "once", Name: "hour", Value: hour, Limit: 100})
			kept = len(found)
			return err
		}))
		return kept
	}
	require.Equal(t, 1, ask("a"))
	const year = 365 * 24 * time.Hour
	o.clock.Advance(year)
	for i := range 200 { // it forgets a hundred hours at a time
		ask(fmt.Sprint("ahead", i))
	}
	o.clock.Advance(-year)
	require.Equal(t, 1, ask("b"), "the first one was forgotten while the clock was ahead")
	o.clock.Advance(26 * time.Hour)
	require.Zero(t, ask("c"))
}

// P10: a budget is allocated once, and what an owner has signed is given once.
func TestP10BudgetsAndConsents(t *testing.T) {
	o := newOffice(t)
	admin := o.org.Admin()
	g, err := o.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"data.*"}, ExpiresAt: o.grant.ExpiresAt,
	})
	require.NoError(t, err)
	n := registry.Allocation{Grant: g.ID, Amount: passport.MustMoney("100", "USD")}
	first, err := o.Budgets.Allocate(ctx, admin.Once("1"), n)
	require.NoError(t, err)
	again, err := o.Budgets.Allocate(ctx, admin.Once("1"), n)
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = o.Budgets.Allocate(ctx, admin.Once("2"), n)
	require.ErrorIs(t, err, registry.Exists)
	n.Amount = passport.MustMoney("200", "USD")
	_, err = o.Budgets.Allocate(ctx, admin.Once("1"), n)
	require.ErrorIs(t, err, registry.Conflict)

	ada := verifytest.Key("ada")
	owner, err := o.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", DID: ada.DID()})
	require.NoError(t, err)
	signing := registry.Signing{}
	for range 2 {
		will, err := passport.IssueManifestation(ctx, ada, passport.Manifestation{
			StatementDigest: passport.Digest([]byte("I will")), ValidFrom: o.clock.Now().Add(-time.Minute),
		}, passport.IssueOptions{Now: o.clock.Now})
		require.NoError(t, err)
		signing.Credentials = append(signing.Credentials, will.Bytes())
	}
	given, err := o.Consents.Give(ctx, owner.Actor().Once("1"), signing)
	require.NoError(t, err)
	require.Len(t, given, 2)
	same, err := o.Consents.Give(ctx, owner.Actor().Once("1"), signing)
	require.NoError(t, err)
	require.Equal(t, given, same)
	_, err = o.Consents.Give(ctx, owner.Actor().Once("2"), signing)
	require.ErrorIs(t, err, registry.Exists)
}
