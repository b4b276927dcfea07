package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const (
	webIssuer = "did:web:issuer.example"
	webKeys   = 320 // for all rounds on one store
)

// web is the office of a desk with an issuer that rotates its keys.
func (d *desk) web(t testing.TB) *registry.Registry {
	c := registry.Config{Store: d.Store(), BaseURL: "https://issuer.example"}
	for i := range webKeys {
		name := fmt.Sprint("k", i)
		s, err := did.NewSigner(did.MustParseURL(webIssuer+"#"+name), verifytest.Key(name).PrivateKey())
		require.NoError(t, err)
		if c.Issuer == nil {
			c.Issuer = s
		} else {
			c.Keys = append(c.Keys, s)
		}
	}
	r, err := registry.Open(c)
	require.NoError(t, err)
	return r
}

// CrashIssuerKeys kills a process that rotates and revokes the keys of the issuer and issues passports meanwhile, and
// looks at what is left: no rotation and no revocation that was acknowledged is lost, one key signs, and the log, the
// events and the keys say the same. STO-01.
//
// open and kill are as those of [Crash].
func CrashIssuerKeys(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).turnKeys, (*desk).turned)
}

func (d *desk) turnKeys(t testing.TB) {
	ctx, say := context.Background(), new(voice).say
	web := &desk{Registry: d.web(t), org: d.org, agent: d.agent, grant: d.grant}
	list, err := web.IssuerKeys.List(ctx, registry.Root())
	require.NoError(t, err)
	i := len(list)
	for n := range 1000 { // more than are acknowledged before it is killed
		p, err := web.issue()
		say("issued", idOf(p), err)
		if n%3 != 0 || i == webKeys {
			continue
		}
		before := fmt.Sprint(webIssuer, "#k", i-1)
		to := did.MustParseURL(fmt.Sprint(webIssuer, "#k", i))
		if i%2 == 0 {
			_, err = web.IssuerKeys.Revoke(ctx, registry.Root(), before, registry.Compromise{To: to})
			say("revoked", before, err)
		} else {
			_, err = web.IssuerKeys.Rotate(ctx, registry.Root(), registry.Rotation{To: to, In: -1})
			say("rotated", to.String(), err)
		}
		i++
	}
}

func (d *desk) turned(t testing.TB, lines []string) int {
	ctx := context.Background()
	web := d.web(t)
	done, acknowledged := heard(lines)
	list, err := web.IssuerKeys.List(ctx, registry.Root())
	require.NoError(t, err)
	keys, signing := map[string]*registry.IssuerKey{}, 0
	for _, k := range list {
		keys[k.ID] = k
		if k.Status == registry.KeySigns {
			signing++
		}
	}
	require.Equal(t, 1, signing, "keys that sign")
	for id, what := range done {
		k := keys[id]
		if slices.Contains(what, "issued") {
			p, err := web.Passports.Get(ctx, registry.Root(), id)
			require.NoError(t, err, "a passport is lost")
			require.Equal(t, keys[p.SignedBy].Status == registry.KeyRevoked, p.Status == registry.Revoked, id)
			continue
		}
		require.NotNil(t, k, "%s is lost", id)
		if slices.Contains(what, "revoked") {
			require.Equal(t, registry.KeyRevoked, k.Status, "%s: a revocation is lost", id)
		}
	}
	require.NoError(t, web.Audit.Verify(ctx, registry.Root(), ""))
	return acknowledged
}

// CrashErase kills a process that erases people, again and again. What was acknowledged is erased; what was begun is
// finished by Run; the audit log verifies. STO-01.
//
// open and kill are as those of [Crash].
func CrashErase(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	crashOffice(t, rounds, open, kill, (*desk).eraseMany, (*desk).erasedAll)
}

func (d *desk) eraseMany(testing.TB) {
	ctx, admin, say := context.Background(), d.org.Admin(), new(voice).say
	for i := range 300 {
		name := fmt.Sprint("person ", i, " ", rand.Text())
		o, err := d.Owners.Create(ctx, admin, registry.NewOwner{Name: name, DID: verifytest.Key(name).DID()})
		if err != nil {
			say("made", "", err)
			continue
		}
		a, err := d.Agents.Create(ctx, o.Actor(), registry.NewAgent{Name: name, DID: verifytest.Key(name + "'s").DID()})
		if err == nil {
			_, err = d.Agents.Suspend(ctx, admin, a.ID, registry.Suspension{Reason: name})
		}
		if err == nil {
			_, err = d.Owners.Erase(ctx, admin, registry.Erasure{Owner: o.ID})
		}
		say("erased", o.ID, err)
	}
}

