package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) registryList() *cli.Verb {
	var q registry.PassportQuery
	o := a.onOffice(inOrg, "list", "list passports, the newest first", "",
		flag("agent", cli.Text("ID", &q.Agent), "of this agent alone"),
		flag("grant", cli.Text("ID", &q.Grant), "on this grant alone"),
		flag("status", cli.Choice("WORD", (*string)(&q.Status), "active", "suspended", "revoked", "expired"),
			"of this status alone: active, suspended, revoked or expired"),
		flag("limit", cli.Number(&q.Limit), "how many at most: 50 unless given, at most 200"),
		flag("after", cli.Text("TEXT", &q.Cursor), "go on where the list before ended, which says how"))
	return o.does(func(ctx context.Context, _ []string) error {
		q.Org = o.org
		found, err := o.office.Passports.List(ctx, o.root, q)
		if err != nil {
			return err
		}
		if found.Next != "" {
			o.note("there may be more: -after %s", found.Next)
		}
		return tellTable(o.app, "registry-list", "passports", found.Items, passportPage, "no passport fits",
			member("next", found.Next))
	})
}

// records are what ids name, by how they begin. What cannot be done with a kind is nil.
var records = []struct {
	prefix         string
	get            func(o *onOffice, ctx context.Context, id string) (view.Page, error)
	suspend        func(o *onOffice, ctx context.Context, id string, how registry.Suspension) (view.Page, error)
	resume, revoke func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error)
}{
	{
		prefix: passport.PassportURN,
		get: func(o *onOffice, ctx context.Context, id string) (view.Page, error) {
			return paged(passportPage)(o.office.Passports.Get(ctx, o.root, id))
		},
		suspend: func(o *onOffice, ctx context.Context, id string, how registry.Suspension) (view.Page, error) {
			return paged(passportPage)(o.office.Passports.Suspend(ctx, o.root, id, how))
		},
		resume: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(passportPage)(o.office.Passports.Resume(ctx, o.root, id, reason))
		},
		revoke: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(passportPage)(o.office.Passports.Revoke(ctx, o.root, id, reason))
		},
	},
	{
		prefix: "ag_",
		get: func(o *onOffice, ctx context.Context, id string) (view.Page, error) {
			return paged(agentPage)(o.office.Agents.Get(ctx, o.root, id))
		},
		suspend: func(o *onOffice, ctx context.Context, id string, how registry.Suspension) (view.Page, error) {
			return paged(agentPage)(o.office.Agents.Suspend(ctx, o.root, id, how))
		},
		resume: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(agentPage)(o.office.Agents.Resume(ctx, o.root, id, reason))
		},
		revoke: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(agentPage)(o.office.Agents.Revoke(ctx, o.root, id, reason))
		},
	},
	{
		prefix: "grnt_",
		get: func(o *onOffice, ctx context.Context, id string) (view.Page, error) {
			return paged(grantPage)(o.office.Grants.Get(ctx, o.root, id))
		},
		revoke: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(grantPage)(o.office.Grants.Revoke(ctx, o.root, id, reason))
		},
	},
	{
		prefix: "ap_org_",
		get: func(o *onOffice, ctx context.Context, id string) (view.Page, error) {
			return paged(orgPage)(o.office.Orgs.Get(ctx, o.root, id))
		},
		suspend: func(o *onOffice, ctx context.Context, id string, how registry.Suspension) (view.Page, error) {
			if how.For >= 0 {
				return nil, cli.Wrong("an organisation is paused until somebody resumes it: give -until-resumed")
			}
			return paged(orgPage)(o.office.Orgs.Pause(ctx, o.root, id, how.Reason))
		},
		resume: func(o *onOffice, ctx context.Context, id, reason string) (view.Page, error) {
			return paged(orgPage)(o.office.Orgs.Resume(ctx, o.root, id, reason))
		},
	},
}

// paged makes a page of an answer of the office.
func paged[T any](page func(T) view.Page) func(T, error) (view.Page, error) {
	return func(v T, err error) (view.Page, error) {
		if err != nil {
			return nil, err
		}
		return page(v), nil
	}
}

const recordNeeded = "the record is needed: its id, such as ag_…, or the file of the passport"

// record finds out what an argument names: the id of a record, or the file of a passport.
func (o *onOffice) record(arg string) (kind int, id string, err error) {
	at := func(id string) int {
		for i := range records {
			if strings.HasPrefix(id, records[i].prefix) {
				return i
			}
		}
		return -1
	}
	if kind := at(arg); kind >= 0 {
		return kind, arg, nil
	}
	signed, err := o.chain([]string{arg})
	if err != nil {
		return 0, "", asFailure(err).
			Hint("want an id, such as " + passport.PassportURN + "…, ag_…, grnt_… or ap_org_…, or a file")
	}
	p, err := passport.ReadUnverified(signed[0]) // whose id it is says the office, by its own record
	if err != nil {
		return 0, "", err
	}
	return at(p.ID), p.ID, nil
}

