package main

import (
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

const revokeUsage = `usage: safeconduct revoke -state FILE [-suspend | -reinstate] PASSPORT

Takes a passport back: finds its place on the list, and sets it. Nobody knows
before the list is published again. PASSPORT is the file (- for standard
input), or the place itself, as issue printed it: URL#INDEX, or INDEX.

  -state FILE   the list, as safeconduct status keeps it
  -suspend      for a while: the list must be one of suspension
  -reinstate    ends a suspension. A revocation is for good
  -json         print the answer as JSON

Example:
  safeconduct revoke -state list.json passport.json
  safeconduct status publish -state list.json -key issuer.key -out lists
`

func (a *app) revoke(ctx context.Context, args []string) error {
	f := a.flags("revoke")
	state := f.String("state", "", "")
	suspend, reinstate := f.Bool("suspend", false, ""), f.Bool("reinstate", false, "")
	files, err := f.parse(args, "PASSPORT")
	if err != nil {
		return err
	}
	if err := f.need("state"); err != nil {
		return err
	}
	if *suspend && *reinstate {
		return f.usage("-suspend and -reinstate exclude each other")
	}
	if len(files) == 0 {
		return f.usage("the passport is needed: its file, or URL#INDEX as issue printed it")
	}
	purpose := statuslist.Revocation
	if *suspend || *reinstate {
		purpose = statuslist.Suspension
	}
	return a.change(ctx, f, *state, files[0], purpose, !*reinstate)
}

// change sets or clears a place on the list in the file state. A purpose that
// is not "" must be that of the list.
func (a *app) change(ctx context.Context, f *flags, state, place string, purpose statuslist.Purpose, set bool) error {
	find, err := a.place(ctx, f, place)
	if err != nil {
		return err
	}
	var e statuslist.Entry
	var value uint8
	err = a.withState(state, func(list *statuslist.Publisher) error {
		if is := list.Options().Purpose; purpose != "" && is != purpose {
			return otherPurpose(f, state, is)
		}
		if e, err = find(state, list); err != nil {
			return err
		}
		if set {
			value = 1
		}
		return list.Set(e.Index, value)
	})
	if err != nil {
		return err
	}
	a.note("verifiers see it when the list is published: safeconduct status publish")
	return a.tellPlace(e, value)
}

func otherPurpose(f *flags, state string, purpose statuslist.Purpose) error {
	if purpose == statuslist.Suspension {
		return f.usage("%s is a list of suspension, and revokes nothing for good", state).
			hint("-suspend sets a place on it, -reinstate clears it")
	}
	return f.usage("%s is a list of %s, and suspends nothing", state, purpose).
		hint("a passport that can be suspended has a place on a list of safeconduct status init -purpose suspension, too")
}

// finder finds a place on a list.
type finder func(state string, list *statuslist.Publisher) (statuslist.Entry, error)

// place reads what names a place: an index, URL#INDEX, or the file of a
// passport. The file is read before the list is locked.
func (a *app) place(ctx context.Context, f *flags, text string) (finder, error) {
	if index, ok := parseIndex(text); ok {
		return func(state string, list *statuslist.Publisher) (statuslist.Entry, error) {
			return placeOn(state, list, index)
		}, nil
	}
	if e, ok := parsePlace(text); ok {
		return func(state string, list *statuslist.Publisher) (statuslist.Entry, error) {
			return entryOn(f, state, list, text, []statuslist.Entry{e})
		}, nil
	}
	signed, err := a.chain([]string{text})
	if err != nil {
		if w := asFailure(err); w != nil && w.exit == exitIO {
			return nil, f.usage("%q is no index, no URL#INDEX, and no passport that can be read: %w", text, err)
		}
		return nil, err
	}
	p, err := passport.ReadUnverified(signed[0])
	if err != nil {
		return nil, err
	}
	if err := a.unchanged(ctx, signed[0]); err != nil {
		return nil, err
	}
	a.note("%s, for %s, by %s", p.ID, p.Agent, p.Issuer)
	return func(state string, list *statuslist.Publisher) (statuslist.Entry, error) {
		return entryOn(f, state, list, text, p.Status)
	}, nil
}

// unchanged refuses a passport that somebody has changed, as far as that can
// be told without a network: its place may be a stranger's.
func (a *app) unchanged(ctx context.Context, signed *credential.Signed) error {
	err := signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, a.now())
	switch {
	case err == nil:
		return nil
	case exitCode(err) == exitUndetermined || errors.Is(err, did.ErrMethodNotSupported):
		a.note("the signature of the file was not checked: its issuer is no did:key; make sure that it is the passport that was issued")
		return nil
	}
	return (&failure{exit: exitCode(err), err: err}).
		hint("the file was changed, and its place on the list may be another's: give URL#INDEX, as issue printed it")
}

// entryOn returns the place on this list among entries, which text names.
func entryOn(f *flags, state string, list *statuslist.Publisher, text string, entries []statuslist.Entry) (e statuslist.Entry, err error) {
	about := list.Options()
	at, found := 0, false
	for _, e := range entries {
		if e.URL == "" || e.URL != about.URL && e.URL != about.Also[statuslist.StatusList2021] {
			continue
		}
		if e.Purpose != "" && e.Purpose != about.Purpose {
			continue
		}
		if found && e.Index != at {
			return e, f.usage("%s has two places on the list %s: name one as URL#INDEX", text, about.URL)
		}
		at, found = e.Index, true
	}
	if !found {
		w := f.usage("%s has no place on the list of %s, which is %s %s", text, state, about.Purpose, about.URL)
		for _, e := range entries {
			w.hint("it has one on " + ifTrue(e.Purpose != "", string(e.Purpose)+" ") + e.URL)
		}
		return e, w
	}
	return placeOn(state, list, at)
}

func placeOn(state string, list *statuslist.Publisher, index int) (statuslist.Entry, error) {
	e, err := list.Entry(index)
	if err != nil {
		return e, (&failure{exit: exitCode(err), err: err}).
			hint(state + " never gave this place away: is it an older copy, or another list?")
	}
	return e, nil
}
