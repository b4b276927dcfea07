package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/migrate"
	"github.com/safeconduct/safeconduct/passport/registry/migrate/sample"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/view"
)

// exporters are the systems whose exports are read.
var exporters = strings.Join(slices.Sorted(maps.Keys(migrate.Readers())), ", ")

func (a *app) registryImport() *cli.Verb {
	var from, currency string
	var apply bool
	o := a.onOffice(signs|inOrg, "import", "bring records of another system",
		`Brings the records of an export into the office: owners, agents, grants, passports, keys, and what has
become of them. Without -apply it is a rehearsal, which says the same and changes nothing. What is there already is left
alone, so a run that broke off is made again. docs/howto says for each system what maps to what.`,
		flag("from", cli.Text("SYSTEM", &from).Must(), "whose export it is: "+exporters),
		flag("currency", cli.Text("CODE", &currency), "of amounts that name none; USD unless given"),
		flag("apply", cli.Switch(&apply), "bring them; else it is a rehearsal"))
	o.scopes = office.Scopes(eprospera.Current())
	o.takes("FILE", "name the export: a file")
	return o.does(func(ctx context.Context, args []string) error {
		read, ok := migrate.Readers()[from]
		if !ok {
			return o.Wrong("-from %s: want one of %s", from, exporters)
		}
		file, err := os.Open(args[0])
		if err != nil {
			return ioFailure(err, "cannot read the export")
		}
		defer file.Close() // it is only read
		if currency == "" {
			currency = "USD"
		}
		var tally migrate.Tally
		var lines []view.Page
		_, err = o.office.Import(ctx, o.root, registry.Import{
			Source: from, Org: o.org, Apply: apply,
			Records: read(file, migrate.Options{
				Currency: currency, Money: registry.FlatMoney{Currency: currency, Units: registry.MinorUnits},
			}),
			Report: func(l registry.ImportLine) error {
				if a.json {
					lines = append(lines, importPage(l))
				}
				return tally.Add(l)
			},
		})
		if err != nil {
			return err
		}
		page := view.Page{member("applied", apply), member("records", lines)}
		return a.answer("registry-imported", page, func() {
			for _, line := range tally.Lines() {
				a.text.Line("%s", line)
			}
			if !apply {
				a.text.Line("this was a rehearsal: -apply brings them")
			}
		})
	})
}

func importPage(l registry.ImportLine) view.Page {
	p := view.Page{
		member("kind", l.Kind), member("there", l.ID), member("id", l.Here), member("outcome", string(l.Outcome)),
		member("changes", l.Changes),
	}
	if l.Err != nil {
		p = append(p, member("code", string(l.Err.Code)), member("why", l.Err.Error()))
	}
	return p
}

func (a *app) registrySample() *cli.Verb {
	v := &cli.Verb{
		Name: "sample", Summary: "write an export to try registry import with",
		About: "Writes an export of a thousand made-up records, always the same. Thirty of them cannot come over.",
		Args:  []string{"SYSTEM"}, NoArgs: "name the system: " + exporters,
	}
	v.Run = func(_ context.Context, args []string) error {
		export, ok := sample.Exports()[args[0]]
		if !ok {
			return v.Wrong("%s: want one of %s", args[0], exporters)
		}
		var text strings.Builder
		if err := export(&text); err != nil {
			return err
		}
		a.text.text(text.String())
		return nil
	}
	return v
}
