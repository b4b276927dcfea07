package main

import (
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

func (a *app) revoke() *cli.Verb {
	var suspend, reinstate bool
	l := a.onList("revoke", "take a passport back, or suspend it",
		`Takes a passport back: finds its place on the list, and sets it. Nobody knows before the list is published again.
PASSPORT is the file (- for standard input), or the place itself, as issue printed it: URL#INDEX, or INDEX.`,
		flag("suspend", cli.Switch(&suspend), "for a while: the list must be one of suspension"),
		flag("reinstate", cli.Switch(&reinstate), "ends a suspension. A revocation is for good"),
	).takes("PASSPORT", "the passport is needed: its file, or URL#INDEX as issue printed it")
	l.Example = `safeconduct revoke -state list.json passport.json
safeconduct status publish -state list.json -key issuer.key -out lists`
	l.Run = func(ctx context.Context, args []string) error {
		switch {
		case suspend && reinstate:
			return l.Wrong("-suspend and -reinstate exclude each other")
		case reinstate:
			return l.change(ctx, args[0], statuslist.Suspension, 0)
		case suspend:
			return l.change(ctx, args[0], statuslist.Suspension, 1)
		}
		return l.change(ctx, args[0], statuslist.Revocation, 1)
	}
	return l.Verb
}

// change sets or clears a place on the list. A purpose that is not "" must be that of the list.
func (l *onList) change(ctx context.Context, place string, purpose statuslist.Purpose, value uint8) error {
	places, err := l.places(ctx, place)
	if err != nil {
		return err
	}
	var e statuslist.Entry
	err = l.withState(l.state, func(list *statuslist.Publisher) error {
		if is := list.Options().Purpose; purpose != "" && is != purpose {
			return l.otherPurpose(is)
		}
		if e, err = l.entryOn(list, place, places); err != nil {
			return err
		}
		return list.Set(e.Index, value)
	})
	if err != nil {
		return err
	}
	l.note("verifiers see it when the list is published: safeconduct status publish")
	return l.tellPlace(e, value)
}

func (l *onList) otherPurpose(purpose statuslist.Purpose) error {
	if purpose == statuslist.Suspension {
		return l.Wrong("%s is a list of suspension, and revokes nothing for good", l.state).
			Hint("-suspend sets a place on it, -reinstate clears it")
	}
	return l.Wrong("%s is a list of %s, and suspends nothing", l.state, purpose).
		Hint("a passport that can be suspended has a place on a list of safeconduct status init -purpose suspension, too")
}

// places reads what names a place: an index, which is one on any list, URL#INDEX, or the file of a passport. It is read
// before the list is locked.
func (l *onList) places(ctx context.Context, text string) ([]statuslist.Entry, error) {
	if index, ok := parseIndex(text); ok {
		return []statuslist.Entry{{Index: index}}, nil
	}
	if e, ok := parsePlace(text); ok && e.URL != "" {
		return []statuslist.Entry{e}, nil
	}
	signed, err := l.chain([]string{text})
	if err != nil && exitCode(err) == exitIO {
		return nil, l.Wrong("%q is not an index, a URL#INDEX or a passport that can be read: %w", text, err)
	} else if err != nil {
		return nil, err
	}
	p, err := passport.ReadUnverified(signed[0])
	if err == nil {
		err = l.unchanged(ctx, signed[0])
	}
	if err != nil {
		return nil, err
	}
	l.note("%s, for %s, by %s", p.ID, p.Agent, p.Issuer)
	return p.Status, nil
}

// unchanged refuses a passport that somebody has changed, as far as that can be told without a network: its place may
// be a stranger's.
func (l *onList) unchanged(ctx context.Context, signed *credential.Signed) error {
	err := signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, l.now())
	switch {
	case err == nil:
		return nil
	case exitCode(err) == exitUndetermined || errors.Is(err, did.ErrMethodNotSupported):
		l.note("the signature of the file was not checked: its issuer is not a did:key; make sure that it is the passport that was issued")
		return nil
	}
	return asFailure(err).Hint("the file was changed, and its place on the list may be another's: give URL#INDEX, as issue printed it")
}

// entryOn returns the place on this list among those that text names.
func (l *onList) entryOn(list *statuslist.Publisher, text string, places []statuslist.Entry) (e statuslist.Entry, err error) {
	about, at := list.Options(), -1
	w := l.Wrong("%s has no place on the list of %s, which is %s %s", text, l.state, about.Purpose, about.URL)
	for _, e := range places {
		w.Hint("it has one on " + ifTrue(e.Purpose != "", string(e.Purpose)+" ") + e.URL)
		here := e.URL == "" || e.URL == about.URL || e.URL == about.Also[statuslist.StatusList2021]
		switch {
		case !here || e.Purpose != "" && e.Purpose != about.Purpose:
		case at >= 0 && e.Index != at:
			return e, l.Wrong("%s has two places on the list %s: name one as URL#INDEX", text, about.URL)
		default:
			at = e.Index
		}
	}
	if at < 0 {
		return e, w
	}
	if e, err = list.Entry(at); err != nil {
		return e, asFailure(err).Hint(l.state + " never gave this place away: is it an older copy, or another list?")
	}
	return e, nil
}
