package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/view"
)

// onList is a verb that works on the list whose state is in the file of
// -state. A place is named by its index, by URL#INDEX or by a passport's file.
type onList struct {
	*app
	*cli.Verb
	state string
}

func (a *app) onList(name, summary, about string, flags ...cli.Flag) *onList {
	l := &onList{app: a, Verb: &cli.Verb{Name: name, Summary: summary, About: about}}
	l.Flags = append([]cli.Flag{flag("state", cli.Text("FILE", &l.state).Must(),
		"the list as it is kept: precious, as what it forgets is no longer revoked")}, flags...)
	return l
}

// takes adds the argument that names a place.
func (l *onList) takes(arg, noArg string) *onList {
	l.Args, l.NoArgs = []string{arg}, noArg
	return l
}

const placeNeeded = "the place is needed: an index, URL#INDEX or the file of the passport"

func (a *app) status() *cli.Verb {
	return &cli.Verb{
		Name: "status", Summary: "keep and publish the list of revoked passports",
		About: `The issuer's side of revocation: a list with one bit for each passport. A PLACE on it is URL#INDEX, as issue
printed it, or INDEX, or the file of the passport.`,
		Parts: []*cli.Verb{a.statusInit(), a.statusAllocate(), a.statusSet("set", 1), a.statusSet("clear", 0),
			a.statusShow(), a.statusPublish()},
		Example: `safeconduct status init -state list.json -url https://issuer.example/status/1
safeconduct status set -state list.json passport.json
safeconduct status publish -state list.json -key issuer.key -out lists`,
	}
}

func (a *app) statusInit() *cli.Verb {
	o, url2021 := statuslist.PublisherOptions{Purpose: statuslist.Revocation}, ""
	l := a.onList("init", "start a list that will be published at a URL", "",
		flag("url", cli.Text("URL", &o.URL).Must(), "where it will be published"),
		flag("url2021", cli.Text("URL", &url2021), "publish the same bits as StatusList2021 there, too"),
		flag("purpose",
			cli.Choice("NAME", (*string)(&o.Purpose), string(statuslist.Revocation), string(statuslist.Suspension)),
			"revocation, which is for good, unless it is suspension, which can be cleared"),
		flag("entries", cli.Number(&o.Entries), "how many passports fit: 131072 unless given, at most 16777216"))
	l.Run = func(context.Context, []string) error {
		if url2021 != "" {
			o.Also = map[statuslist.Encoding]string{statuslist.StatusList2021: url2021}
		}
		list, err := statuslist.NewPublisher(o)
		if err != nil {
			return l.Wrong("%w", err)
		}
		if err := save(l.state, 0o600, false, list.MarshalState()); err != nil {
			return err
		}
		a.note("%s keeps the list; back it up, and never go back to an older copy", l.state)
		return l.tellList(list)
	}
	return l.Verb
}

func (a *app) statusAllocate() *cli.Verb {
	l := a.onList("allocate", "take a free place",
		"Takes a free place, at random, and prints it as URL#INDEX. issue -status-list does so itself.")
	l.Run = func(context.Context, []string) error {
		var e statuslist.Entry
		err := a.withState(l.state, func(list *statuslist.Publisher) (err error) {
			e, err = take(list)
			return err
		})
		if err != nil {
			return err
		}
		return a.say("status-place", view.Page{member("place", placeMembers(e)), member("credentialStatus", e)},
			"%s#%d", e.URL, e.Index)
	}
	return l.Verb
}

func (a *app) statusSet(name string, value uint8) *cli.Verb {
	summary, about := "revoke, or suspend, the passport with that place",
		"Nobody knows before the list is published again. safeconduct revoke does the same."
	if value == 0 {
		summary, about = "end the suspension of the passport with that place", ""
	}
	l := a.onList(name, summary, about).takes("PLACE", placeNeeded)
	l.Run = func(ctx context.Context, args []string) error { return l.change(ctx, args[0], "", value) }
	return l.Verb
}

func (a *app) statusShow() *cli.Verb {
	l := a.onList("show", "say what the list, or a place on it, says", "").takes("[PLACE]", "")
	l.Run = func(ctx context.Context, args []string) error {
		var places []statuslist.Entry
		var err error
		if len(args) > 0 {
			if places, err = l.places(ctx, args[0]); err != nil {
				return err
			}
		}
		list, err := a.readState(l.state)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return l.tellList(list)
		}
		e, err := l.entryOn(list, args[0], places)
		if err != nil {
			return err
		}
		value, err := list.Get(e.Index)
		if err != nil {
			return err
		}
		return a.tellPlace(e, value)
	}
	return l.Verb
}

