package registry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// running is an office by the clock of a bubble, whose Run publishes to a target.
func running(t *testing.T, more func(o *office, options *registry.RunOptions)) (o *office, stop func()) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	o = newOffice(t)
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), BaseURL: "https://issuer.example", Now: time.Now, Issuer: o.issuer,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant, err = o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
		Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
		ExpiresAt: time.Now().Add(30 * 24 * time.Hour),
	})
	require.NoError(t, err)
	lists := new(statuslist.Memory)
	o.serve(lists)
	options := registry.RunOptions{To: lists}
	more(o, &options)
	c, cancel := context.WithCancel(ctx)
	var ended error
	var all sync.WaitGroup
	all.Go(func() { ended = o.Registry.Run(c, options) })
	return o, func() {
		cancel()
		all.Wait()
		require.ErrorIs(t, ended, context.Canceled)
		require.NoError(t, db.Close())
	}
}

// serve makes the shop ask a source, by the clock of the office.
func (o *office) serve(source statuslist.Source) {
	var err error
	o.shop, err = verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: o.issuer.DID()}}, Resolver: did.KeyMethods(), Status: source,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: time.Now,
	})
	require.NoError(o, err)
}

// A5: Run publishes at once what has changed, and what ends by itself when it ends.
func TestA5RunPublishesWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, stop := running(t, func(_ *office, options *registry.RunOptions) { options.Every = time.Hour })
		defer stop()
		settle := func() { time.Sleep(time.Second); synctest.Wait() } // of the bubble's clock
		p := o.issueNow()
		settle()
		require.NoError(t, o.paysNow(p))
		_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: 90 * time.Minute})
		require.NoError(t, err)
		settle()
		require.ErrorIs(t, o.paysNow(p), verify.StatusSuspended)
		time.Sleep(89 * time.Minute)
		require.ErrorIs(t, o.paysNow(p), verify.StatusSuspended)
		time.Sleep(time.Minute)
		settle()
		require.NoError(t, o.paysNow(p))
		time.Sleep(22 * time.Hour) // the editions of the beginning have ended
		require.NoError(t, o.paysNow(p))
	})
}

func (o *office) issueNow() *registry.Passport {
	p, err := o.Passports.Issue(ctx, o.org.Admin(), registry.NewPassport{
		Agent: o.who.ID, Grant: o.grant.ID, Categories: []string{"compute"}, ExpiresIn: "72h",
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	})
	require.NoError(o, err)
	return p
}

// paysNow is pays by the machine's clock, or that of a bubble.
func (o *office) paysNow(p *registry.Passport) error {
	o.clock.Advance(time.Until(o.clock.Now()) * -1)
	return o.pays(p)
}

// A5: a target that is away is tried again, the host is told, and nothing is lost.
func TestA5RunTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lists := new(statuslist.Memory)
		target := goneAway(lists)
		var failures int
		o, stop := running(t, func(o *office, options *registry.RunOptions) {
			o.serve(lists)
			options.To, options.Failed = target, func(err error) {
				failures++
				require.ErrorContains(t, err, "away")
			}
		})
		defer stop()
		p := o.issueNow()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Greater(t, failures, 8)
		require.Less(t, failures, 20, "it pauses longer and longer")
		target.down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, o.paysNow(p))
	})
}

// A target that panics has failed once, like one that is away; what Failed does then is no matter.
func TestRunSurvivesATargetThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lists := new(statuslist.Memory)
		target := &panicking{Target: lists}
		target.down.Store(true)
		var failures int
		o, stop := running(t, func(o *office, options *registry.RunOptions) {
			o.serve(lists)
			options.To, options.Failed = target, func(err error) {
				require.ErrorContains(t, err, "panicked: oh")
				if failures++; failures == 1 {
					panic("so does what is told of it")
				}
			}
		})
		defer stop()
		p := o.issueNow()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Greater(t, failures, 2)
		target.down.Store(false)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.NoError(t, o.paysNow(p))
	})
}