func (a *app) registryGet() *cli.Verb {
	o := a.onOffice(0, "get", "show a passport, an agent, a grant or an organisation", "").takes("RECORD", recordNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		kind, id, err := o.record(args[0])
		if err != nil {
			return err
		}
		page, err := records[kind].get(o, ctx, id)
		if err != nil {
			return err
		}
		return o.answer("registry-record", page, func() { o.text.Page(page) })
	})
}

const publishSoon = "verifiers see it when the lists are published: safeconduct registry publish"

// changed tells what became of a record.
func (o *onOffice) changed(page view.Page, err error) error {
	if err != nil {
		return err
	}
	o.note(publishSoon)
	return o.answer("registry-record", page, func() { o.text.Page(page) })
}

func (a *app) registrySuspend() *cli.Verb {
	var how registry.Suspension
	var open bool
	o := a.onOffice(0, "suspend", "stop a passport, an agent or an organisation for a while",
		`Stops a passport, every passport of an agent, or every passport of an organisation. It ends by itself, but not
for an organisation.`,
		flag("for", cli.Duration(&how.For, time.Second, 0), "how long: 1h unless given"),
		flag("until-resumed", cli.Switch(&open), "until somebody resumes it"),
		flag("reason", cli.Text("TEXT", &how.Reason), "for the record")).takes("RECORD", recordNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		if open && how.For != 0 {
			return o.Wrong("-for and -until-resumed exclude each other")
		}
		if open {
			how.For = -1
		}
		kind, id, err := o.record(args[0])
		switch {
		case err != nil:
			return err
		case records[kind].suspend == nil:
			return o.Wrong("a grant is revoked, not suspended")
		}
		return o.changed(records[kind].suspend(o, ctx, id, how))
	})
}

func (a *app) registryResume() *cli.Verb {
	var reason string
	o := a.onOffice(0, "resume", "end a suspension", "",
		flag("reason", cli.Text("TEXT", &reason), "for the record")).takes("RECORD", recordNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		kind, id, err := o.record(args[0])
		switch {
		case err != nil:
			return err
		case records[kind].resume == nil:
			return o.Wrong("a grant is revoked, not suspended")
		}
		return o.changed(records[kind].resume(o, ctx, id, reason))
	})
}

func (a *app) registryRevoke() *cli.Verb {
	var reason string
	o := a.onOffice(0, "revoke", "take a passport, an agent or a grant back, for good",
		"Takes a passport back, or an agent or a grant with every passport of it. It is for good.",
		flag("reason", cli.Text("TEXT", &reason), "for the record")).takes("RECORD", recordNeeded)
	return o.does(func(ctx context.Context, args []string) error {
		kind, id, err := o.record(args[0])
		switch {
		case err != nil:
			return err
		case records[kind].revoke == nil:
			return o.Wrong("an organisation is suspended, not revoked")
		}
		return o.changed(records[kind].revoke(o, ctx, id, reason))
	})
}

// tellTable prints records as a table, whose columns are the rows of their pages that have a label; as JSON all rows.
func tellTable[T any](
	a *app, kind, name string, records []T, page func(T) view.Page, none string, more ...view.Row,
) error {
	pages := make([]view.Page, len(records))
	for i, r := range records {
		pages[i] = page(r)
	}
	return a.answer(kind, append(view.Page{member(name, pages)}, more...), func() {
		if len(pages) == 0 {
			a.text.Line("%s", none)
			return
		}
		lines := [][]string{nil}
		for _, r := range pages[0] {
			if r.Label != "" {
				lines[0] = append(lines[0], strings.ToUpper(r.Label))
			}
		}
		for _, p := range pages {
			var line []string
			for _, r := range p {
				if r.Label != "" {
					line = append(line, view.Plain(cell(r.Value)))
				}
			}
			lines = append(lines, line)
		}
		for _, line := range lines {
			text := ""
			for i, c := range line {
				width := 0
				for _, other := range lines {
					width = max(width, len([]rune(other[i])))
				}
				text += c + strings.Repeat(" ", width-len([]rune(c))+2)
			}
			a.text.text(strings.TrimRight(text, " ") + "\n") // every cell of it is plain
		}
	})
}

// cell is a value in a table.
func cell(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(v)
}

// texts are values as texts.
func texts[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}
