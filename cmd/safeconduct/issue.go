package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
)

const issueUsage = `usage: safeconduct issue -key FILE -agent DID [flags] > passport.json

Signs a passport for an agent. What is not granted is refused.

Who
  -key FILE         the issuer's private key; - for standard input
  -as URL           its name in the issuer's DID document, such as
                    did:web:issuer.example#key-1; without: its did:key
  -agent DID        whom the passport is for
  -principal IRI    the accountable person: mailto:ada@example.org
  -organization IRI the accountable organisation
  -name TEXT        of the agent, for people; never decided on

What it may do; flags marked * may be given several times
  -allow ACTION *   payments.charge, payments.*
  -max MONEY        the most that one payment may be: "50.00 USD"
  -spend LIMIT *    "200.00 USD per day [in Europe/Berlin] [for payments.*]";
                    per transaction, hour, day, week, month or lifetime
  -category NAME *  categories of payments
  -rail NAME *      rails of payments
What it may not do, or only there
  -deny ACTION *    wins over -allow
  -payee TEXT *     -resource TEXT *    -only-at AUDIENCE *    -region CODE *

How long, and how to take it back
  -for DURATION     24h unless given, at most 720h
  -from INSTANT     now unless given
  -status-list FILE *      a list kept by safeconduct status; takes a free
                           place on it
  -status URL#INDEX *      a place on a list kept elsewhere: revocation
  -suspension URL#INDEX *  likewise: suspension

  -template FILE    the members of credentialSubject, as a JSON object; flags
                    replace what it says; - for standard input
  -o FILE           where the passport goes; standard output unless given
  -now INSTANT      what time to take it for: 2026-11-21T09:00:00Z
  -json             print id, validity and status places around the passport

Example:
  safeconduct status init -state list.json -url https://issuer.example/status/1
  safeconduct issue -key issuer.key -agent did:key:z6Mk… -allow payments.charge \
    -category compute -max "50.00 USD" -status-list list.json > passport.json
`

// issueFlags is the command line of issue.
type issueFlags struct {
	*flags
	key, as, template, out               string
	agent, principal, organization, name string
	max                                  passport.Money
	spend                                []passport.SpendLimit
	life                                 time.Duration
	from                                 time.Time

	allow, deny, category, rail, payee, resource, onlyAt, region *[]string
	statusLists, status, suspension                              *[]string
}

func (a *app) issueFlags() *issueFlags {
	f := &issueFlags{flags: a.flags("issue")}
	f.clock()
	f.StringVar(&f.key, "key", "", "")
	f.StringVar(&f.as, "as", "", "")
	f.StringVar(&f.template, "template", "", "")
	f.StringVar(&f.out, "o", "", "")
	f.StringVar(&f.agent, "agent", "", "")
	f.StringVar(&f.principal, "principal", "", "")
	f.StringVar(&f.organization, "organization", "", "")
	f.StringVar(&f.name, "name", "", "")
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
	return f
}

func (a *app) issue(ctx context.Context, args []string) error {
	f := a.issueFlags()
	if _, err := f.parse(args); err != nil {
		return err
	}
	if err := f.need("key"); err != nil {
		return err
	}
	if f.life <= 0 {
		return f.usage("-for is %s, want a time that is to come", f.life)
	}
	p, err := f.passport()
	if err != nil {
		return err
	}
	signer, err := a.signer(f.key, f.as)
	if err != nil {
		return err
	}
	// Everything that can be refused is refused before a place on a list is
	// taken, which cannot be given back.
	if err := f.entries(p); err != nil {
		return err
	}
	o := passport.IssueOptions{Now: a.now, Lifetime: f.life}
	if _, err := passport.Issue(ctx, signer, f.rehearsal(p), o); err != nil {
		return f.refused(err)
	}
	if err := f.allocate(p); err != nil {
		return err
	}
	signed, err := passport.Issue(ctx, signer, p, o)
	if err != nil {
		return f.refused(err)
	}
	return f.deliver(signed)
}

// refused explains an error of passport.Issue.
func (f *issueFlags) refused(err error) error {
	return &failure{exit: exitCode(err), err: err, hints: []string{"nothing was issued"}}
}

// passport puts the template and the flags together.
func (f *issueFlags) passport() (*passport.Passport, error) {
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

func (f *issueFlags) authority(a *passport.Authority) {
	if len(*f.allow) > 0 {
		a.Capabilities = nil
		for _, action := range *f.allow {
			a.Capabilities = append(a.Capabilities, passport.Capability{Action: action})
		}
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

// deliver writes the passport and says what it is.
func (f *issueFlags) deliver(signed *credential.Signed) error {
	p, err := passport.ReadUnverified(signed) // by this very command, a moment ago
	if err != nil {
		return err
	}
	if f.app.json {
		if f.out != "" && f.out != "-" {
			if err := f.app.write(f.out, append(signed.Bytes(), '\n')); err != nil {
				return err
			}
		}
		return f.app.answer(struct {
			header
			Passport   passportJSON    `json:"passport"`
			Digest     string          `json:"digest"`
			Credential json.RawMessage `json:"credential"`
		}{kind("issued"), newPassportJSON(p), signed.Digest(), json.RawMessage(signed.Text())})
	}
	f.app.note("%s, valid until %s", p.ID, datetime.Format(p.ValidUntil))
	for _, e := range p.Status {
		f.app.note("%s: %s#%d", e.Purpose, e.URL, e.Index)
	}
	return f.app.write(f.out, append(signed.Bytes(), '\n'))
}
