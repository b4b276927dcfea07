package registry_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// reading is how what a call makes is read again: by its id, and in a list.
type reading struct {
	get  func(o *office, by registry.Actor, id string) error
	list func(o *office, by registry.Actor) (any, error)
}

// readings are those of what each of makers makes.
var readings = map[string]reading{
	"Orgs.Create": {get: func(o *office, by registry.Actor, id string) error { return does(o.Orgs.Get(ctx, by, id)) }},
	"Owners.Create": {
		func(o *office, by registry.Actor, id string) error { return does(o.Owners.Get(ctx, by, id)) },
		func(o *office, by registry.Actor) (any, error) {
			page, err := o.Owners.List(ctx, by, registry.OwnerQuery{Org: o.org.ID})
			return page.Items, err
		},
	},
	"Agents.Create": {
		func(o *office, by registry.Actor, id string) error { return does(o.Agents.Get(ctx, by, id)) },
		func(o *office, by registry.Actor) (any, error) {
			page, err := o.Agents.List(ctx, by, registry.AgentQuery{Org: o.org.ID})
			return page.Items, err
		},
	},
	"Grants.Create": {
		func(o *office, by registry.Actor, id string) error { return does(o.Grants.Get(ctx, by, id)) },
		func(o *office, by registry.Actor) (any, error) {
			page, err := o.Grants.List(ctx, by, registry.GrantQuery{Org: o.org.ID})
			return page.Items, err
		},
	},
	"Passports.Issue": {
		func(o *office, by registry.Actor, id string) error { return does(o.Passports.Get(ctx, by, id)) },
		func(o *office, by registry.Actor) (any, error) {
			page, err := o.Passports.List(ctx, by, registry.PassportQuery{Org: o.org.ID})
			return page.Items, err
		},
	},
	"Records.Create": records, "Records.IssueFor": records, "Records.Instantiate": records,
	"AgentKeys.Create": {
		func(o *office, by registry.Actor, id string) error { return twice(o.AgentKeys.Get(ctx, by, id)) },
		func(o *office, by registry.Actor) (any, error) { return o.AgentKeys.List(ctx, by, "") },
	},
	"AIP1.Create": {
		func(o *office, by registry.Actor, id string) error { return does(o.AIP1.Get(ctx, by, o.org.ID, id)) },
		func(o *office, by registry.Actor) (any, error) {
			page, err := o.AIP1.List(ctx, by, registry.RecordQuery{Org: o.org.ID})
			return page.Agents, err
		},
	},
	"Keys.Create": {list: func(o *office, by registry.Actor) (any, error) { return o.Keys.List(ctx, by, o.org.ID) }},
}

var records = reading{
	func(o *office, by registry.Actor, id string) error { return does(o.Records.Get(ctx, by, id)) },
	func(o *office, by registry.Actor) (any, error) {
		page, err := o.Records.List(ctx, by, registry.RecordQuery{Org: o.org.ID})
		return page.Items, err
	},
}

// madeID is the id of what was made.
func madeID(it any) string {
	v := reflect.Indirect(reflect.ValueOf(it))
	for _, name := range []string{"AgentID", "ID"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
}

// G3, G7, P9, P16: whoever makes a thing reads it by its id, finds it in the list, and is answered with it when they
// ask again under the same idempotency key. That holds for every call that makes something and every kind of actor
// that may call it.
func TestP16WhoMakesAThingReadsIt(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(makers)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, listed := readings[name]
			require.True(t, listed, "how is what it makes read?")
			made := 0
			for _, kind := range actorKinds {
				o := newOffice(t)
				o.withTarget()
				by := o.actors("")[kind]
				call := makers[name]
				if kind == "owner" { // who has things of their own
					call = owners(name, call)
				}
				it, err := call(o, by.Once("1"), "ada")
				if err != nil {
					continue
				}
				made++
				id := madeID(it)
				require.NotEmpty(t, id, "%T", it)
				if read.get != nil {
					require.NoError(t, read.get(o, by, id), "%s makes %s and cannot read it", kind, id)
				}
				if read.list != nil {
					list, err := read.list(o, by)
					require.NoError(t, err, "%s makes %s and cannot list it", kind, id)
					items, found := reflect.ValueOf(list), false
					for i := range items.Len() {
						found = found || madeID(items.Index(i).Interface()) == id
					}
					require.True(t, found, "%s makes %s and does not find it in the list", kind, id)
				}
				again, err := call(o, by.Once("1"), "ada")
				if strings.HasSuffix(name, "Keys.Create") {
					require.ErrorIs(t, err, registry.Conflict, kind)
					continue
				}
				require.NoError(t, err, "%s makes %s and is not answered with it", kind, id)
				require.Equal(t, id, madeID(again), kind)
			}
			require.Positive(t, made, "nobody may")
		})
	}
}