func (d *desk) erasedAll(t testing.TB, lines []string) int {
	ctx := context.Background()
	require.NoError(t, d.Audit.Verify(ctx, registry.Root(), d.org.ID))
	run, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	require.ErrorIs(t, d.Run(run, registry.RunOptions{
		To: ends(cancel), Failed: func(err error) { t.Error(err) },
	}), context.Canceled)
	done, acknowledged := heard(lines)
	erased := map[string]bool{}
	for q := (registry.OwnerQuery{Org: d.org.ID, Limit: 200}); ; {
		page, err := d.Owners.List(ctx, registry.Root(), q)
		require.NoError(t, err)
		for _, o := range page.Items {
			if !o.ErasedAt.IsZero() {
				require.Empty(t, o.Name+o.DID.String())
				erased[o.ID] = true
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for id, what := range done {
		require.True(t, erased[id] || !slices.Contains(what, "erased"), "%s: an erasure is lost", id)
	}
	require.NoError(t, d.Audit.Verify(ctx, registry.Root(), d.org.ID))
	for after := int64(0); ; { // what was said of those is gone, too
		log, err := d.Audit.List(ctx, registry.Root(), d.org.ID, after, 1000)
		require.NoError(t, err)
		for _, l := range log {
			after = l.Number
			if l.Action != "agent.suspended" {
				continue
			}
			a, err := d.Agents.Get(ctx, registry.Root(), l.Subject)
			require.NoError(t, err)
			require.Equal(t, erased[a.Owner], a.Name == "", "%s: half erased", a.ID)
			require.Equal(t, erased[a.Owner], l.Erased, "line %d: half erased", l.Number)
		}
		if len(log) < 1000 {
			return acknowledged
		}
	}
}

// ends is a target that ends a run.
type ends func()

func (e ends) Put(context.Context, *statuslist.Edition) error { e(); return nil }

// asked asks again where others were faster all the time, as CONFLICT says.
func asked(do func(d *desk, i int) error) func(d *desk, i int) error {
	return func(d *desk, i int) (err error) {
		for range 100 {
			if err = do(d, i); !errors.Is(err, registry.Conflict) {
				break
			}
		}
		return err
	}
}

// raceKeys are races about keys of the issuer and erasures, beside those of an office.
func raceKeys(t *testing.T, d [2]*desk) {
	ctx := context.Background()
	var web [2]*desk
	for i := range web {
		web[i] = &desk{Registry: d[i].web(t), org: d[0].org, agent: d[0].agent, grant: d[0].grant}
	}
	rotate := asked(func(d *desk, i int) error {
		_, err := d.IssuerKeys.Rotate(ctx, registry.Root(), registry.Rotation{
			To: did.MustParseURL(fmt.Sprint(webIssuer, "#k", i)), In: -1,
		})
		return err
	})
	for round := 1; round < 4; round++ {
		one(t, both(web, func(d *desk, _ int) error { return rotate(d, round) }), registry.Exists)
	}
	// Passports are issued while the key is revoked: what is there is signed by a key that signs, or reads as revoked.
	errs := both(web, asked(func(d *desk, i int) error {
		if i == 0 {
			_, err := d.IssuerKeys.Revoke(ctx, registry.Root(), webIssuer+"#k3", registry.Compromise{
				To: did.MustParseURL(webIssuer + "#k4"),
			})
			return err
		}
		_, err := d.issue()
		return err
	}))
	for _, err := range errs {
		require.NoError(t, err)
	}
	for p, err := range web[0].IssuerKeys.Signed(ctx, registry.Root(), webIssuer+"#k3") {
		require.NoError(t, err)
		require.Equal(t, registry.Revoked, p.Status)
	}
	o, err := web[0].Owners.Create(ctx, web[0].org.Admin(), registry.NewOwner{
		Name: "x", DID: verifytest.Key("race").DID(),
	})
	require.NoError(t, err)
	for _, err := range both(web, asked(func(d *desk, _ int) error {
		_, err := d.Owners.Erase(ctx, d.org.Admin(), registry.Erasure{Owner: o.ID})
		return err
	})) {
		require.NoError(t, err)
	}
	for _, org := range []string{"", web[0].org.ID} {
		require.NoError(t, web[1].Audit.Verify(ctx, registry.Root(), org))
	}
}
