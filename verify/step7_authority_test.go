package verify_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestStep7Authority(t *testing.T) {
	act := func(action string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: action}} },
			func(_ *verifytest.World, q *verify.Request) {
				*q = verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: action}}
			}
	}
	amount := func(s, cur string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		m := passport.MustMoney(s, cur)
		return func(in *passport.Intent) { in.Amount = m }, func(_ *verifytest.World, q *verify.Request) { q.Amount = m }
	}
	other, askOther := act("files.write")
	dear, askDear := amount("50.01", "USD")
	eur, askEUR := amount("1", "EUR")
	read, askRead := act("data.read.all")
	limit, askLimit := amount("50", "USD")
	run(t, []fault{
		{name: "no capability", want: verify.AuthorityActionNotAllowed, intent: other, ask: askOther},
		{name: "MON-06 one cent more", want: verify.AuthorityAmountExceeded, intent: dear, ask: askDear},
		{name: "MON-06 currency not granted", want: verify.AuthorityCurrencyNotAllowed, intent: eur, ask: askEUR},
		{name: "denied", want: verify.AuthorityActionDenied,
			pass: func(_ *verifytest.World, p *passport.Passport) { p.Authority.DeniedActions = []string{"payments.*"} }},
		{name: "everything denied", want: verify.AuthorityActionDenied,
			pass: func(_ *verifytest.World, p *passport.Passport) { p.Authority.DeniedActions = []string{"*"} }},
		{name: "limit 0", want: verify.AuthorityAmountExceeded, pass: func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.MaxTransaction = passport.MustMoney("0", "USD")
		}},
		{name: "host's rule", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "no", Check: func(verify.Facts) error { return errors.New("not today") }}}
		}},
		{name: "host's rule returns a nil obligation", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "nil", Check: func(verify.Facts) error { return (*verify.Obligation)(nil) }}}
		}},
		{name: "host's rule returns a nil violation", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "nil", Check: func(verify.Facts) error { return (*verify.Violation)(nil) }}}
		}},
		{name: "host's score panics, and its rule refuses", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "scores", Score: func(verify.Facts) (int, bool) { panic("no") },
				Check: func(verify.Facts) error { return verify.PolicyDenied }}}
		}},
		{name: "host's rule panics", want: verify.PolicyDenied, config: func(_ *verifytest.World, c *verify.Config) {
			c.Policy = []verify.Rule{{ID: "no", Check: func(verify.Facts) error { panic("oh") }}}
		}},
	})
	_, err := fault{intent: read, ask: askRead}.decide(t)
	require.NoError(t, err)
	_, err = fault{intent: limit, ask: askLimit}.decide(t)
	require.NoError(t, err, "exactly the limit")
}

// A12: time windows, geography and data access lists are enforced.
func TestA12WindowsRegionsResources(t *testing.T) {
	saturday := func(start, end string) func(*verifytest.World, *passport.Passport) {
		return func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.TimeWindows = []passport.TimeWindow{{Days: []string{"sat"}, Start: start, End: end, TimeZone: "Europe/Berlin"}}
		}
	}
	regions := func(_ *verifytest.World, p *passport.Passport) { p.Authority.Regions = []string{"DE"} }
	resources := func(_ *verifytest.World, p *passport.Passport) {
		p.Authority.Resources = []string{"https://api.example/v1/*"}
	}
	region := func(r string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { in.Region = r }, func(_ *verifytest.World, q *verify.Request) { q.Region = r }
	}
	resource := func(r string) (func(*passport.Intent), func(*verifytest.World, *verify.Request)) {
		return func(in *passport.Intent) { in.Resource = r }, func(_ *verifytest.World, q *verify.Request) { q.Resource = r }
	}
	fr, askFR := region("FR")
	by, askBY := region("DE-BY")
	other, askOther := resource("https://api.example/v2/x")
	up, askUp := resource("https://api.example/v1/../x")
	good, askGood := resource("https://api.example/v1/x")
	run(t, []fault{
		{name: "ended at ten", want: verify.AuthorityOutsideTimeWindow, pass: saturday("08:00", "10:00")}, // it is 10:00 in Berlin
		{name: "region unknown", want: verify.AuthorityRegionBlocked, pass: regions},
		{name: "other region", want: verify.AuthorityRegionBlocked, pass: regions, intent: fr, ask: askFR},
		{name: "resource unknown", want: verify.AuthorityResourceNotAllowed, pass: resources},
		{name: "other resource", want: verify.AuthorityResourceNotAllowed, pass: resources, intent: other, ask: askOther},
		{name: "ambiguous path", want: verify.AuthorityResourceNotAllowed, pass: resources, intent: up, ask: askUp},
	})
	for _, f := range []fault{
		{pass: saturday("10:00", "10:01")},
		{pass: regions, intent: by, ask: askBY},
		{pass: resources, intent: good, ask: askGood},
	} {
		_, err := f.decide(t)
		require.NoError(t, err)
	}
}

// P3: the level counts as far as the provider and the anchor are trusted.
func TestP3Assurance(t *testing.T) {
	claims := func(l passport.Level, provider string) func(*verifytest.World, *passport.Passport) {
		return func(_ *verifytest.World, p *passport.Passport) {
			p.Authority.Assurance = passport.Assurance{Level: l, Provider: provider, Method: "kyc"}
		}
	}
	need := func(l passport.Level) func(*verifytest.World, *verify.Request) {
		return func(_ *verifytest.World, q *verify.Request) { q.MinAssurance = l }
	}
	trusts := func(anchor passport.Level, p policy.Providers) func(*verifytest.World, *verify.Config) {
		return func(_ *verifytest.World, c *verify.Config) {
			c.Anchors[0].MaxAssurance, c.Policy = anchor, []verify.Rule{p.Rule()}
		}
	}
	const org = "did:web:kyc.example"
	run(t, []fault{
		{name: "nothing claimed", want: verify.AuthorityAssuranceInsufficient, ask: need(passport.L1)},
		{name: "less claimed", want: verify.AuthorityAssuranceInsufficient, pass: claims(passport.L2, org), ask: need(passport.L3)},
		{name: "issuer not trusted for it", want: verify.AuthorityAssuranceInsufficient,
			pass: claims(passport.L4KYC, org), ask: need(passport.L3), config: trusts(passport.L2, nil)},
		{name: "issuer trusted for nothing", want: verify.AuthorityAssuranceInsufficient,
			pass: claims(passport.L4KYC, org), ask: need(passport.L1), config: trusts("", nil)},
		{name: "provider not trusted for it", want: verify.AuthorityAssuranceInsufficient,
			pass: claims(passport.L4KYC, org), ask: need(passport.L3), config: trusts(passport.L4FIN, policy.Providers{org: passport.L2})},
		{name: "provider unknown", want: verify.AuthorityAssuranceInsufficient,
			pass: claims(passport.L4KYC, "did:web:other.example"), ask: need(passport.L1),
			config: trusts(passport.L4FIN, policy.Providers{org: passport.L4FIN})},
	})
	_, err := fault{pass: claims(passport.L3, org), ask: need(passport.L3), config: trusts(passport.L3, policy.Providers{org: passport.L3})}.decide(t)
	require.NoError(t, err)
}
