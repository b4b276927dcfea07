package main

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/safeconduct/safeconduct/statuslist"
)

const statusUsage = `usage: safeconduct status init     -state FILE -url URL [-url2021 URL] [-purpose NAME]
       safeconduct status allocate -state FILE
       safeconduct status set      -state FILE PLACE
       safeconduct status clear    -state FILE PLACE
       safeconduct status show     -state FILE [PLACE]
       safeconduct status publish  -state FILE -key FILE -out DIR

The issuer's side of revocation: a list with one bit for each passport.

init      starts a list that will be published at URL. -purpose is revocation
          (which is for good), unless it is suspension (which can be cleared).
          -url2021 publishes the same bits as StatusList2021, too. -entries is
          how many passports fit: 131072 unless given, at most 16777216.
allocate  takes a free place, at random, and prints it as URL#INDEX.
          issue -status-list does so itself.
set       revokes (or suspends) the passport with that place. Nobody knows
          before the list is published again. PLACE is URL#INDEX, as issue
          printed it, or INDEX, or the file of the passport: safeconduct revoke
          does the same.
clear     ends a suspension.
publish   signs the list and writes it into the folder DIR, where verify -lists
          reads it. Do so at least daily, and after every change; serve the
          same bytes at the URL.

  -state FILE    the list as it is kept: precious, as what it forgets is no
                 longer revoked
  -key FILE, -as URL   the issuer's key, as for issue
  -for DURATION  how long a published list is good: 24h unless given
  -ttl DURATION  after what time caches should fetch it again
  -now INSTANT   what time to take it for (publish)
  -json          print the answer as JSON

Example:
  safeconduct status init -state list.json -url https://issuer.example/status/1
  safeconduct status set -state list.json passport.json
  safeconduct status publish -state list.json -key issuer.key -out lists
`

func (a *app) status(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageFailure("status: what is to be done?").hint("safeconduct help status")
	}
	f := a.flags("status " + args[0])
	state := f.String("state", "", "")
	var names []string
	var do func(files []string) error
	switch args[0] {
	case "init":
		do = a.statusInit(f, state)
	case "allocate":
		do = func([]string) error { return a.statusAllocate(*state) }
	case "set", "clear":
		names = []string{"PLACE"}
		do = func(files []string) error { return a.statusSet(ctx, f, *state, files, args[0] == "set") }
	case "show":
		names = []string{"PLACE"}
		do = func(files []string) error { return a.statusShow(ctx, f, *state, files) }
	case "publish":
		do = a.statusPublish(ctx, f, state)
	case "-h", "-help", "--help", "help":
		a.text.text(statusUsage)
		return nil
	default:
		return unknown("status", args[0])
	}
	files, err := f.parse(args[1:], names...)
	if err != nil {
		return err
	}
	if err := f.need("state"); err != nil {
		return err
	}
	return do(files)
}

func (a *app) statusInit(f *flags, state *string) func([]string) error {
	var o statuslist.PublisherOptions
	f.StringVar(&o.URL, "url", "", "")
	url2021 := f.String("url2021", "", "")
	f.IntVar(&o.Entries, "entries", 0, "")
	purpose := f.String("purpose", string(statuslist.Revocation), "")
	return func([]string) error {
		if err := f.need("url"); err != nil {
			return err
		}
		o.Purpose = statuslist.Purpose(*purpose)
		if o.Purpose != statuslist.Revocation && o.Purpose != statuslist.Suspension {
			return f.usage("-purpose is %q, want revocation or suspension", *purpose)
		}
		if *url2021 != "" {
			o.Also = map[statuslist.Encoding]string{statuslist.StatusList2021: *url2021}
		}
		list, err := statuslist.NewPublisher(o)
		if err != nil {
			return f.usage("%w", err)
		}
		if err := writeFile(*state, 0o600, false, fill(list.MarshalState())); err != nil {
			return err
		}
		a.note("%s keeps the list; back it up, and never go back to an older copy", *state)
		return a.tellList(list)
	}
}

func (a *app) statusAllocate(state string) error {
	var e statuslist.Entry
	err := a.withState(state, func(list *statuslist.Publisher) error {
		index, err := list.Allocate()
		if err != nil {
			return err
		}
		e, err = list.Entry(index)
		return err
	})
	if err != nil {
		return err
	}
	if !a.json {
		a.text.text(e.URL + "#" + strconv.Itoa(e.Index) + "\n")
		return nil
	}
	raw, err := e.MarshalJSON()
	if err != nil {
		return err
	}
	return a.answer(struct {
		header
		Place statusJSON      `json:"place"`
		Entry json.RawMessage `json:"credentialStatus"`
	}{kind("status-place"), statusJSON{string(e.Purpose), e.URL, e.Index}, raw})
}

func (a *app) statusSet(ctx context.Context, f *flags, state string, files []string, set bool) error {
	if len(files) == 0 {
		return f.usage("the place is needed: an index, URL#INDEX or the file of the passport").hint("safeconduct inspect passport.json shows it")
	}
	return a.change(ctx, f, state, files[0], "", set)
}

func (a *app) tellPlace(e statuslist.Entry, value uint8) error {
	if a.json {
		return a.answer(struct {
			header
			Place statusJSON `json:"place"`
			Value uint8      `json:"value"`
		}{kind("status-value"), statusJSON{string(e.Purpose), e.URL, e.Index}, value})
	}
	word := "not set"
	if value != 0 {
		word = "SET"
	}
	a.text.line("%s %s: %s#%d", e.Purpose, word, e.URL, e.Index)
	return nil
}

func (a *app) statusShow(ctx context.Context, f *flags, state string, files []string) error {
	if len(files) == 0 {
		list, err := a.readState(state)
		if err != nil {
			return err
		}
		return a.tellList(list)
	}
	find, err := a.place(ctx, f, files[0])
	if err != nil {
		return err
	}
	list, err := a.readState(state)
	if err != nil {
		return err
	}
	e, err := find(state, list)
	if err != nil {
		return err
	}
	value, err := list.Get(e.Index)
	if err != nil {
		return err
	}
	return a.tellPlace(e, value)
}

// tellList says what a list is about, and how full it is.
func (a *app) tellList(list *statuslist.Publisher) error {
	about := list.Options()
	if a.json {
		return a.answer(struct {
			header
			URL     string `json:"url"`
			URL2021 string `json:"url2021,omitempty"`
			Purpose string `json:"purpose"`
			Free    int    `json:"free"`
		}{kind("status-list"), about.URL, about.Also[statuslist.StatusList2021], string(about.Purpose), list.Free()})
	}
	a.text.line("%s list %s, %d places free", about.Purpose, about.URL, list.Free())
	return nil
}
