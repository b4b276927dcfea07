package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// P15: a limit that the host feeds nothing to is not silently unlimited: an act
// that is known to use what the passport limits must say how much.
func TestP15Counts(t *testing.T) {
	counts := policy.Counts{"data.export": {"rows"}, "messages.*": {"msgs", "bytes", "requests", "ads"}, "*": {"cost"}}
	maximum := func(name string, n int64) passport.Limit {
		return passport.Limit{Name: name, Kind: passport.LimitMax, Int: n}
	}
	rate := func(name string, n int64) passport.Limit {
		return passport.Limit{Name: name, Kind: passport.LimitRate, Int: n}
	}
	type (
		limits []passport.Limit
		usage  map[string]int64
		paths  []string
	)
	rows, msgs := maximum("max_rows", 5), rate("msgs_per_day", 5)
	reqs := maximum("max_requests", 5)
	ads := passport.Limit{Name: "allow_ads", Kind: passport.LimitAllow}
	bytes, flow := maximum("max_bytes", 5), rate("bytes_per_hour", 9)
	const export, send, charge = "data.export", "messages.send", "payments.charge"
	for name, c := range map[string]struct {
		action     string
		limits     limits
		attributes string
		usage      usage
		want       paths // what is missing; nil: allowed
	}{
		"a maximum, not measured":           {export, limits{rows}, "", nil, paths{"/limits/max_rows"}},
		"a maximum, measured":               {export, limits{rows}, `{"rows":4}`, nil, nil},
		"a maximum, counted":                {export, limits{rows}, "", usage{"rows": 1}, paths{"/limits/max_rows"}},
		"another attribute":                 {export, limits{rows}, `{"columns":4}`, nil, paths{"/limits/max_rows"}},
		"a rate, not counted":               {send, limits{msgs}, "", nil, paths{"/limits/msgs_per_day"}},
		"a rate, counted":                   {send, limits{msgs}, "", usage{"msgs": 1}, nil},
		"a rate, counted as none":           {send, limits{msgs}, "", usage{"msgs": 0}, nil},
		"a rate, as an attribute":           {send, limits{msgs}, `{"msgs":1}`, nil, paths{"/limits/msgs_per_day"}},
		"a maximum and a rate of one thing": {send, limits{bytes, flow}, "", nil, paths{"/limits/max_bytes", "/limits/bytes_per_hour"}},
		"of every action":                   {charge, limits{rate("cost_per_hour", 9)}, "", nil, paths{"/limits/cost_per_hour"}},
		"of another action":                 {charge, limits{rows}, "", nil, nil},
		"requests count themselves":         {send, limits{rate("requests_per_day", 5)}, "", nil, nil},
		"requests as an attribute":          {send, limits{reqs}, "", nil, paths{"/limits/max_requests"}},
		"a permission, not measured":        {send, limits{ads}, "", nil, paths{"/limits/allow_ads"}},
		"a permission, measured":            {send, limits{ads}, `{"ads":false}`, nil, nil},
		"not limited":                       {export, nil, "", nil, nil},
		"limited, and not known to be used": {export, limits{maximum("max_pages", 5)}, "", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := verifytest.NewWorld(t)
			var attributes credential.Value
			if c.attributes != "" {
				v, err := credential.ParseValue(c.attributes)
				require.NoError(t, err)
				attributes = v
			}
			pass := w.Issue(w.Passport(func(p *passport.Passport) {
				p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: c.action}}, Limits: c.limits}
			}))
			act := passport.Act{Action: c.action, Attributes: attributes}
			raw := w.Present(pass, passport.Intent{Act: act})
			q := verify.Request{Audience: verifytest.Audience, Act: act, Usage: c.usage}
			d, err := w.Verifier(func(v *verify.Config) { v.Policy = []verify.Rule{counts.Rule()} }).Verify(t.Context(), raw, q)
			var missing []string
			for _, v := range d.Violations {
				require.Equal(t, verify.AuthorityAttributeMissing, v.Code)
				missing = append(missing, v.Path)
			}
			for i, path := range c.want {
				c.want[i] = "/verifiableCredential/0/credentialSubject" + path
			}
			require.ElementsMatch(t, c.want, missing, err)
		})
	}
	for name, bad := range map[string]policy.Counts{
		"a pattern that is none": {"data export": {"rows"}}, "no names": {"data.export": nil}, "an empty name": {"*": {""}},
	} {
		require.Error(t, bad.Rule().Valid(), name)
	}
	require.NoError(t, counts.Rule().Valid())
}

// P15: a limit of any link counts, and the rule keeps what it was made of.
func TestP15CountsOfAChain(t *testing.T) {
	counts := policy.Counts{"*": {"rows"}}
	rule := counts.Rule()
	counts["*"][0] = "x"
	w := verifytest.NewWorld(t)
	root, leaf := w.Passport(), w.Passport()
	root.Authority.Limits = []passport.Limit{{Name: "max_rows", Kind: passport.LimitMax, Int: 5}}
	f := verify.Facts{Chain: []*passport.Passport{root, leaf}, Request: w.Request()}
	var v *verify.Violation
	require.ErrorAs(t, rule.Check(f), &v)
	require.Equal(t, "/credentialSubject/limits/max_rows", v.Path, "of a bare passport")
	f.Intent = &passport.Intent{}
	require.ErrorAs(t, rule.Check(f), &v)
	require.Equal(t, "/verifiableCredential/0/credentialSubject/limits/max_rows", v.Path)
}

// P15: the flat limits of APort's guide, which no host has named, do not stay without
// effect.
func TestP15KnownCounts(t *testing.T) {
	known := policy.KnownCounts()
	rule := known.Rule()
	require.NoError(t, rule.Valid())
	for name, c := range map[string]struct {
		action     string
		limit      passport.Limit
		attributes string
		usage      map[string]int64
	}{
		"max_export_rows": {"data.export", passport.MaxOf("export_rows", 10000), `{"export_rows": 1}`, nil},
		"msgs_per_day":    {"messaging.send", passport.RateOf("msgs", 24*time.Hour, 1000), "", map[string]int64{"msgs": 1}},
		"payouts_per_day": {"payments.payout", passport.RateOf("payouts", 24*time.Hour, 5), "", map[string]int64{"payouts": 1}},
	} {
		for _, measured := range []bool{false, true} {
			w := verifytest.NewWorld(t)
			pass := w.Issue(w.Passport(func(p *passport.Passport) {
				p.Authority = passport.Authority{
					Capabilities: []passport.Capability{{Action: c.action}}, Limits: []passport.Limit{c.limit},
				}
			}))
			q := verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: c.action}}
			if measured {
				q.Usage = c.usage
				if c.attributes != "" {
					v, err := credential.ParseValue(c.attributes)
					require.NoError(t, err)
					q.Attributes = v
				}
			}
			raw := w.Present(pass, passport.Intent{Act: q.Act})
			d, err := w.Verifier(func(v *verify.Config) { v.Policy = []verify.Rule{rule} }).Verify(t.Context(), raw, q)
			if measured {
				require.NoError(t, err, name)
			} else {
				require.Equal(t, verify.AuthorityAttributeMissing, d.Code(), name)
			}
		}
	}
	known["data.export"] = nil
	require.NotEmpty(t, policy.KnownCounts()["data.export"], "nobody changes it for others")
}
