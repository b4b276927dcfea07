package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) registryOrgAdd() *cli.Verb {
	var n registry.NewOrg
	o := a.onOffice(makes, "add", "make an organisation", "",
		flag("name", cli.Text("TEXT", &n.Name).Must(), "what it is called"))
	return o.does(func(ctx context.Context, _ []string) error {
		org, err := o.office.Orgs.Create(ctx, o.root, n)
		if err != nil {
			return err
		}
		if err := o.remember(ctx, func(s *settings) error {
			if s.Org == "" {
				s.Org = org.ID
			}
			return nil
		}); err != nil {
			return err
		}
		return o.say("registry-org", orgPage(org), "%s", org.ID)
	})
}

func (a *app) registryAgentAdd() *cli.Verb {
	var n registry.NewAgent
	o := a.onOffice(inOrg|makes, "add", "make the record of an agent", "",
		flag("name", cli.Text("TEXT", &n.Name).Must(), "what it is called"),
		flag("agent", didValue(&n.DID).Must(),
			"its DID, of a key that is the agent's own; safeconduct did key agent.key prints it"),
		flag("description", cli.Text("TEXT", &n.Description), "for people"))
	return o.does(func(ctx context.Context, _ []string) error {
		n.Org = o.org
		agent, err := o.office.Agents.Create(ctx, o.root, n)
		if err != nil {
			return err
		}
		return o.say("registry-agent", agentPage(agent), "%s", agent.ID)
	})
}

func (a *app) registryGrantAdd() *cli.Verb {
	var n registry.NewGrant
	var life time.Duration
	o := a.onOffice(makes, "add", "record what a principal allows an agent to do",
		`Records what a principal allows an agent to do. Passports stand on grants: none does more, and none lives
longer.`,
		flag("agent", cli.Text("ID", &n.Agent).Must(), "ag_…"),
		flag("principal", cli.Text("IRI", &n.Principal).Must(), "the accountable person: mailto:ada@example.org"),
		flag("scope", checked(cli.List("ACTION", &n.Scopes), passport.CheckActionPattern).Must(),
			"payments:mpp:compute, data.*"),
		flag("for", cli.Duration(&life, 1, 0).Must(), "how long: 720h is 30 days"),
		flag("budget", moneyValue(&n.Budget), `bounds what passports may spend: "100.00 USD"`))
	return o.does(func(ctx context.Context, _ []string) error {
		n.ExpiresAt = o.now().Add(life)
		g, err := o.office.Grants.Create(ctx, o.root, n)
		if err != nil {
			return err
		}
		return o.say("registry-grant", grantPage(g), "%s", g.ID)
	})
}

func (a *app) registryIssue() *cli.Verb {
	var n registry.NewPassport
	var out string
	o := a.onOffice(signs|makes, "issue", "issue a passport on a grant",
		`Issues a passport and keeps its record. It carries its places on the status lists of the office: publish them
before a verifier sees it.`,
		flag("agent", cli.Text("ID", &n.Agent).Must(), "ag_…"),
		flag("grant", cli.Text("ID", &n.Grant).Must(), "grnt_…, of that agent"),
		flag("category", cli.List("NAME", &n.Categories),
			"what it may pay for; the grant has the scope payments:mpp:NAME"),
		flag("max", moneyValue(&n.MaxTransaction), `the most that one payment may be: "50.00 USD"`),
		flag("rail", cli.List("NAME", &n.Rails), "rails of payments; tempo unless given"),
		flag("allow", each(&n.Authority.Capabilities, capabilityValue),
			"what it may do beside that; a scope of the grant must cover it"),
		flag("for", cli.Text("SPAN", &n.ExpiresIn), "30m, 24h, 7d; 24h unless given, at most 720h"),
		flag("o", cli.Text("FILE", &out), "where the passport goes; standard output unless given"))
	return o.does(func(ctx context.Context, _ []string) error {
		p, err := o.office.Passports.Issue(ctx, o.root, n)
		if err != nil {
			return err
		}
		page := append(passportPage(p), member("credential", json.RawMessage(p.Credential)))
		return o.handOver(out, []byte(p.Credential), "registry-issued", page, func() {
			o.note("%s until %s", p.ID, instant(p.ExpiresAt))
		})
	})
}

func (a *app) registryPublish() *cli.Verb {
	var out string
	o := a.onOffice(signs, "publish", "sign the status lists, and write them where verify reads them",
		`Makes a new edition of each list that has changed or whose edition is half over, and writes the newest one of
every list into a folder. Do so after every change and before the instant that it names; serve the same bytes at their
URLs.`,
		flag("out", cli.Text("DIR", &out).Must(), "the folder, with one file for each URL"))
	return o.does(func(ctx context.Context, _ []string) error {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return ioFailure(err, "cannot make the folder")
		}
		if err := o.office.Lists.Publish(ctx, statuslist.Dir(out)); err != nil {
			var e *registry.Error
			if errors.As(err, &e) {
				return err
			}
			return ioFailure(err, "cannot publish")
		}
		next, err := o.office.Lists.NextPublish(ctx)
		if err != nil {
			return err
		}
		page := view.Page{member("out", out), member("next", instant(next))}
		return o.say("registry-published", page, "published; again before %s", instant(next))
	})
}
