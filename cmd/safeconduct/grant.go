package main

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// grant is the command line of what makes a passport: issue and delegate.
type grant struct {
	*app
	verb          *cli.Verb
	key           signing
	how           securing
	template, out string
	own           passport.Passport // what the flags say
	life          time.Duration
	lists         []string // of -status-list
	places        []statusPlace
}

// statusPlace is a place on a list kept elsewhere.
type statusPlace struct{ flag, text string }

func (g *grant) flags(key, as string, more ...cli.Flag) []cli.Flag {
	g.life = 24 * time.Hour
	a, p := &g.own.Authority, &g.own
	place := func(flag string) cli.Value {
		return cli.Value{Kind: "URL#INDEX", Many: true, Set: func(s string) error {
			g.places = append(g.places, statusPlace{flag, s})
			return nil
		}}
	}
	return slices.Concat([]cli.Flag{{Help: "Who"}}, g.key.flags(key, as), more, []cli.Flag{
		flag("agent", didValue(&p.Agent), "the DID of the agent whom the passport is for"),
		flag("principal", cli.Text("IRI", &p.HumanPrincipal), "the accountable person: mailto:ada@example.org"),
		flag("organization", cli.Text("IRI", &p.OrganizationDID), "the accountable organisation"),
		flag("name", cli.Text("TEXT", &p.Name), "of the agent, for people; never decided on"),

		{Help: "What it may do"},
		flag("allow", each(&a.Capabilities, capabilityValue), "payments.charge, payments.*"),
		flag("max", moneyValue(&a.MaxTransaction), `the most that one payment may be: "50.00 USD"`),
		flag("spend", each(&a.SpendLimits, spendValue),
			`"200.00 USD per day [in Europe/Berlin] [for payments.*]"; per transaction, hour, day, week, month or lifetime`),
		flag("category", cli.List("NAME", &a.Categories), "categories of payments"),
		flag("rail", cli.List("NAME", &a.Rails), "rails of payments"),
		flag("max-depth", cli.Number(&a.MaxDelegationDepth),
			"the deepest link below it that may be delegated, counted from the issuer's passport, which is 0; none unless given"),
		{Help: "What it may not do, or only there"},
		flag("deny", checked(cli.List("ACTION", &a.DeniedActions), checkScope), "wins over -allow"),
		flag("payee", cli.List("TEXT", &a.Payees), "the only ones who may be paid"),
		flag("resource", cli.List("TEXT", &a.Resources), "the only ones on which it may act"),
		flag("only-at", cli.List("AUDIENCE", &a.Audiences), "the only ones whom it may ask"),
		flag("region", checked(cli.List("CODE", &a.Regions), passport.CheckRegion),
			"the only ones where it may act: DE, US-CA"),

		{Help: "How long, and how to take it back"},
		flag("for", cli.Duration(&g.life, 1, 0), "24h unless given, at most 720h; a delegated one ends with the one above it at the latest"),
		flag("from", instantValue(&p.ValidFrom), "now unless given"),
		flag("status-list", cli.List("FILE", &g.lists), "a list kept by safeconduct status; takes a free place on it"),
		flag("status", place("status"), "a place on a list kept elsewhere: revocation"),
		flag("suspension", place("suspension"), "likewise: suspension"),

		{Help: "Input and output"},
		flag("template", cli.Text("FILE", &g.template),
			"the members of credentialSubject, as a JSON object; flags replace what it says; - for standard input"),
	}, g.how.flags(), []cli.Flag{
		flag("o", cli.Text("FILE", &g.out), "where the passport goes; standard output unless given"),
		g.clock(),
	})
}

func (g *grant) options() passport.IssueOptions {
	return passport.IssueOptions{Now: g.now, Lifetime: g.life, Suite: g.how.suite, Format: g.how.format}
}

// passport puts the template and the flags together.
func (g *grant) passport() (*passport.Passport, error) {
	if err := g.how.check(g.verb); err != nil {
		return nil, err
	}
	p, own := &passport.Passport{}, &g.own
	if g.template != "" {
		raw, err := g.read(g.template, limits.Default().DocumentBytes)
		if err != nil {
			return nil, err
		}
		if p, err = passport.ParseTemplate(raw); err != nil {
			return nil, cli.Wrong("-template: %w", err).Hint("a template is a JSON object of members of credentialSubject, " +
				"such as {\"capabilities\": [{\"action\": \"payments.charge\"}]}")
		}
	}
	overlay(reflect.ValueOf(p).Elem(), reflect.ValueOf(own).Elem())
	overlay(reflect.ValueOf(&p.Authority).Elem(), reflect.ValueOf(&own.Authority).Elem())
	if g.verb.Given("max-depth") { // which may be 0
		p.Authority.MaxDelegationDepth = own.Authority.MaxDelegationDepth
	}
	if p.Agent.IsZero() {
		return nil, g.verb.Missing("agent").Hint("safeconduct did key agent.key prints it")
	}
	return p, nil
}

// overlay replaces each member that the flags say, but for those that have members of their own.
func overlay(what, by reflect.Value) {
	for i := range by.NumField() {
		if f := by.Field(i); !f.IsZero() && f.Type() != reflect.TypeFor[passport.Authority]() {
			what.Field(i).Set(f)
		}
	}
}

