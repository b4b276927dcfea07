package main

import (
	"context"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/view"
)

// Pages of records: what programs are told under names that stay, and the columns of tables.

// column is a row that programs are told by its name, and people under its label.
func column(name, label string, value any) view.Row {
	return view.Row{Name: name, Label: label, Value: value}
}

func orgPage(o *registry.Org) view.Page {
	status := registry.Active
	if o.Paused {
		status = "paused"
	}
	return view.Page{
		column("id", "id", o.ID), column("name", "name", o.Name),
		column("status", "status", string(status)), member("createdAt", instant(o.CreatedAt)),
	}
}

func agentPage(a *registry.Agent) view.Page {
	return append(view.Page{
		column("id", "id", a.ID), column("name", "name", a.Name),
		column("agent", "did", a.DID.String()), member("org", a.Org), member("description", a.Description),
		member("createdAt", instant(a.CreatedAt)),
	}, standingPage(&a.Standing, a.Status)...)
}

func grantPage(g *registry.Grant) view.Page {
	return append(view.Page{
		column("id", "id", g.ID), column("agent", "agent", g.Agent),
		column("principal", "principal", g.Principal), column("scopes", "scopes", g.Scopes),
		column("budget", "budget", amountText(g.Budget)), column("expiresAt", "until", instant(g.ExpiresAt)),
		member("org", g.Org), member("createdAt", instant(g.CreatedAt)),
	}, standingPage(&g.Standing, g.Status)...)
}

func passportPage(p *registry.Passport) view.Page {
	return append(view.Page{
		column("id", "id", p.ID), column("agent", "agent", p.Agent),
		column("grant", "grant", p.Grant), column("expiresAt", "until", instant(p.ExpiresAt)),
		member("org", p.Org), member("issuedAt", instant(p.IssuedAt)),
	}, standingPage(&p.Standing, p.Status)...)
}

// standingPage says what became of a record.
func standingPage(s *registry.Standing, status registry.Status) view.Page {
	until := ""
	if status == registry.Suspended {
		until = instant(s.SuspendedUntil)
	}
	return view.Page{
		column("status", "status", string(status)), column("reason", "reason", s.Reason),
		column("suspendedUntil", "ends", until), member("revokedAt", instant(s.RevokedAt)),
	}
}

func keyPage(k *registry.APIKey) view.Page {
	return view.Page{
		column("id", "id", k.ID), column("name", "name", k.Name),
		column("scopes", "scopes", texts(k.Scopes)), column("createdAt", "made", instant(k.CreatedAt)),
		column("revokedAt", "revoked", instant(k.RevokedAt)), member("org", k.Org),
	}
}

func auditPage(l registry.AuditRecord) view.Page {
	return view.Page{
		column("number", "number", l.Number), column("at", "at", instant(l.At)),
		column("by", "by", l.By), column("action", "action", l.Action),
		column("subject", "subject", l.Subject), column("reason", "reason", l.Reason),
		member("org", l.Org), member("data", l.Data), member("commitment", l.Commitment), member("erased", l.Erased),
		member("previous", l.Previous), member("hash", l.Hash), member("sealed", string(l.Sealed())),
	}
}

func eventPage(e registry.Event) view.Page {
	return view.Page{
		column("number", "number", e.Number), column("at", "at", instant(e.At)),
		column("type", "type", e.Type), column("subject", "subject", e.Subject),
		column("reason", "reason", e.Reason), member("org", e.Org), member("data", e.Data),
	}
}

const keyNeeded = "the id of the key is needed: apk_…"

// tellSecret shows a key with its secret, this one time.
func (o *onOffice) tellSecret(k *registry.APIKey, secret registry.Secret, err error) error {
	if err != nil {
		return err
	}
	o.note("%s; the secret is shown this once, and kept as a hash", k.ID)
	page := append(keyPage(k), member("secret", secret.Reveal()))
	return o.say("registry-key", page, "%s", secret.Reveal())
}

func (a *app) registryKeyAdd() *cli.Verb {
	var n registry.NewKey
	var scopes []string
	o := a.onOffice(inOrg|makes, "add", "make an API key", "Makes an API key and prints its secret, once.",
		flag("name", cli.Text("TEXT", &n.Name).Must(), "what it is called"),
		flag("scope", cli.List("SCOPE", &scopes).Must(), "read, list_agents, issue, update, manage_keys"))
	return o.does(func(ctx context.Context, _ []string) error {
		n.Org = o.org
		for _, s := range scopes {
			n.Scopes = append(n.Scopes, registry.Scope(s))
		}
		return o.tellSecret(o.office.Keys.Create(ctx, o.root, n))
	})
}

