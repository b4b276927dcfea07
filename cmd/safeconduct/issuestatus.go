package main

import (
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// entries adds the places that were given by -status and -suspension.
func (f *grantFlags) entries(p *passport.Passport) error {
	for _, list := range []struct {
		flag    string
		purpose statuslist.Purpose
		places  []string
	}{{"status", statuslist.Revocation, *f.status}, {"suspension", statuslist.Suspension, *f.suspension}} {
		for _, place := range list.places {
			e, ok := parsePlace(place)
			if !ok {
				return f.usage("-%s %q: want the URL of a list, # and an index", list.flag, place)
			}
			e.Purpose = list.purpose
			if _, err := e.Value(); err != nil {
				return f.usage("-%s: %w", list.flag, err)
			}
			p.Status = append(p.Status, e)
		}
	}
	return nil
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

// rehearsal returns p with an entry for each list that is kept here, of a
// place that nobody has.
func (f *grantFlags) rehearsal(p *passport.Passport) *passport.Passport {
	r := *p
	r.Status = append([]statuslist.Entry(nil), p.Status...)
	for i := range *f.statusLists {
		r.Status = append(r.Status, statuslist.Entry{
			URL: "https://rehearsal.invalid/" + strconv.Itoa(i), Purpose: statuslist.Revocation,
		})
	}
	return &r
}

// allocate takes a place on each list of -status-list. The state is saved
// before the passport is signed: a crash between the two wastes a place, and
// never gives one to two passports.
func (f *grantFlags) allocate(p *passport.Passport) error {
	for _, name := range *f.statusLists {
		err := f.app.withState(name, func(list *statuslist.Publisher) error {
			index, err := list.Allocate()
			if err != nil {
				return err
			}
			e, err := list.Entry(index)
			p.Status = append(p.Status, e)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
