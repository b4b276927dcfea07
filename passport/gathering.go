package passport

import "slices"

// gathering is a list that grows. It takes no memory of its own for as long as
// it is the beginning of another one, which never changes: links that state
// the same again, as most do, cost nothing.
type gathering[T comparable] struct {
	of  []T // the other one
	n   int // how much of it there is
	own []T // instead, once the two differ
}

func (g *gathering[T]) list() []T {
	if g.own != nil {
		return g.own
	}
	return g.of[:g.n:g.n]
}

func (g *gathering[T]) add(v T) {
	if g.own == nil && g.n < len(g.of) && g.of[g.n] == v {
		g.n++
		return
	}
	g.part()
	g.own = append(g.own, v)
}

// addNew adds what the list does not have yet.
func (g *gathering[T]) addNew(v T) {
	if !slices.Contains(g.list(), v) {
		g.add(v)
	}
}

func (g *gathering[T]) set(i int, v T) {
	if g.list()[i] != v {
		g.part()
		g.own[i] = v
	}
}

// part takes memory for a list of its own.
func (g *gathering[T]) part() {
	if g.own == nil {
		g.own = append(make([]T, 0, len(g.of)+2), g.of[:g.n]...)
	}
}

// kept returns what of a list passes.
func kept[T comparable](list []T, passes func(T) bool) []T {
	out := gathering[T]{of: list}
	for _, v := range list {
		if passes(v) {
			out.add(v)
		}
	}
	return out.list()
}

func union(a, b []string) []string {
	out := gathering[string]{of: a, n: len(a)}
	for _, s := range b {
		out.addNew(s)
	}
	return out.list()
}