type panicking struct {
	statuslist.Target
	down atomic.Bool
}

func (p *panicking) Put(ctx context.Context, e *statuslist.Edition) error {
	if p.down.Load() {
		panic("oh")
	}
	return p.Target.Put(ctx, e)
}

// A6: what another process of the office has changed is published, too.
func TestA6RunSeesOtherProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
		require.NoError(t, err)
		var others *registry.Registry
		o, stop := running(t, func(o *office, _ *registry.RunOptions) {
			for _, into := range []**registry.Registry{&o.Registry, &others} {
				*into, err = registry.Open(registry.Config{
					Store: db.Registry(), BaseURL: "https://issuer.example", Now: time.Now, Issuer: o.issuer,
				})
				require.NoError(t, err)
			}
			o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
			require.NoError(t, err)
			o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
			require.NoError(t, err)
			o.grant, err = o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
				Agent: o.who.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:compute"},
				ExpiresAt: time.Now().Add(30 * 24 * time.Hour),
			})
			require.NoError(t, err)
		})
		p := o.issueNow()
		time.Sleep(time.Second)
		synctest.Wait()
		require.NoError(t, o.paysNow(p))
		_, err = others.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.ErrorIs(t, o.paysNow(p), verify.StatusRevoked)
		stop()
		require.NoError(t, db.Close())
	})
}

// What Run is made of.
func TestRunOptions(t *testing.T) {
	o := newOffice(t)
	require.ErrorIs(t, o.Registry.Run(ctx, registry.RunOptions{}), registry.BadRequest)
	require.ErrorIs(t, o.Registry.Run(ctx, registry.RunOptions{To: o.lists, Every: -1}), registry.BadRequest)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, o.Registry.Run(gone, registry.RunOptions{To: o.lists}), context.Canceled)
	require.ErrorIs(t, o.Lists.Publish(ctx, nil), registry.BadRequest)
	require.ErrorIs(t, o.IssuerKeys.Publish(ctx, nil), registry.BadRequest)
	require.ErrorIs(t, o.Lists.Recover(ctx, registry.Root(), nil), registry.BadRequest)
}

