package main

import (
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
)

// grantUsage and placeUsage are the parts of the usage texts of issue and
// delegate.
const grantUsage = `What it may do; flags marked * may be given several times
  -allow ACTION *   payments.charge, payments.*
  -max MONEY        the most that one payment may be: "50.00 USD"
  -spend LIMIT *    "200.00 USD per day [in Europe/Berlin] [for payments.*]";
                    per transaction, hour, day, week, month or lifetime
  -category NAME *  categories of payments
  -rail NAME *      rails of payments
  -max-depth N      the deepest link below it that may be delegated, counted
                    from the issuer's passport, which is 0; none unless given
What it may not do, or only there
  -deny ACTION *    wins over -allow
  -payee TEXT *     -resource TEXT *    -only-at AUDIENCE *    -region CODE *
`

const placeUsage = `  -status-list FILE *      a list kept by safeconduct status; takes a free
                           place on it
  -status URL#INDEX *      a place on a list kept elsewhere: revocation
  -suspension URL#INDEX *  likewise: suspension
`

// grantFlags is the command line of what makes a passport: issue and delegate.
type grantFlags struct {
	*flags
	key, as, template, out               string
	agent, principal, organization, name string
	max                                  passport.Money
	spend                                []passport.SpendLimit
	depth                                int
	life                                 time.Duration
	from                                 time.Time
	how                                  *securing
	secured                              func() error

	allow, deny, category, rail, payee, resource, onlyAt, region *[]string
	statusLists, status, suspension                              *[]string
}

func (a *app) grantFlags(verb string) *grantFlags {
	f := &grantFlags{flags: a.flags(verb)}
	f.clock()
	f.StringVar(&f.key, "key", "", "")
	f.StringVar(&f.as, "as", "", "")
	f.StringVar(&f.template, "template", "", "")
	f.StringVar(&f.out, "o", "", "")
	f.StringVar(&f.agent, "agent", "", "")
	f.StringVar(&f.principal, "principal", "", "")
	f.StringVar(&f.organization, "organization", "", "")
	f.StringVar(&f.name, "name", "", "")
	f.IntVar(&f.depth, "max-depth", 0, "")
	f.money(&f.max, "max")
	f.Func("spend", "", func(s string) error {
		l, err := parseSpend(s)
		f.spend = append(f.spend, l)
		return err
	})
	f.DurationVar(&f.life, "for", 24*time.Hour, "")
	f.Func("from", "", func(s string) (err error) {
		f.from, err = datetime.Parse(s)
		return err
	})
	f.allow, f.deny = f.list("allow"), f.list("deny")
	f.category, f.rail = f.list("category"), f.list("rail")
	f.payee, f.resource = f.list("payee"), f.list("resource")
	f.onlyAt, f.region = f.list("only-at"), f.list("region")
	f.statusLists, f.status, f.suspension = f.list("status-list"), f.list("status"), f.list("suspension")
	f.how, f.secured = f.securing()
	return f
}

// check refuses what no passport can be made of, before a file is read.
func (f *grantFlags) check() error {
	if err := f.need("key"); err != nil {
		return err
	}
	if f.life <= 0 {
		return f.usage("-for is %s, want a time that is to come", f.life)
	}
	if f.depth < 0 {
		return f.usage("-max-depth is %d, want a number from 0", f.depth)
	}
	return f.secured()
}

func (f *grantFlags) options() passport.IssueOptions {
	return passport.IssueOptions{Now: f.app.now, Lifetime: f.life, Suite: f.how.suite, Format: f.how.format}
}

// passport puts the template and the flags together.
func (f *grantFlags) passport() (*passport.Passport, error) {
	p := &passport.Passport{}
	if f.template != "" {
		raw, err := f.app.read(f.template, limits.Default().DocumentBytes)
		if err != nil {
			return nil, err
		}
		if p, err = readTemplate(raw, f.agent); err != nil {
			return nil, err
		}
	}
	if f.agent != "" {
		agent, err := did.Parse(f.agent)
		if err != nil {
			return nil, f.usage("-agent: %w", err)
		}
		p.Agent = agent
	}
	if p.Agent.IsZero() {
		return nil, f.usage("-agent is needed: the DID of the agent").hint("safeconduct did key agent.key prints it")
	}
	p.ValidFrom = f.from
	for _, t := range []struct {
		from string
		to   *string
	}{{f.principal, &p.HumanPrincipal}, {f.organization, &p.OrganizationDID}, {f.name, &p.Name}} {
		if t.from != "" {
			*t.to = t.from
		}
	}
	f.authority(&p.Authority)
	return p, nil
}

func (f *grantFlags) authority(a *passport.Authority) {
	if len(*f.allow) > 0 {
		a.Capabilities = nil
		for _, action := range *f.allow {
			a.Capabilities = append(a.Capabilities, passport.Capability{Action: action})
		}
	}
	if f.given("max-depth") {
		a.MaxDelegationDepth = f.depth
	}
	if !f.max.IsZero() {
		a.MaxTransaction = f.max
	}
	if len(f.spend) > 0 {
		a.SpendLimits = f.spend
	}
	for _, l := range []struct {
		from *[]string
		to   *[]string
	}{
		{f.deny, &a.DeniedActions}, {f.category, &a.Categories}, {f.rail, &a.Rails}, {f.payee, &a.Payees},
		{f.resource, &a.Resources}, {f.onlyAt, &a.Audiences}, {f.region, &a.Regions},
	} {
		if len(*l.from) > 0 {
			*l.to = *l.from
		}
	}
}
