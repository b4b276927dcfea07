package jsonld

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// languageMap emits texts by language: X 13.7.
func (e *emitter) languageMap(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target) error {
	if v.Len() == 0 {
		return lost(v, "an empty map")
	}
	direction := a.Direction()
	if t.HasDirection {
		direction = t.Direction
	}
	for lang, texts := range v.Members() {
		if keyword(a, lang) == contexts.KeywordNone {
			lang = ""
		} else if !contexts.IsLanguageTag(lang) {
			return malformed(texts, "%.40q is not a language tag", lang)
		}
		one := func(item strictjson.Value) error {
			s, ok := item.LookupStr()
			if !ok {
				return malformed(item, "a text is %s, want a string", item.Kind())
			}
			o, err := e.text(item, s, lang, direction)
			if err != nil {
				return err
			}
			return e.put(item, to, &o)
		}
		if texts.Kind() != strictjson.Array {
			if err := one(texts); err != nil {
				return err
			}
			continue
		}
		if texts.Len() == 0 {
			return lost(texts, "an empty array")
		}
		for item := range texts.Items() {
			if err := one(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexMap emits values filed under an @id, a @type or an @index: X 13.8.
func (e *emitter) indexMap(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target) error {
	if v.Len() == 0 {
		return lost(v, "an empty map")
	}
	for key, items := range v.Members() {
		m := mapped{t: t, to: *to, a: a, extra: extra{id: rdfc.None}}
		if err := e.mapKey(key, items, &m); err != nil {
			return err
		}
		if items.Kind() != strictjson.Array {
			if err := e.mapItem(items, &m); err != nil {
				return err
			}
			continue
		}
		if items.Len() == 0 {
			return lost(items, "an empty array")
		}
		for item := range items.Items() {
			if err := e.mapItem(item, &m); err != nil {
				return err
			}
		}
	}
	return nil
}

// mapped is what the key of a map means for the items under it.
type mapped struct {
	t     *contexts.Term
	to    target
	a     *contexts.Active // the map context
	extra extra
}

func (e *emitter) mapKey(key string, at strictjson.Value, m *mapped) error {
	c, a := m.t.Container, m.a
	none := keyword(a, key) == contexts.KeywordNone
	switch {
	case c.Has(contexts.ContainerID):
		if a.Previous() != nil {
			return unsupported(at, "an @id map under a type-scoped context")
		}
		if none {
			return nil
		}
		id, err := e.reference(at, key, a, false) // X 13.8.3.7.4
		m.extra.id = id
		return err
	case c.Has(contexts.ContainerType):
		return e.typeMapKey(key, at, m, none)
	case m.t.Index != "" && !none: // X 13.8.3.7.2
		return e.indexValue(key, at, m)
	case m.t.Index == "" && !none && !e.in.DropIndex:
		return lost(at, "the key %.100q of an @index map, which says nothing in RDF", key)
	}
	return nil
}

func (e *emitter) typeMapKey(key string, at strictjson.Value, m *mapped, none bool) error {
	mapContext := m.a
	if previous := m.a.Previous(); previous != nil { // X 13.8.3.1
		mapContext = previous
	}
	index := mapContext.Term(key)
	if index != nil && index.Scope.Exists() { // X 13.8.3.2
		scoped, err := mapContext.ForTypeIndex(index)
		if err != nil {
			return place(at, err)
		}
		m.a = scoped
	} else if m.a.Previous() != nil {
		return unsupported(at, "a @type map under a type-scoped context")
	}
	if none {
		return nil
	}
	iri, ok := mapContext.ExpandIRI(key, true, true) // X 13.8.3.4, .7.5
	if !ok || contexts.KeywordOf(iri) != contexts.NoKeyword {
		return lost(at, "type %.100q has no meaning in RDF", key)
	}
	m.extra.typ = iri
	return nil
}

// indexValue prepares the property that a property-valued index stands for.
func (e *emitter) indexValue(key string, at strictjson.Value, m *mapped) error {
	property := m.a.Term(m.t.Index)
	if property == nil {
		var err error
		if property, err = e.undefined(m.t.Index, at, m.a); err != nil {
			return err
		}
	}
	if property.Predicate == "" || property.Keyword != contexts.NoKeyword || property.Reverse {
		return unsupported(at, "the index property %.100q", m.t.Index)
	}
	m.extra.predicate = property.Predicate
	switch property.Coercion {
	case contexts.CoerceID, contexts.CoerceVocab:
		n, err := e.reference(at, key, m.a, property.Coercion == contexts.CoerceVocab)
		m.extra.value = rdfc.Object{Node: n}
		return err
	case contexts.CoerceJSON:
		return unsupported(at, "an index that is a JSON value")
	}
	return e.literal(at, key, m.a, property, &m.extra.value)
}

// mapItem emits one item of a map.
func (e *emitter) mapItem(v strictjson.Value, m *mapped) error {
	if v.Kind() == strictjson.Null {
		return lost(v, "null")
	}
	to := m.to
	if !m.t.Container.Has(contexts.ContainerGraph) {
		to.extra = &m.extra
		return e.element(v, m.a, under(m.a, m.t), &to, true)
	}
	// X 13.8.3.7.1: each item is a graph, or is made one.
	if v.Kind() == strictjson.Object && has(v, m.a, contexts.KeywordGraph) {
		to.extra = &m.extra
		return e.object(v, m.a, m.t, &to, origin{fromMap: true})
	}
	name := m.extra.id
	if name == rdfc.None {
		name = e.d.Blank()
	}
	to.extra = &extra{id: rdfc.None, predicate: m.extra.predicate, value: m.extra.value}
	return e.oneGraph(v, m.a, m.t, &to, name, true)
}

// text returns a literal with language and direction: R 13.
func (e *emitter) text(at strictjson.Value, s, lang, direction string) (rdfc.Object, error) {
	o := rdfc.Object{Node: rdfc.None, Lexical: s}
	if direction == "" {
		o.Language = strings.ToLower(lang)
		return o, nil
	}
	if e.in.NoDirection {
		return o, unsupported(at, "a text with a base direction")
	}
	o.Datatype = i18n + strings.ToLower(lang) + "_" + direction
	return o, nil
}

// i18n is the namespace of datatypes for texts with a base direction.
const i18n = "https://www.w3.org/ns/i18n#"
