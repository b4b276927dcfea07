// Package contexts holds the JSON-LD contexts that this library knows, and
// what names mean under them.
//
// A [Set] is closed: its files are embedded and pinned by digest, a host may
// register more when it builds one, and nothing is ever fetched. [Set.Resolve]
// gives the active context of a document; [Check] walks a document under it
// and refuses whatever JSON-LD would drop, rename or read in two ways.
//
// The algorithms are those of JSON-LD 1.1 Processing Algorithms and API (W3C
// Recommendation, 16 July 2020), sections 4 and 5; their step numbers stand
// beside the code. Left out by choice: @import, contexts that name other
// contexts, blank nodes as predicates, processing mode 1.0.
package contexts

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Set is a closed set of contexts by URL. It is immutable to its users and
// safe for concurrent use. The zero Set knows no context.
type Set struct {
	sources map[string]strictjson.Value // the @context member of each file
	layers  map[strictjson.Value]*layer // compiled scopes of their terms
	closed  bool                        // scoped contexts may not name files: what is registered stands on its own
	root    atomic.Pointer[Active]
}

// Default returns the set of the embedded contexts. It is always the same one.
func Default() *Set { return defaultSet() }

var defaultSet = sync.OnceValue(func() *Set {
	s := &Set{sources: make(map[string]strictjson.Value), layers: make(map[strictjson.Value]*layer)}
	for _, src := range Sources() {
		if err := s.add(src.URL, src.Text); err != nil {
			panic(err) // an embedded file: a test of this package loads every one
		}
	}
	return s
})

// With returns a set that also knows url, as raw defines it: a JSON object
// whose member @context is an object, an array of objects and null, or null.
// It refuses, with an [*code.Error] of code envelope.context, what can not be
// used safely: a URL that is known already or not absolute, a file that names
// another context or itself (a string, at any depth, or @import), one that
// redefines its own protected terms, and one that does not stand on its own.
func (s *Set) With(url string, raw []byte) (*Set, error) {
	if !IsAbsoluteIRI(url) {
		return nil, refuse("context name %.200q is not an absolute IRI", url)
	}
	if _, ok := s.sources[url]; ok {
		return nil, refuse("context %.200q is known already", url)
	}
	out := &Set{sources: maps.Clone(s.sources), layers: maps.Clone(s.layers)}
	if out.sources == nil {
		out.sources, out.layers = make(map[string]strictjson.Value), make(map[strictjson.Value]*layer)
	}
	if err := out.add(url, string(raw)); err != nil {
		var e *code.Error
		if errors.As(err, &e) {
			return nil, &code.Error{Code: e.Code, Path: e.Path, Detail: fmt.Sprintf("context %.200q: %s", url, e.Detail), Err: e.Err}
		}
		return nil, err
	}
	return out, nil
}

func (s *Set) add(url, text string) error {
	caps := limits.Max()
	root, err := strictjson.Parse(text, caps.JSON(caps.DocumentBytes))
	if err != nil {
		return &code.Error{Code: code.EnvelopeContext, Detail: "a context that is not strict JSON", Err: err}
	}
	local := root.Get("@context")
	if !local.Exists() {
		return refuse("there is no @context member")
	}
	if hasString(local) {
		return refuse("it names another context file; a registered context stands on its own")
	}
	// The trial runs in a set without sources, where every name is unknown.
	trial, err := (&Set{closed: true}).initial().process(local, modeContext, 0)
	if err != nil {
		return err
	}
	s.sources[url] = local
	s.compileScopes(trial, 0)
	return nil
}

// hasString reports whether a context value names other contexts.
func hasString(local strictjson.Value) bool {
	if local.Kind() == strictjson.Array {
		for item := range local.Items() {
			if item.Kind() == strictjson.String {
				return true
			}
		}
	}
	return local.Kind() == strictjson.String
}

// refuseScope adds the term whose scoped context is at fault.
func refuseScope(term string, err error) error {
	var e *code.Error
	if errors.As(err, &e) {
		return refuse("in the context of term %.100q: %s", term, e.Detail)
	}
	return err
}

// Has reports whether the set knows url.
func (s *Set) Has(url string) bool {
	_, ok := s.sources[url]
	return ok
}

func (s *Set) initial() *Active { return (&Active{set: s}).seal() }

// Initial returns the initial active context, which defines nothing.
func (s *Set) Initial() *Active {
	if a := s.root.Load(); a != nil {
		return a
	}
	fresh := s.initial()
	fresh.memo = new(memory)
	if s.root.CompareAndSwap(nil, fresh) {
		return fresh
	}
	return s.Initial()
}

// renew drops the generation of remembered contexts that old counts.
func (s *Set) renew(old *memory) {
	if root := s.root.Load(); root != nil && root.memo == old {
		s.root.CompareAndSwap(root, nil)
	}
}

// Resolve returns the active context of a list of context URLs, applied in
// that order. A URL that the set does not know, or a context that redefines a
// protected term of an earlier one, is an [*code.Error] with envelope.context.
// Results are remembered; there is no lock.
func (s *Set) Resolve(urls []string) (*Active, error) {
	a := s.Initial()
	for _, url := range urls {
		next, err := a.With(url)
		if err != nil {
			return nil, err
		}
		a = next
	}
	return a, nil
}

// With returns a with the context named url applied on top.
func (a *Active) With(url string) (*Active, error) {
	local, ok := a.set.sources[url]
	if !ok {
		return nil, refuse("context %.200q is not embedded, and nothing is fetched", url)
	}
	next, err := a.follow(step{local, modeContext})
	if err != nil {
		var e *code.Error
		if errors.As(err, &e) {
			return nil, refuse("context %.200q: %s", url, e.Detail)
		}
		return nil, err
	}
	return next, nil
}

// Local returns a with the value of an @context member applied on top: a URL
// of the set, a context object, null, or an array of these. What inline
// objects make of it is not remembered beyond the document.
func (a *Active) Local(local strictjson.Value) (*Active, error) {
	if urls, ok := URLs(local); ok {
		for _, url := range urls {
			next, err := a.With(url)
			if err != nil {
				return nil, err
			}
			a = next
		}
		return a, nil
	}
	own := a.derive(modeProperty).seal() // what does not propagate returns to it
	own.memo = nil
	return own.process(local, modeContext, 0)
}

// URLs returns the strings of a context value that has nothing else.
func URLs(local strictjson.Value) ([]string, bool) {
	if s, ok := local.LookupStr(); ok {
		return []string{s}, true
	}
	var urls []string
	for item := range local.Items() {
		s, ok := item.LookupStr()
		if !ok {
			return nil, false
		}
		urls = append(urls, s)
	}
	return urls, len(urls) > 0
}