func (a *app) issue() *cli.Verb {
	g := &grant{app: a}
	g.verb = &cli.Verb{
		Name: "issue", Summary: "sign a passport for an agent",
		About: "Signs a passport for an agent. What is not granted is refused.",
		Flags: g.flags("the issuer's private key", "its name in the issuer's DID document"),
		Example: `safeconduct status init -state list.json -url https://issuer.example/status/1
safeconduct issue -key issuer.key -agent did:key:z6Mk… \
  -allow payments.charge -category compute -max "50.00 USD" \
  -status-list list.json > passport.json`,
	}
	g.verb.Run = func(ctx context.Context, _ []string) error {
		p, err := g.passport()
		if err != nil {
			return err
		}
		signer, err := a.signer(g.key)
		if err != nil {
			return err
		}
		if len(g.lists)+len(g.places) == 0 {
			return g.verb.Wrong("-status-list or -status is needed: a passport that cannot be taken back is not issued").
				Hint("safeconduct status init -state list.json -url https://issuer.example/status/1 starts a list")
		}
		signed, err := g.sign(p, func(p *passport.Passport) (*credential.Signed, error) {
			return passport.Issue(ctx, signer, p, g.options())
		})
		if err != nil {
			return err
		}
		return g.deliver(signed, "issued", "or a -template", nil, nil)
	}
	return g.verb
}

func (a *app) delegate() *cli.Verb {
	g := &grant{app: a}
	var files []string
	var inherit bool
	g.verb = &cli.Verb{
		Name: "delegate", Summary: "give a part of a passport to another agent",
		About: `The holder of a passport gives a part of it to another agent. No issuer is asked: the holder signs, and can only
narrow. What is not granted again is not passed on. The new passport is shown together with those above it.`,
		Flags: g.flags("the private key of the holder, the agent of the last -passport", "its name in the holder's DID document",
			flag("passport", cli.List("FILE", &files).Must(), "the holder's passport; of a delegated one the whole chain, the root first"),
			flag("inherit-grants", cli.Switch(&inherit), "state every grant of the passport above for which no flag and no template says less")),
		Notes: `The principal and the organisation are as the root of the chain says, or left out. Lists of -status-list are the
holder's own; without one, the new passport is taken back by revoking one above it.`,
		Example: `safeconduct delegate -key agent.key -passport passport.json \
  -agent did:key:z6Mk… -inherit-grants -max "5.00 USD" > child.json
safeconduct present -key helper.key -passport passport.json \
  -passport child.json …`,
	}
	g.verb.Run = func(ctx context.Context, _ []string) error {
		p, err := g.passport()
		if err != nil {
			return err
		}
		chain, err := a.wholeChain(files)
		if err != nil {
			return err
		}
		parent, err := passport.ReadUnverified(chain[len(chain)-1])
		if err != nil {
			return g.refused(err)
		}
		if inherit {
			p.Authority = p.Authority.InheritGrants(&parent.Authority)
		}
		signer, err := a.signer(g.key)
		if err != nil {
			return err
		}
		signed, err := g.sign(p, func(p *passport.Passport) (*credential.Signed, error) {
			longer, err := passport.Delegate(ctx, chain, signer, p, g.options())
			if err != nil {
				return nil, err
			}
			return longer[len(longer)-1], nil
		})
		if err != nil {
			return err
		}
		narrows, err := append(slices.Clone(chain), signed).Narrows()
		if err != nil {
			return err
		}
		return g.deliver(signed, "delegated", "or -inherit-grants", parent, narrows)
	}
	return g.verb
}

// refused explains an error of passport.Issue or passport.Delegate.
func (g *grant) refused(err error) error {
	f := asFailure(err)
	if errors.Is(err, verify.EnvelopeMalformed) && g.template == "" { // then nothing but the flags was read
		f = g.verb.Wrong("%w", err)
	}
	f.Hint("nothing was issued")
	switch {
	case errors.Is(err, verify.DelegationTooDeep):
		f.Hint("issue -max-depth says how deep a passport may be delegated")
	case errors.Is(err, verify.DelegationWidened):
		f.Hint("a link can only narrow: ask for less, or leave the flag out and give -inherit-grants")
	case errors.Is(err, verify.ProofHolderMismatch):
		f.Hint("-key must be that of the agent of the last -passport")
	}
	return f
}

// deliver writes the passport and says what it is. The parent is nil of one that was issued.
func (g *grant) deliver(signed *credential.Signed, kind, or string, parent *passport.Passport, narrows []passport.Change) error {
	p, err := passport.ReadUnverified(signed) // by this very command, a moment ago
	if err != nil {
		return err
	}
	allowed := slices.ContainsFunc(p.Authority.Capabilities, func(c passport.Capability) bool {
		return !slices.ContainsFunc(p.Authority.DeniedActions, func(d string) bool { return passport.ActionCovers(d, c.Action) })
	})
	switch {
	case !allowed && len(p.Authority.Capabilities) > 0:
		g.warn("this passport allows nothing: -deny takes back every action of -allow")
	case !allowed:
		g.warn("this passport allows nothing: name actions with -allow (%s)", or)
	}
	for _, w := range p.Warnings() {
		g.note("%s", w.Detail)
	}
	answer := view.Page{member("passport", p)}
	if parent != nil {
		answer = append(answer, member("parent", parent.ID), member("narrows", append([]passport.Change{}, narrows...)))
	}
	answer = append(answer, member("digest", signed.Digest()), member("credential", jsonText(signed.Bytes())))
	return g.handOver(g.out, signed.Bytes(), kind, answer, func() {
		g.note("%s, valid until %s", p.ID, datetime.Format(p.ValidUntil))
		if parent != nil {
			g.note("link %d, below %s", p.DelegationDepth, parent.ID)
		}
		for _, e := range p.Status {
			g.note("%s: %s#%d", e.Purpose, e.URL, e.Index)
		}
		for _, c := range narrows {
			g.note("narrows %s: %s -> %s", c.Facet, c.Before, c.After)
		}
		if parent != nil && len(narrows) == 0 {
			g.note("narrows nothing: the new passport allows what the one above it allows")
		}
	})
}
