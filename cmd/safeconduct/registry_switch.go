package main

import (
	"context"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/view"
)

func switchPage(w *registry.Switch) view.Page {
	status := registry.Active
	if w.Paused {
		status = "paused"
	}
	of := w.Of
	if of == "" {
		of = "the office"
	}
	return view.Page{
		column("id", "id", w.ID), column("of", "of", of), column("status", "status", string(status)),
		column("reason", "reason", w.Reason), member("org", w.Org),
	}
}

func (a *app) registryPause() *cli.Verb {
	return a.turn("pause", "stop every passport of a person, or of the office",
		`Stops everything that stands on a person, by one bit that all of their passports carry, or everything that the
office has issued. Nothing is issued meanwhile. It lasts until registry unpause.`,
		(*registry.Switches).PausePrincipal, (*registry.Switches).PauseOffice)
}

func (a *app) registryUnpause() *cli.Verb {
	return a.turn("unpause", "end a pause of a person, or of the office", "",
		(*registry.Switches).ResumePrincipal, (*registry.Switches).ResumeOffice)
}

// turn is a verb that turns a kill switch.
func (a *app) turn(
	name, summary, about string,
	person func(s *registry.Switches, ctx context.Context, by registry.Actor, org, who, why string) (*registry.Switch, error),
	office func(s *registry.Switches, ctx context.Context, by registry.Actor, why string) (*registry.Switch, error),
) *cli.Verb {
	var principal, reason string
	var all bool
	o := a.onOffice(inOrg, name, summary, about,
		flag("principal", cli.Text("IRI", &principal), "the person, as grants name them: mailto:ada@example.org"),
		flag("office", cli.Switch(&all), "the office: everything that it has issued"),
		flag("reason", cli.Text("TEXT", &reason), "for the record"))
	return o.does(func(ctx context.Context, _ []string) error {
		if all == (principal != "") {
			return o.Wrong("want -principal or -office")
		}
		var w *registry.Switch
		var err error
		if all {
			w, err = office(o.office.Switches, ctx, o.root, reason)
		} else {
			w, err = person(o.office.Switches, ctx, o.root, o.org, principal, reason)
		}
		return o.changed(paged(switchPage)(w, err))
	})
}

func (a *app) registryRecover() *cli.Verb {
	var lists string
	o := a.onOffice(0, "recover", "bring a copy of an office up to what was published since",
		`Goes on with a copy of an earlier time, such as a backup: before anything else is done with it. Every bit that is
set on a published list is set here for good, and these lists give no place any more, so that nothing that was revoked
since comes back. What was issued since is unknown here, and ends by itself. Whoever revoked a key of the issuer since
revokes it again: registry issuer-key list says which key signs.`,
		flag("lists", cli.Text("DIR", &lists).Must(), "the folder of the newest lists, as registry publish wrote it"))
	o.restored = true
	return o.does(func(ctx context.Context, _ []string) error {
		if err := o.office.Lists.Recover(ctx, o.root, statuslist.Dir(lists)); err != nil {
			return err
		}
		o.note("revoke again what was revoked since, look at registry issuer-key list, and publish")
		return o.say("registry-recovered", view.Page{member("lists", lists)}, "the office goes on")
	})
}
