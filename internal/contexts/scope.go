package contexts

import "github.com/safeconduct/safeconduct/internal/strictjson"

// layer is what a scoped context defines, where that is the same whatever
// context it is applied to: it gives no defaults and names every IRI in full.
// Such scopes are compiled once, when their file is registered.
type layer struct {
	names     []string
	terms     map[string]*Term
	table     table
	protected bool // some term is
}

// compileScopes compiles the scopes of the terms of a, and those inside.
func (s *Set) compileScopes(a *Active, depth int) {
	for _, t := range a.all() {
		if _, known := s.layers[t.Scope]; known || !t.Scope.Exists() || depth > maxScopes {
			continue
		}
		inner, err := (&Set{closed: true}).initial().process(t.Scope, modeProperty, depth)
		if err != nil {
			continue // it leans on the context around it
		}
		s.compileScopes(inner, depth+1)
		if !standsAlone(t.Scope) || inner.hasPrefixes {
			continue
		}
		l := &layer{terms: inner.terms, table: inner.table, protected: inner.hasProtected}
		for name, term := range inner.terms {
			if term.Odd {
				l = nil
				break
			}
			l.names = append(l.names, name)
		}
		if l != nil {
			s.layers[t.Scope] = l
		}
	}
}

// standsAlone reports whether a context is one object that defines terms, and
// nothing but terms and their protection.
func standsAlone(local strictjson.Value) bool {
	if local.Kind() != strictjson.Object {
		return false
	}
	for name := range local.Members() {
		if k := KeywordOf(name); k != NoKeyword && k != KeywordProtected {
			return false
		}
	}
	return true
}

// overlay applies a compiled scope: what process does, for the cases in which
// nothing can be redefined and no name can be read in two ways. It returns nil
// where that is not so.
func (a *Active) overlay(s step) *Active {
	if a.memo == nil || a.hasPrefixes || a.hasVocab || a.hasOdd || s.how == modeContext {
		return nil
	}
	l := a.set.layers[s.local]
	if l == nil {
		return nil
	}
	for _, name := range l.names {
		t, before := l.terms[name], a.Term(name)
		if before == nil {
			if t.Keyword != NoKeyword {
				return nil // a new alias
			}
			continue
		}
		if t.Keyword != before.Keyword || s.how != modeProperty && before.Protected && !(t.Protected && t.same(before)) {
			return nil
		}
	}
	b := &Active{
		set: a.set, outer: a, layers: a.layers + 1, terms: l.terms, table: l.table, base: a.base,
		language: a.language, dir: a.dir, hasProtected: a.hasProtected || l.protected, previous: a.previous,
		idNames: a.idNames, typeNames: a.typeNames, aliases: a.aliases, memo: a.memo,
	}
	if s.how == modeType && b.previous == nil {
		b.previous = a
	}
	return b
}
