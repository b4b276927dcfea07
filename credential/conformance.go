package credential

import (
	"slices"
	"sync"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// The context of the examples in the specifications: a vocabulary that defines
// everything. The official test suites use it; no other profile knows it.
const (
	contextExamples = "https://www.w3.org/ns/credentials/examples/v2"
	examplesText    = `{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}`
)

var conformanceSet = sync.OnceValues(func() (*contexts.Set, error) {
	return contexts.Default().With(contextExamples, []byte(examplesText))
})

// checkConformance holds a document to what JSON-LD itself must make of it:
// contexts that load, no protected term redefined, and no name, type or
// identifier that has no meaning in RDF. Inline contexts and @vocab are taken.
func (s *secured) checkConformance(skip []string) error {
	set, err := conformanceSet()
	if err != nil {
		return err
	}
	a, err := set.Initial().Local(s.root.Get("@context"))
	if err != nil {
		return err
	}
	return expands(s.root, a, skip)
}

func init() { seam.MustLend("credential.expands", expands) }

// expands follows a node object as expansion does (JSON-LD 1.1 API, section
// 5.1.2), without its results.
func expands(v Value, a *contexts.Active, skip []string) error {
	if local := v.Get("@context"); local.Exists() && skip == nil {
		inner, err := a.Local(local)
		if err != nil {
			return err
		}
		a = inner
	}
	a, err := typesExpand(v, a)
	if err != nil {
		return err
	}
	for name, m := range v.Members() {
		if name == "@context" || hasText(skip, name) {
			continue
		}
		t := a.Term(name)
		switch iri, ok := a.ExpandIRI(name, false, true); {
		case contexts.KeywordOf(iri) == contexts.KeywordID:
			if id, isText := m.LookupStr(); !isText || !contexts.IsAbsoluteIRI(id) {
				return malformed(m, "%.80s is not an absolute IRI", m.Raw())
			}
			continue
		case contexts.KeywordOf(iri) != contexts.NoKeyword:
			continue
		case !ok || !contexts.IsAbsoluteIRI(iri):
			return &Error{Code: code.EnvelopeDataLoss, Path: m.Path(), Detail: "no context defines this member"}
		case t != nil && t.Coercion == contexts.CoerceJSON:
			continue
		}
		if err := valuesExpand(m, t, a); err != nil {
			return err
		}
	}
	return nil
}

func valuesExpand(v Value, t *contexts.Term, a *contexts.Active) error {
	switch v.Kind() {
	case strictjson.Array:
		for item := range v.Items() {
			if err := valuesExpand(item, t, a); err != nil {
				return err
			}
		}
	case strictjson.String:
		if t != nil && t.Coercion == contexts.CoerceID && !contexts.IsAbsoluteIRI(v.Str()) {
			return malformed(v, "%.80q is not an absolute IRI", v.Str())
		}
	case strictjson.Object:
		if v.Get("@value").Exists() {
			return nil
		}
		if prev := a.Previous(); prev != nil && (v.Len() != 1 || !v.Get("id").Exists() && !v.Get("@id").Exists()) {
			a = prev
		}
		inner, err := a.ForProperty(t)
		if err != nil {
			return err
		}
		return expands(v, inner, nil)
	}
	return nil
}

// typesExpand checks the types of a node and returns the context that they
// give it.
func typesExpand(v Value, a *contexts.Active) (*contexts.Active, error) {
	outer := a
	types := v.Get("type")
	if !types.Exists() {
		types = v.Get("@type")
	}
	one := func(item Value) error {
		iri, ok := outer.ExpandIRI(item.Str(), true, true)
		if !ok || !contexts.IsAbsoluteIRI(iri) {
			return &Error{Code: code.EnvelopeDataLoss, Path: item.Path(), Detail: "no context defines the type"}
		}
		return nil
	}
	var names []string
	if types.Kind() == strictjson.String {
		names = append(names, types.Str())
		if err := one(types); err != nil {
			return nil, err
		}
	}
	for item := range types.Items() {
		if err := one(item); err != nil {
			return nil, err
		}
		names = append(names, item.Str())
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		inner, err := a.ForType(outer.Term(name))
		if err != nil {
			return nil, err
		}
		a = inner
	}
	return a, nil
}