func (a *app) registryKeyList() *cli.Verb {
	o := a.onOffice(inOrg, "list", "list API keys, without their secrets", "")
	return o.does(func(ctx context.Context, _ []string) error {
		keys, err := o.office.Keys.List(ctx, o.root, o.org)
		if err != nil {
			return err
		}
		return tellTable(o.app, "registry-keys", "keys", keys, keyPage, "there is no key")
	})
}

func (a *app) registryKeyRotate() *cli.Verb {
	var overlap time.Duration
	o := a.onOffice(0, "rotate", "give a key another secret", "Gives a key another secret and prints it, once.",
		flag("overlap", cli.Duration(&overlap, 0, 0),
			"how long the secret before is good, too; not at all unless given"),
	).takes("KEY", keyNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		return o.tellSecret(o.office.Keys.Rotate(ctx, o.root, args[0], overlap))
	})
}

func (a *app) registryKeyRevoke() *cli.Verb {
	var reason string
	o := a.onOffice(0, "revoke", "end a key", "",
		flag("reason", cli.Text("TEXT", &reason), "for the record"),
	).takes("KEY", keyNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		k, err := o.office.Keys.Revoke(ctx, o.root, args[0], reason)
		if err != nil {
			return err
		}
		return o.say("registry-key", keyPage(k), "%s is revoked", k.ID)
	})
}

// theOffice is the flag for the log of the office itself, which belongs to no organisation.
const theOffice = "the office's own log, which belongs to no organisation"

func (a *app) registryAuditList() *cli.Verb {
	var after int64
	var own bool
	limit := 100
	o := a.onOffice(inOrg, "list", "list what was done, the oldest first", "",
		flag("office", cli.Switch(&own), theOffice),
		flag("limit", cli.Number(&limit), "how many at most: 100 unless given"),
		flag("after", cli.Number(&after), "go on behind this number"))
	return o.does(func(ctx context.Context, _ []string) error {
		if own {
			o.org = ""
		}
		lines, err := o.office.Audit.List(ctx, o.root, o.org, after, limit)
		if err != nil {
			return err
		}
		return tellTable(o.app, "registry-audit", "lines", lines, auditPage, "nothing was done")
	})
}

func (a *app) registryAuditHead() *cli.Verb {
	var own bool
	o := a.onOffice(signs|inOrg, "head", "sign what the newest line is",
		`Signs what the newest line of the log is, as a note (C2SP tlog-checkpoint). Keep it elsewhere: audit verify -head
then sees that lines were cut off, or that the log was written anew.`,
		flag("office", cli.Switch(&own), theOffice))
	return o.does(func(ctx context.Context, _ []string) error {
		if own {
			o.org = ""
		}
		head, err := o.office.Audit.Head(ctx, o.root, o.org)
		if err != nil {
			return err
		}
		key, err := o.office.Audit.Key(ctx, o.root, o.org)
		if err != nil {
			return err
		}
		return o.answer("registry-audit-head", view.Page{member("head", string(head)), member("key", key)}, func() {
			o.out.Write(head)
		})
	})
}

func (a *app) registryAuditVerify() *cli.Verb {
	var own bool
	var head string
	o := a.onOffice(inOrg, "verify", "look whether the log is what was written",
		"Goes through the chain of hashes, and names the first line that is not what it was.",
		flag("head", cli.Text("FILE", &head), "what audit head wrote once: the log must still have that line"),
		flag("office", cli.Switch(&own), theOffice))
	return o.does(func(ctx context.Context, _ []string) error {
		if own {
			o.org = ""
		}
		err := o.office.Audit.Verify(ctx, o.root, o.org)
		if head != "" && err == nil {
			var raw []byte
			if raw, err = o.read(head, 64<<10); err == nil {
				err = o.office.Audit.VerifySince(ctx, o.root, o.org, raw)
			}
		}
		if errors.Is(err, registry.ErrBroken) {
			return denied("%w", err)
		} else if err != nil {
			return err
		}
		return o.say("registry-audit-verified", view.Page{member("whole", true)}, "the log is whole")
	})
}

func (a *app) registryEvents() *cli.Verb {
	var after int64
	limit := 100
	o := a.onOffice(0, "events", "list what has happened, in the order in which it was committed",
		"Lists events. Whoever keeps the number of the last one that was dealt with gets each at least once.",
		flag("limit", cli.Number(&limit), "how many at most: 100 unless given"),
		flag("after", cli.Number(&after), "go on behind this number"))
	return o.does(func(ctx context.Context, _ []string) error {
		events, err := o.office.Events.Read(ctx, o.root, after, limit)
		if err != nil {
			return err
		}
		return tellTable(o.app, "registry-events", "events", events, eventPage, "nothing has happened")
	})
}
