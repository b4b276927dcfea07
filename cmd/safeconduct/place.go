package main

import (
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// sign signs a passport with its places on lists. Everything that can be refused is refused before a place on a list is
// taken, which cannot be given back: so it is signed twice, at first with places that nobody has.
func (g *grant) sign(p *passport.Passport, sign func(*passport.Passport) (*credential.Signed, error)) (*credential.Signed, error) {
	for _, place := range g.places {
		e, ok := parsePlace(place.text)
		if !ok {
			return nil, g.verb.Wrong("-%s %q: want the URL of a list, # and an index", place.flag, place.text)
		}
		e.Purpose = statuslist.Revocation
		if place.flag == "suspension" {
			e.Purpose = statuslist.Suspension
		}
		if _, err := e.Value(); err != nil {
			return nil, g.verb.Wrong("-%s: %w", place.flag, err)
		}
		p.Status = append(p.Status, e)
	}
	rehearsal := *p
	rehearsal.Status = append([]statuslist.Entry(nil), p.Status...)
	for i := range g.lists {
		rehearsal.Status = append(rehearsal.Status, statuslist.Entry{
			URL: "https://rehearsal.invalid/" + strconv.Itoa(i), Purpose: statuslist.Revocation,
		})
	}
	if _, err := sign(&rehearsal); err != nil {
		return nil, g.refused(err)
	}
	for _, name := range g.lists {
		e, err := g.take(name)
		if err != nil {
			return nil, err
		}
		p.Status = append(p.Status, e)
	}
	signed, err := sign(p)
	if err != nil {
		return nil, g.refused(err)
	}
	return signed, nil
}

// take takes a place on a list. The state is saved before the passport is signed: a crash between the two wastes a
// place, and never gives one to two passports.
func (a *app) take(state string) (e statuslist.Entry, err error) {
	err = a.withState(state, func(list *statuslist.Publisher) error {
		index, err := list.Allocate()
		if err != nil {
			return err
		}
		e, err = list.Entry(index)
		return err
	})
	return e, err
}

// parsePlace reads URL#INDEX.
func parsePlace(s string) (e statuslist.Entry, ok bool) {
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return e, false
	}
	n, ok := parseIndex(s[i+1:])
	return statuslist.Entry{URL: s[:i], Index: n}, ok
}

// parseIndex reads an index, in its one spelling.
func parseIndex(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == s
}
