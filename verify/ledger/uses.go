package ledger

import (
	"slices"
	"sort"
)

// uses are in order of their instants, those of one instant as they came. They
// are kept in runs, so that neither a long window nor its oldest uses are
// moved when there is one more or one less.
type uses struct {
	runs [][]use // none is empty
	head int     // so many of the first run are forgotten
}

// spot is where a use is; it holds until the uses change.
type spot struct{ run, use int }

const runLength = 256

// at returns the use at a place, nil behind the last one. Of the first run, places
// count from the first use that is not forgotten.
func (u *uses) at(p spot) *use {
	if p.run >= len(u.runs) {
		return nil
	}
	if p.run == 0 {
		p.use += u.head
	}
	if p.use >= len(u.runs[p.run]) {
		return nil
	}
	return &u.runs[p.run][p.use]
}

// after returns the place behind a place.
func (u *uses) after(p spot) spot {
	p.use++
	if u.at(p) == nil {
		return spot{p.run + 1, 0}
	}
	return p
}

// position returns the place of the first use at or after an instant.
func (u *uses) position(at instant) spot { return u.search(at, 0) }

func (u *uses) search(at instant, seq uint64) spot {
	r := sort.Search(len(u.runs), func(i int) bool {
		list := u.runs[i]
		return !list[len(list)-1].before(at, seq)
	})
	if r == len(u.runs) {
		return spot{r, 0}
	}
	list := u.runs[r]
	if r == 0 {
		list = list[u.head:]
	}
	return spot{r, sort.Search(len(list), func(i int) bool { return !list[i].before(at, seq) })}
}

// find returns the use of an instant with that number, nil if it is forgotten.
func (u *uses) find(at instant, seq uint64) *use {
	if found := u.at(u.search(at, seq)); found != nil && found.at == at && found.seq == seq {
		return found
	}
	return nil
}

// insert adds a use, nearly always as the last one.
func (u *uses) insert(v use) {
	r := len(u.runs) - 1
	for r > 0 && v.before(u.runs[r][0].at, u.runs[r][0].seq) {
		r--
	}
	if r < 0 {
		u.runs, r = append(u.runs, nil), 0
	}
	if r == 0 && u.head > 0 && len(u.runs[0]) >= runLength {
		u.runs[0], u.head = append(u.runs[0][:0], u.runs[0][u.head:]...), 0
	}
	if list := u.runs[r]; len(list) >= runLength {
		next := make([]use, 0, runLength)
		if behind := &list[len(list)-1]; v.before(behind.at, behind.seq) { // into a full one: half of it moves
			next, u.runs[r] = append(next, list[runLength/2:]...), list[:runLength/2]
		}
		u.runs = slices.Insert(u.runs, r+1, next)
		if len(next) == 0 || !v.before(next[0].at, next[0].seq) {
			r++
		}
	}
	from := 0
	if r == 0 {
		from = u.head
	}
	list := append(u.runs[r], v)
	i := len(list) - 1
	for ; i > from && v.before(list[i-1].at, list[i-1].seq); i-- {
		list[i] = list[i-1]
	}
	list[i] = v
	u.runs[r] = list
}

// dropFirst forgets the oldest use, of which there is one.
func (u *uses) dropFirst() {
	if u.head++; u.head < len(u.runs[0]) {
		return
	}
	u.head = 0
	u.runs[0] = nil
	u.runs = u.runs[1:]
}
