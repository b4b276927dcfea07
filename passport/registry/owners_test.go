package registry_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func (o *office) owner(email string) *registry.Owner {
	who, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "Ada", Email: email})
	require.NoError(o, err)
	return who
}

// P4, P5: a person is one owner of an organisation, however the address is written;
// another organisation and another office have another id for them.
func TestP5OwnersByAddress(t *testing.T) {
	o := newOffice(t)
	ada := o.owner("Ada@Example.org ")
	require.Regexp(t, `^ap_user_[0-9A-Z]{26}$`, ada.ID)
	require.Equal(t, "ada@example.org", ada.Email)
	for _, same := range []string{"ada@example.org", "\tADA@EXAMPLE.ORG"} {
		_, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "Ada again", Email: same})
		require.ErrorIs(t, err, registry.Exists)
		var e *registry.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, ada.ID, e.ID)
	}
	require.NotEqual(t, ada.ID, o.owner("bob@example.org").ID)
	other, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "other"})
	require.NoError(t, err)
	again, err := o.Owners.Create(ctx, other.Admin(), registry.NewOwner{Name: "Ada", Email: "ada@example.org"})
	require.NoError(t, err)
	require.NotEqual(t, ada.ID, again.ID)
	require.NotEqual(t, ada.ID, newOffice(t).owner("ada@example.org").ID)
}

// P4: what an owner is made of, with one fault each.
func TestP4NewOwners(t *testing.T) {
	taken := verifytest.Key("taken").DID()
	for name, c := range map[string]struct {
		n    registry.NewOwner
		code registry.Code
	}{
		"good":               {registry.NewOwner{Name: "Ada"}, ""},
		"an organisation":    {registry.NewOwner{Name: "Ltd", Type: registry.OwnerOrg}, ""},
		"a DID":              {registry.NewOwner{Name: "Ada", DID: verifytest.Key("ada").DID()}, ""},
		"no name":            {registry.NewOwner{}, registry.BadRequest},
		"another type":       {registry.NewOwner{Name: "Ada", Type: "bot"}, registry.BadRequest},
		"no address":         {registry.NewOwner{Name: "Ada", Email: "ada"}, registry.BadRequest},
		"two addresses":      {registry.NewOwner{Name: "Ada", Email: "a@x.org,b@x.org"}, registry.BadRequest},
		"a header field":     {registry.NewOwner{Name: "Ada", Email: "a@x.org\r\nBcc: b"}, registry.BadRequest},
		"no domain":          {registry.NewOwner{Name: "Ada", Email: "ada@localhost"}, registry.BadRequest},
		"a DID of another's": {registry.NewOwner{Name: "Bob", DID: taken}, registry.Exists},
		"another's owner":    {registry.NewOwner{Name: "Ada", Org: "ap_org_x"}, registry.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			_, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "First", DID: taken})
			require.NoError(t, err)
			who, err := o.Owners.Create(ctx, o.org.Admin(), c.n)
			if c.code != "" {
				require.ErrorIs(t, err, c.code)
				return
			}
			require.NoError(t, err)
			got, err := o.Owners.Get(ctx, o.org.Admin(), who.ID)
			require.NoError(t, err)
			require.Equal(t, who, got)
		})
	}
}

// P16: an owner sees what is theirs, and of all else the answer for what is not there.
func TestP16OwnersSeeWhatIsTheirs(t *testing.T) {
	o := newOffice(t)
	ada, bob := o.owner("ada@example.org"), o.owner("bob@example.org")
	a, err := o.Agents.Create(ctx, ada.Actor(), registry.NewAgent{Name: "hers", DID: verifytest.Key("hers").DID()})
	require.NoError(t, err)
	require.Equal(t, ada.ID, a.Owner)
	p, err := o.Passports.Issue(ctx, o.org.Admin(), registry.NewPassport{
		Agent: a.ID, Grant: o.newGrant(o.org.Admin(), a).ID, Categories: []string{"compute"},
	})
	require.NoError(t, err)
	require.Equal(t, ada.ID, p.Owner)
	calls := map[string]func(by registry.Actor, who *registry.Owner, agent, passport string) error{
		"Owners.Get": func(by registry.Actor, who *registry.Owner, _, _ string) error {
			_, err := o.Owners.Get(ctx, by, who.ID)
			return err
		},
		"Agents.Get": func(by registry.Actor, _ *registry.Owner, agent, _ string) error {
			_, err := o.Agents.Get(ctx, by, agent)
			return err
		},
		"Agents.Suspend": func(by registry.Actor, _ *registry.Owner, agent, _ string) error {
			_, err := o.Agents.Suspend(ctx, by, agent, registry.Suspension{})
			return err
		},
		"Passports.Get": func(by registry.Actor, _ *registry.Owner, _, passport string) error {
			_, err := o.Passports.Get(ctx, by, passport)
			return err
		},
		"Passports.Revoke": func(by registry.Actor, _ *registry.Owner, _, passport string) error {
			_, err := o.Passports.Revoke(ctx, by, passport, "")
			return err
		},
	}
	for name, call := range calls {
		foreign := call(bob.Actor(), ada, a.ID, p.ID)
		require.ErrorIs(t, foreign, registry.NotFound, name)
		nobodys := call(bob.Actor(), &registry.Owner{ID: "ap_user_x"}, "ag_x", "urn:safeconduct:passport:x")
		require.Equal(t, nobodys.Error(), foreign.Error(), name)
		require.NoError(t, call(ada.Actor(), ada, a.ID, p.ID), name)
	}
	_, err = o.Agents.Create(ctx, bob.Actor(), registry.NewAgent{Name: "x", Owner: ada.ID, DID: verifytest.Key("x").DID()})
	require.ErrorIs(t, err, registry.NotFound)
}

// P9: a walk through the owners of an organisation shows each once.
func TestP9ListOwners(t *testing.T) {
	o := newOffice(t)
	want := []string{o.org.ID}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		want = append(want, o.owner(name+"@example.org").ID)
	}
	slices.Sort(want)
	var got []string
	for q := (registry.OwnerQuery{Limit: 2}); ; {
		page, err := o.Owners.List(ctx, o.org.Admin(), q)
		require.NoError(t, err)
		for _, who := range page.Items {
			got = append(got, who.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	require.Equal(t, want, got)
}

// P5: the key of the hash is made once, whoever comes first.
func TestP5OneSecretForAll(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var org *registry.Org
	var errs, ids = make(chan error, 8), make(chan string, 8)
	for i := range 8 {
		r, err := registry.Open(registry.Config{
			Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
		})
		require.NoError(t, err)
		if i == 0 {
			org, err = r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "x"})
			require.NoError(t, err)
		}
		go func() {
			for {
				who, err := r.Owners.Create(ctx, org.Admin(), registry.NewOwner{Name: "Ada", Email: "ada@example.org"})
				var e *registry.Error
				switch {
				case err == nil:
					ids <- who.ID
				case !errors.As(err, &e):
					errs <- err
				case e.Code == registry.Conflict:
					continue
				case e.Code == registry.Exists:
					ids <- e.ID
				default:
					errs <- err
				}
				return
			}
		}()
	}
	seen := map[string]bool{}
	for range 8 {
		select {
		case id := <-ids:
			seen[id] = true
		case err := <-errs:
			require.NoError(t, err)
		}
	}
	require.Len(t, seen, 1)
}

// newDID is the DID of a key that nobody has used yet.
func newDID() did.DID { return must(did.GenerateKey()).DID() }
