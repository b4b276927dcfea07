package passport

// Clone returns a copy of p that shares nothing with it which either could
// change. Of nil it is nil.
func (p *Passport) Clone() *Passport {
	if p == nil {
		return nil
	}
	c := *p
	c.Status = own(c.Status)
	for i := range c.Status {
		e := &c.Status[i]
		e.Messages, e.References = own(e.Messages), own(e.References)
	}
	c.Authority.cloneLists(newPool())
	return &c
}

// own copies a list. A copy has no room to grow into. What is nil stays nil, and what is empty
// stays empty: of a restriction they say opposite things.
//
// Each list but those of texts is a piece of memory of its own. One for all of a passport would
// be of a size that costs the allocator more than these together.
func own[T any](list []T) []T {
	switch {
	case list == nil:
		return nil
	case len(list) == 0:
		return []T{}
	}
	out := make([]T, len(list))
	copy(out, list)
	return out
}

// pool is what short lists of texts are cut from: a passport has many of one or two.
type pool []string

// poolTexts is for how many texts a pool is made at a time.
const poolTexts = 8

// newPool returns a pool that has its first texts with it, in one piece of memory.
func newPool() *pool {
	p := &struct {
		pool
		first [poolTexts]string
	}{}
	p.pool = p.first[:0]
	return &p.pool
}

// list returns an empty list with room for n texts and no more.
func (p *pool) list(n int) []string {
	at := len(*p)
	if cap(*p)-at < n {
		at, *p = 0, make([]string, 0, max(n, poolTexts))
	}
	*p = (*p)[:at+n]
	return (*p)[at : at : at+n]
}

// own is own of a list of texts.
func (p *pool) own(list []string) []string {
	if len(list) == 0 {
		return own(list)
	}
	return append(p.list(len(list)), list...)
}
