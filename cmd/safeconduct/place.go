package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

type signFunc = func(*passport.Passport) (*credential.Signed, error)

// sign signs a passport with its places on lists.
func (g *grant) sign(p *passport.Passport, sign signFunc) (*credential.Signed, error) {
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
	return g.takeAndSign(p, g.lists, sign)
}

// takeAndSign takes a place on each list. A list is saved when the passport is signed and before anybody has it: what
// is refused takes no place, and a crash wastes one, and never gives one to two passports.
func (g *grant) takeAndSign(p *passport.Passport, lists []string, sign signFunc) (signed *credential.Signed, err error) {
	if len(lists) == 0 {
		if signed, err = sign(p); err != nil {
			return nil, g.refused(err)
		}
		return signed, nil
	}
	if slices.Contains(lists[1:], lists[0]) {
		return nil, g.verb.Wrong("-status-list %s is given twice", lists[0])
	}
	err = g.withState(lists[0], func(list *statuslist.Publisher) error {
		e, err := take(list)
		if err != nil {
			return err
		}
		p.Status = append(p.Status, e)
		signed, err = g.takeAndSign(p, lists[1:], sign)
		return err
	})
	return signed, err
}

// take takes a free place on a list.
func take(list *statuslist.Publisher) (e statuslist.Entry, err error) {
	index, err := list.Allocate()
	if err != nil {
		return e, err
	}
	return list.Entry(index)
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