// A5, A6: a verifier in the same process reads committed bits: there is no delay at
// all, and nobody has published anything.
func TestA5SourceHasNoDelay(t *testing.T) {
	o := newOffice(t)
	source := o.Lists.Source()
	shop := func(s statuslist.Source) {
		var err error
		o.shop, err = verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: o.issuer.DID()}}, Resolver: did.KeyMethods(), Status: s,
			Ledger: ledger.NewMemory(ledger.Options{}), Now: o.clock.Now,
		})
		require.NoError(t, err)
	}
	shop(source)
	p, other := o.issue(), o.issue()
	require.NoError(t, o.pays(p))
	_, err := o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: 30 * time.Second})
	require.NoError(t, err)
	require.ErrorIs(t, o.pays(p), verify.StatusSuspended, "at the same instant, too")
	o.clock.Advance(30 * time.Second)
	require.NoError(t, o.pays(p), "it has ended by itself")
	for range 5 { // again and again within a second
		o.clock.Advance(time.Millisecond)
		_, err = o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: -1})
		require.NoError(t, err)
		require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
		o.clock.Advance(time.Millisecond)
		_, err = o.Passports.Resume(ctx, o.org.Admin(), p.ID, "")
		require.NoError(t, err)
		require.NoError(t, o.pays(p))
	}
	// A verification takes its time: it is as of an instant before it asked.
	shop(statuslist.SourceFunc(func(c context.Context, url string) (*statuslist.Fetched, error) {
		o.clock.Advance(time.Millisecond)
		return source.StatusList(c, url)
	}))
	for range 3 {
		o.clock.Advance(time.Millisecond)
		_, err = o.Passports.Suspend(ctx, o.org.Admin(), p.ID, registry.Suspension{For: -1})
		require.NoError(t, err)
		require.ErrorIs(t, o.pays(p), verify.StatusSuspended)
		_, err = o.Passports.Suspend(ctx, o.org.Admin(), other.ID, registry.Suspension{For: -1})
		require.NoError(t, err)
		o.publish() // as of this very moment
		o.clock.Advance(time.Millisecond)
		_, err = o.Passports.Resume(ctx, o.org.Admin(), p.ID, "")
		require.NoError(t, err)
		require.NoError(t, o.pays(p))
		_, err = o.Passports.Resume(ctx, o.org.Admin(), other.ID, "")
		require.NoError(t, err)
	}
	_, err = o.Agents.Revoke(ctx, o.org.Admin(), o.who.ID, "")
	require.NoError(t, err)
	o.publish() // which leaves nothing to be made
	require.ErrorIs(t, o.pays(p), verify.StatusRevoked)
	require.ErrorIs(t, o.pays(other), verify.StatusRevoked)

	// The same bytes are the same pointer, and other URLs have no list.
	url := p.Places[0].List
	one, err := source.StatusList(ctx, url)
	require.NoError(t, err)
	two, err := source.StatusList(ctx, url)
	require.NoError(t, err)
	require.Same(t, one, two)
	old, err := source.StatusList(ctx, url+"-2021")
	require.NoError(t, err)
	require.NotEqual(t, one.Raw, old.Raw)
	for _, none := range []string{"https://issuer.example/status/none", url + "-2021-2021", url + "-2022", ""} {
		_, err = source.StatusList(ctx, none)
		require.ErrorIs(t, err, statuslist.ErrNotFound, none)
	}

	// It lives on: an edition is renewed before it ends.
	o.clock.Advance(20 * time.Hour)
	three, err := source.StatusList(ctx, url)
	require.NoError(t, err)
	require.NotEqual(t, one.Raw, three.Raw)
}

// failing is a signer that fails.
type failing struct{ did.Signer }

func (failing) Sign(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("the KMS is away")
}

// A6: where the next edition cannot be made, the list is unavailable: never an older one.
func TestA6SourceFailsClosed(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o := newOffice(t)
	signer := &switching{Signer: o.issuer}
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), BaseURL: "https://issuer.example", Now: o.clock.Now, Issuer: signer,
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	o.who, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "buyer", DID: o.agent.DID()})
	require.NoError(t, err)
	o.grant = o.newGrant(o.org.Admin(), o.who)
	p := o.issue()
	source := o.Lists.Source()
	_, err = source.StatusList(ctx, p.Places[0].List)
	require.NoError(t, err)
	_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	signer.Signer = failing{o.issuer}
	_, err = source.StatusList(ctx, p.Places[0].List)
	require.ErrorContains(t, err, "the KMS is away")
	signer.Signer = o.issuer
	_, err = source.StatusList(ctx, p.Places[0].List)
	require.NoError(t, err)
}

// switching is a signer that may become another one.
type switching struct{ did.Signer }

// A6: the lists over HTTP, from the committed bits: there is nothing to publish.
func TestA6ListsOverHTTP(t *testing.T) {
	o := newOffice(t)
	p := o.issue()
	h, err := listhttp.New(o.Lists.Source(), listhttp.Config{Base: "https://issuer.example", Now: o.clock.Now})
	require.NoError(t, err)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	before := get("/status/revocation-1")
	require.Equal(t, 200, before.Code)
	_, err = o.Passports.Revoke(ctx, o.org.Admin(), p.ID, "")
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	after := get("/status/revocation-1")
	require.Equal(t, 200, after.Code)
	require.NotEqual(t, before.Body.String(), after.Body.String())
	require.Equal(t, 200, get("/status/revocation-1-2021").Code)
	require.Equal(t, 404, get("/status/revocation-2").Code)
}
