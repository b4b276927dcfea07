package passport

import "github.com/safeconduct/safeconduct/statuslist"

// Clone returns a copy of p that shares nothing with it which either could
// change. Of nil it is nil.
func (p *Passport) Clone() *Passport {
	if p == nil {
		return nil
	}
	// One piece of memory for the passport and for lists of the usual lengths.
	all := &struct {
		Passport
		room
		status [2]statuslist.Entry
	}{Passport: *p}
	c, s := &all.Passport, all.room.space()
	c.Status = own(all.status[:0], c.Status)
	for i := range c.Status {
		e := &c.Status[i]
		e.Messages, e.References = s.texts.clone(e.Messages), s.texts.clone(e.References)
	}
	c.Authority.cloneLists(s)
	return c
}

// room is memory for the lists of an authority of the usual size.
type room struct {
	capabilities [4]Capability
	params       [4]Param
	spend        [2]SpendLimit
	limits       [4]Limit
	windows      [1]TimeWindow
	texts        [11]string // with more, a copy would take the next size that the allocator has

	of space
}

func (r *room) space() *space {
	r.of = space{r.capabilities[:0], r.params[:0], r.spend[:0], r.limits[:0], r.windows[:0], r.texts[:0]}
	return &r.of
}

// space is what copies of lists are cut from. The zero space has none, so that
// each copy has memory of its own.
type space struct {
	capabilities pieces[Capability]
	params       pieces[Param]
	spend        pieces[SpendLimit]
	limits       pieces[Limit]
	windows      pieces[TimeWindow]
	texts        pieces[string]
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
