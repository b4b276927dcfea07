package passport

import "github.com/safeconduct/safeconduct/statuslist"

// Clone returns a copy of p that shares nothing with it which either could
// change. Of nil it is nil.
func (p *Passport) Clone() *Passport {
	if p == nil {
		return nil
	}
	var (
		c      *Passport
		r      *room
		status []statuslist.Entry
	)
	if p.Delegated() { // it states little: its few lists take less than the room for all
		c = &Passport{}
	} else { // one piece of memory for the passport and for lists of the usual lengths
		all := &struct {
			Passport
			room
			status [2]statuslist.Entry
		}{}
		c, r, status = &all.Passport, &all.room, all.status[:0]
	}
	*c = *p
	c.Status = own(status, c.Status)
	for i := range c.Status {
		e := &c.Status[i]
		e.Messages, e.References = r.cloneTexts(e.Messages), r.cloneTexts(e.References)
	}
	c.Authority.cloneLists(r)
	return c
}

// room is memory for the lists of an authority of the usual size: copies are cut from it, while it
// lasts. A nil room has none, so that each copy has memory of its own.
type room struct {
	capabilities [4]Capability
	params       [2]Param
	spend        [2]SpendLimit
	limits       [4]Limit
	windows      [1]TimeWindow
	texts        [13]string // with more, a copy would take the next size that the allocator has

	used struct{ capabilities, params, spend, limits, windows, texts uint8 }
}

// cut copies a list into what is left of memory, or elsewhere if that is too little.
func cut[T any](memory []T, used *uint8, list []T) []T {
	free := memory[*used:*used]
	if len(list) > cap(free) {
		return own(nil, list)
	}
	*used += uint8(len(list))
	return own(free, list)
}

// own copies a list into space, or elsewhere if it is too long. No copy has room to grow into the
// next. What is nil stays nil, and what is empty stays empty: of a restriction they say opposite
// things.
func own[T any](space, list []T) []T {
	switch {
	case list == nil:
		return nil
	case len(list) == 0:
		return []T{}
	}
	out := append(space, list...)
	return out[:len(out):len(out)]
}

func (r *room) cloneTexts(list []string) []string {
	if r == nil {
		return own(nil, list)
	}
	return cut(r.texts[:], &r.used.texts, list)
}

func (r *room) cloneLimits(list []Limit) []Limit {
	if r == nil {
		return own(nil, list)
	}
	return cut(r.limits[:], &r.used.limits, list)
}

func (r *room) cloneSpendLimits(list []SpendLimit) []SpendLimit {
	if r == nil {
		return own(nil, list)
	}
	return cut(r.spend[:], &r.used.spend, list)
}
