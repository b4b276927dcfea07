package passport

import (
	"slices"

	"github.com/safeconduct/safeconduct/statuslist"
)

// Clone returns a copy of p that shares nothing with it which either could
// change. Of nil it is nil.
func (p *Passport) Clone() *Passport {
	if p == nil {
		return nil
	}
	// One piece of memory for the passport and for lists of the usual lengths.
	space := &struct {
		Passport
		status       [2]statuslist.Entry
		capabilities [4]Capability
		params       [4]Param
		spend        [2]SpendLimit
		limits       [4]Limit
		windows      [1]TimeWindow
		texts        [16]string
	}{Passport: *p}
	c, texts := &space.Passport, pieces[string](space.texts[:0])
	a := &c.Authority

	c.Status = own(space.status[:0], c.Status)
	for i := range c.Status {
		s := &c.Status[i]
		s.Messages, s.References = texts.clone(s.Messages), texts.clone(s.References)
	}
	a.Capabilities = own(space.capabilities[:0], a.Capabilities)
	params := pieces[Param](space.params[:0])
	for i := range a.Capabilities {
		capability := &a.Capabilities[i]
		capability.Params = params.clone(capability.Params)
		for k := range capability.Params {
			capability.Params[k].Strings = texts.clone(capability.Params[k].Strings)
		}
	}
	a.SpendLimits = own(space.spend[:0], a.SpendLimits)
	a.Limits = own(space.limits[:0], a.Limits)
	a.TimeWindows = own(space.windows[:0], a.TimeWindows)
	for i := range a.TimeWindows {
		a.TimeWindows[i].Days = texts.clone(a.TimeWindows[i].Days)
	}
	for _, list := range []*[]string{&a.DeniedActions, &a.Categories, &a.Rails, &a.Payees, &a.Resources, &a.Audiences, &a.Regions} {
		*list = texts.clone(*list)
	}
	return c
}

// own copies a list into space, or elsewhere if it is too long. What is nil
// stays nil, and what is empty stays empty: of a restriction they say opposite
// things.
func own[T any](space, list []T) []T {
	if list == nil {
		return nil
	}
	out := append(space, list...)
	return out[:len(out):len(out)]
}

// pieces is an array that many short lists are cut from. No piece has room to
// grow into the next.
type pieces[T any] []T

// clone is own out of the array, while there is room.
func (s *pieces[T]) clone(list []T) []T {
	free := (*s)[len(*s):]
	if len(list) > cap(free) {
		free = nil
	} else {
		*s = (*s)[:len(*s)+len(list)]
	}
	return own(free, list)
}
func cloneCapabilities(list []Capability) []Capability {
	out := slices.Clone(list)
	n := 0
	for i := range out {
		n += len(out[i].Params)
	}
	params := make(pieces[Param], 0, n)
	for i := range out {
		out[i].Params = params.clone(out[i].Params)
		for k := range out[i].Params {
			cloneTexts(&out[i].Params[k].Strings)
		}
	}
	return out
}

func cloneWindows(list []TimeWindow) []TimeWindow {
	out := slices.Clone(list)
	for i := range out {
		cloneTexts(&out[i].Days)
	}
	return out
}

// cloneTexts puts a copy in the place of each list.
func cloneTexts(lists ...*[]string) {
	n := 0
	for _, list := range lists {
		n += len(*list)
	}
	texts := make(pieces[string], 0, n)
	for _, list := range lists {
		*list = texts.clone(*list)
	}
}