// owners is a call that an owner makes about what is theirs.
func owners(
	name string, call func(*office, registry.Actor, string) (any, error),
) func(*office, registry.Actor, string) (any, error) {
	switch name {
	case "Grants.Create":
		return func(o *office, by registry.Actor, body string) (any, error) {
			return o.Grants.Create(ctx, by, registry.NewGrant{
				Agent: o.target.agent, Scopes: []string{body}, ExpiresAt: start.Add(time.Hour),
			})
		}
	case "Passports.Issue":
		return func(o *office, by registry.Actor, _ string) (any, error) {
			return o.Passports.Issue(ctx, by, registry.NewPassport{
				Agent: o.target.agent, Grant: o.target.grant, Categories: []string{"compute"},
			})
		}
	case "Records.Create":
		return func(o *office, by registry.Actor, _ string) (any, error) {
			return o.Records.Create(ctx, by, registry.NewRecord{Profile: o.exporter()})
		}
	}
	return call
}

// G7, P16: an owner makes grants in their own name alone, uses and revokes them, and sees none of the organisation's
// to their own agent; budgets are the organisation's to change.
func TestP16GrantsOfAnOwner(t *testing.T) {
	o := newOffice(t)
	o.withTarget()
	ada, err := o.Owners.Get(ctx, registry.Root(), o.target.owner)
	require.NoError(t, err)
	by := ada.Actor()
	for principal, code := range map[string]registry.Code{
		"": "", ada.DID.String(): "", "urn:safeconduct:owner:" + ada.ID: "", "mailto:hers@example.org": "",
		"mailto:bob@example.org": registry.Forbidden, verifytest.Key("bob").DID().String(): registry.Forbidden,
	} {
		g, err := o.Grants.Create(ctx, by, registry.NewGrant{
			Agent: o.target.agent, Principal: principal, Scopes: []string{"data.read"}, ExpiresAt: start.Add(time.Hour),
		})
		require.Equal(t, code, codeOf(err), principal)
		if err == nil {
			require.Equal(t, ada.ID, g.Owner)
		}
	}
	for what, err := range map[string]error{
		"Grants.Get":      does(o.Grants.Get(ctx, by, o.target.bare)),
		"Grants.Revoke":   does(o.Grants.Revoke(ctx, by, o.target.bare, "")),
		"Budgets.Balance": does(o.Budgets.Balance(ctx, by, o.target.bare)),
	} {
		require.ErrorIs(t, err, registry.NotFound, what)
	}
	page, err := o.Grants.List(ctx, by, registry.GrantQuery{Agent: o.target.agent})
	require.NoError(t, err)
	require.Len(t, page.Items, 5)
	for _, g := range page.Items {
		require.Equal(t, ada.ID, g.Owner)
	}
	_, err = o.Grants.List(ctx, by, registry.GrantQuery{Owner: o.owner("bob@example.org").ID})
	require.ErrorIs(t, err, registry.NotFound)
	o.issue() // which is the organisation's
	for _, q := range []registry.PassportQuery{{Owner: ada.ID}, {}, {Agent: o.target.agent}} {
		who := by
		if q.Owner != "" {
			who = o.org.Admin()
		}
		p, err := o.Passports.List(ctx, who, q)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(p.Items), 2, "one of the grant, one of the record")
		for _, it := range p.Items {
			require.Equal(t, ada.ID, it.Owner)
		}
	}
	p, err := o.Passports.List(ctx, by, registry.PassportQuery{Agent: o.who.ID})
	require.NoError(t, err)
	require.Empty(t, p.Items)
}
