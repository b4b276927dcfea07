package verify

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// indexSet is a set of indices that is read without a lock. Writers take turns.
// It takes room for what is in it, and for a whole list little more than the list.
type indexSet struct {
	pages atomic.Pointer[[]indexPage] // by number; replaced and never changed
}

// indexPage are the indices from number × pageIndices on.
type indexPage struct {
	number int
	words  *[pageIndices / 64]atomic.Uint64
}

const (
	pageIndices = 512
	pageBytes   = pageIndices/8 + 16 // with its place among the pages
)

func (s *indexSet) page(index int) (pages []indexPage, at int, ok bool) {
	if p := s.pages.Load(); p != nil {
		pages = *p
	}
	at, ok = slices.BinarySearchFunc(pages, index/pageIndices, func(p indexPage, n int) int {
		return cmp.Compare(p.number, n)
	})
	return pages, at, ok
}

func (s *indexSet) empty() bool { return s.pages.Load() == nil }

func (s *indexSet) has(index int) bool {
	if s.empty() {
		return false
	}
	pages, at, ok := s.page(index)
	return ok && pages[at].words[index%pageIndices/64].Load()&(1<<(index%64)) != 0
}

// cost returns how many bytes it takes to add an index.
func (s *indexSet) cost(index int) int {
	if _, _, ok := s.page(index); ok {
		return 0
	}
	return pageBytes
}

func (s *indexSet) add(index int) {
	pages, at, ok := s.page(index)
	if !ok {
		page := indexPage{number: index / pageIndices, words: new([pageIndices / 64]atomic.Uint64)}
		pages = slices.Insert(slices.Clone(pages), at, page)
		s.pages.Store(&pages)
	}
	pages[at].words[index%pageIndices/64].Or(1 << (index % 64))
}