func (a *app) statusPublish() *cli.Verb {
	var key signing
	var out string
	o := statuslist.PublishOptions{ValidFor: 24 * time.Hour}
	l := a.onList("publish", "sign the list, and write it where verify -lists reads it",
		"Signs the list and writes it into a folder. Do so at least daily, and after every change; serve the same bytes at the URL.")
	l.Flags = slices.Concat(l.Flags, key.flags("the issuer's private key", "its name in the issuer's DID document"), []cli.Flag{
		flag("out", cli.Text("DIR", &out).Must(), "the folder, with one file for each URL"),
		flag("for", cli.Duration(&o.ValidFor, 1, 0), "how long a published list is good: 24h unless given"),
		flag("ttl", cli.Duration(&o.TTL, 0, 0), "after what time caches should fetch it again"),
		a.clock(),
	})
	l.Run = func(ctx context.Context, _ []string) error {
		signer, err := a.signer(key)
		if err != nil {
			return err
		}
		// The state is saved before anybody sees the edition: the next one is later, whatever happens in between.
		var editions statuslist.Editions
		err = a.withState(l.state, func(list *statuslist.Publisher) (err error) {
			o.Now = a.now()
			editions, err = list.Publish(ctx, signer, o)
			return err
		})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(out, 0o755); err != nil {
			return ioFailure(err, "cannot make the folder")
		}
		var lists []view.Page
		var files []string
		for _, e := range editions {
			name, err := statuslist.FileName(e.URL)
			if err == nil {
				err = statuslist.Dir(out).Put(ctx, e)
			}
			if err != nil {
				return ioFailure(err, "cannot publish %s", e.URL)
			}
			files = append(files, filepath.Join(out, name))
			lists = append(lists,
				view.Page{member("url", e.URL), member("file", filepath.Join(out, name)),
					member("validUntil", instant(e.ValidUntil))})
		}
		return a.answer("status-published", view.Page{member("lists", lists)}, func() {
			for i, e := range editions {
				a.text.Line("%s  good until %s", files[i], instant(e.ValidUntil))
				a.text.Line("  to be served at %s", e.URL)
			}
		})
	}
	return l.Verb
}

// tellList says what a list is about, and how full it is.
func (l *onList) tellList(list *statuslist.Publisher) error {
	about := list.Options()
	return l.say("status-list", view.Page{
		member("url", about.URL), member("url2021", about.Also[statuslist.StatusList2021]),
		member("purpose", string(about.Purpose)), member("free", list.Free()),
	}, "%s list %s, %d places free", about.Purpose, about.URL, list.Free())
}

func placeMembers(e statuslist.Entry) view.Page {
	return view.Page{member("purpose", string(e.Purpose)), member("url", e.URL), member("index", e.Index)}
}

func (a *app) tellPlace(e statuslist.Entry, value uint8) error {
	return a.say("status-value", view.Page{member("place", placeMembers(e)), member("value", int(value))},
		"%s %s: %s#%d", e.Purpose, map[bool]string{true: "SET", false: "not set"}[value != 0], e.URL, e.Index)
}

// withState lets change work on the list whose state is in the file name, and saves it. A lock file keeps others out in
// between: two that allocate at the same time would each forget what the other gave away.
func (a *app) withState(name string, change func(*statuslist.Publisher) error) error {
	unlock, err := lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	list, err := a.readState(name)
	if err != nil {
		return err
	}
	if err := change(list); err != nil {
		return err
	}
	return save(name, 0o600, true, list.MarshalState())
}

// readState reads the state of a list.
func (a *app) readState(name string) (*statuslist.Publisher, error) {
	if name == "-" {
		return nil, cli.Wrong("the state of a list is a file, and not standard input")
	}
	raw, err := a.read(name, limits.Default().DocumentBytes+2*limits.Default().EncodedListBytes)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, asFailure(err).Hint("safeconduct status init starts a list")
		}
		return nil, err
	}
	list, err := statuslist.RestorePublisher(raw)
	if err != nil {
		return nil, ioFailure(err, "%s is not the state of a list", name)
	}
	return list, nil
}

// lock makes the file name.lock, which only one can.
func lock(name string) (unlock func(), err error) {
	file := name + ".lock"
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ioFailure(nil, "%s is in use: %s exists", name, file).
			Hint("if no other safeconduct is at work on it, one was interrupted: delete " + file)
	}
	if err != nil {
		return nil, ioFailure(err, "cannot lock %s", name)
	}
	_ = f.Close()
	return func() { _ = os.Remove(file) }, nil
}
