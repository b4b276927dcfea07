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
	a.TimeWindows = slices.Clone(a.TimeWindows)

	n := 0
	c.eachTexts(func(list *[]string) { n += len(*list) })
	texts := make(pieces[string], 0, n)
	c.eachTexts(func(list *[]string) { *list = texts.clone(*list) })
	return &c
}

// eachTexts calls f with every list of texts in the passport.
func (p *Passport) eachTexts(f func(list *[]string)) {
	a := &p.Authority
	for i := range p.Status {
		f(&p.Status[i].Messages)
		f(&p.Status[i].References)
	}
	for i := range a.Capabilities {
		for k := range a.Capabilities[i].Params {
			f(&a.Capabilities[i].Params[k].Strings)
		}
	}
	for i := range a.TimeWindows {
		f(&a.TimeWindows[i].Days)
	}
	f(&a.DeniedActions)
	f(&a.Categories)
	f(&a.Rails)
	f(&a.Payees)
	f(&a.Resources)
	f(&a.Audiences)
	f(&a.Regions)
}

// pieces is one array that many short lists are cut from. No piece has room to grow
// into the next.
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
