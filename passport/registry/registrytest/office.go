package registrytest

import (
	"context"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// Office is an issuer's office for the tests of whoever issues or accepts passports: a real one, on a store in memory,
// under a clock that stands still until the test moves it. It has an organisation, an agent whose key the test holds,
// and a grant for a month. A verifier that is to trust it has Issuer as its anchor, Published as its status source and
// Clock.Now as its clock; it learns what the office has published, as it would offline.
//
// Its methods fail the test where something that should work does not. Call them from the goroutine of the test.
type Office struct {
	*registry.Registry
	Clock     *verifytest.Clock  // at 2026-11-21T09:00:00Z
	Issuer    *did.KeyPair       // signs passports and lists
	Published *statuslist.Memory // the status lists, as verifiers have them
	Org       *registry.Org
	Agent     *registry.Agent
	Key       *did.KeyPair // of Agent
	Grant     *registry.Grant

	tb testing.TB
}

// NewOffice opens an office, which is closed at the end of the test. Each edit changes its configuration.
func NewOffice(tb testing.TB, edits ...func(*registry.Config)) *Office {
	tb.Helper()
	ctx := context.Background()
	o := &Office{
		Clock:  verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
		Issuer: verifytest.Key("issuer"), Key: verifytest.Key("agent"), Published: &statuslist.Memory{}, tb: tb,
	}
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	o.must("opening a store", err)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("closing the store: %v", err)
		}
	})
	c := registry.Config{Store: db.Registry(), Issuer: o.Issuer, BaseURL: "https://issuer.example", Now: o.Clock.Now}
	for _, edit := range edits {
		edit(&c)
	}
	o.Registry, err = registry.Open(c)
	o.must("opening an office", err)
	o.Org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	o.must("making an organisation", err)
	o.Agent, err = o.Agents.Create(ctx, o.Org.Admin(), registry.NewAgent{Name: "test agent", DID: o.Key.DID()})
	o.must("making an agent", err)
	o.Grant, err = o.Grants.Create(ctx, o.Org.Admin(), registry.NewGrant{
		Agent: o.Agent.ID, Principal: "mailto:ada@example.org", Scopes: []string{"payments:mpp:*", "data.*"},
		ExpiresAt: o.Clock.Now().Add(30 * 24 * time.Hour),
	})
	o.must("making a grant", err)
	return o
}

// Issue issues a passport to Agent and publishes: payments for compute on rail tempo, 50 USD at a time, for a day. Each
// edit changes what is asked for.
func (o *Office) Issue(edits ...func(*registry.NewPassport)) *registry.Passport {
	o.tb.Helper()
	n := registry.NewPassport{
		Agent: o.Agent.ID, Grant: o.Grant.ID, Categories: []string{"compute"},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	}
	for _, edit := range edits {
		edit(&n)
	}
	p, err := o.Passports.Issue(context.Background(), o.Org.Admin(), n)
	o.must("issuing a passport", err)
	o.Publish()
	return p
}

// Purchase is an act that passports of [Office.Issue] allow: 12.50 USD for compute on tempo.
func (*Office) Purchase() passport.Act {
	return passport.Act{
		Action: "payments:mpp:compute", Amount: passport.MustMoney("12.50", "USD"), Category: "compute", Rail: "tempo",
	}
}

// Present has Agent present a passport to an audience, for one act. Each call has a nonce of its own.
func (o *Office) Present(p *registry.Passport, act passport.Act, audience string) []byte {
	o.tb.Helper()
	signed, err := credential.Parse([]byte(p.Credential))
	o.must("reading the passport", err)
	vp, err := passport.Present(context.Background(), o.Key, passport.Chain{signed}, passport.Intent{Act: act},
		audience, passport.PresentOptions{Now: o.Clock.Now})
	o.must("presenting", err)
	return vp.Bytes()
}

// Publish publishes the status lists, as of a second later: an edition is later than the one before.
func (o *Office) Publish() {
	o.tb.Helper()
	o.Clock.Advance(time.Second)
	o.must("publishing", o.Lists.Publish(context.Background(), o.Published))
}

func (o *Office) must(what string, err error) {
	o.tb.Helper()
	if err != nil {
		o.tb.Fatalf("%s: %v", what, err)
	}
}
