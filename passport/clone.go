package passport

import "slices"

// Clone returns a copy of p that shares nothing with it which either could
// change. Of nil it is nil.
func (p *Passport) Clone() *Passport {
	if p == nil {
		return nil
	}
	c := *p
	a := &c.Authority
	c.Status = slices.Clone(p.Status)
	a.Capabilities = cloneCapabilities(a.Capabilities)
	a.SpendLimits = slices.Clone(a.SpendLimits)
	a.Limits = slices.Clone(a.Limits)
	a.TimeWindows = cloneWindows(a.TimeWindows)

	cloneTexts(&a.DeniedActions, &a.Categories, &a.Rails, &a.Payees, &a.Resources, &a.Audiences, &a.Regions)
	for i := range c.Status {
		cloneTexts(&c.Status[i].Messages, &c.Status[i].References)
	}
	return &c
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

// pieces is one array that many short lists are cut from. No piece has room to
// grow into the next.
type pieces[T any] []T

// clone copies a list into the array. What is nil stays nil, and what is empty
// stays empty: of a restriction they say opposite things.
func (s *pieces[T]) clone(list []T) []T {
	if list == nil {
		return nil
	}
	from := len(*s)
	*s = append(*s, list...)
	return (*s)[from:len(*s):len(*s)]
}
