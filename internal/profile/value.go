package profile

import (
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// proofPredicate is the property whose values are proofs.
const proofPredicate = "https://w3id.org/security#proof"

// member checks one member of a node object under its context.
func (w *walker) member(name string, v strictjson.Value, a *contexts.Active) error {
	t := a.Term(name)
	if t == nil || t.Odd {
		if strings.ContainsAny(name, ":@") {
			return malformed(v, "member name %.100q has a ':' or '@'; want a plain term", name)
		}
		return lost(v, "no context defines the member %.100q here", name)
	}
	switch t.Keyword {
	case contexts.NoKeyword:
	case contexts.KeywordType:
		return nil // read before the others
	case contexts.KeywordID:
		return w.id(v, a)
	default:
		return unsupported(v, "member %.100q is an alias of %s, which the profile does not take", name, t.IRI)
	}
	switch {
	case t.Predicate == "":
		return lost(v, "the member %.100q cannot be said in RDF", name)
	case t.Reverse:
		return unsupported(v, "member %.100q is a reverse property, which the profile does not take", name)
	case t.Container.Has(contexts.ContainerID | contexts.ContainerIndex | contexts.ContainerLanguage | contexts.ContainerType):
		return unsupported(v, "member %.100q is a map, which the profile does not take", name)
	case t.Coercion == contexts.CoerceJSON:
		w.claims++
		return jsonLiteral(v)
	case t.Container.Has(contexts.ContainerList):
		w.claims++ // to the head of the list
	}
	if v.Kind() != strictjson.Array {
		return w.value(v, t, a)
	}
	if v.Len() == 0 {
		return malformed(v, "an empty array says nothing: leave the member out")
	}
	i := 0
	for item := range v.Items() {
		if err := w.value(item, t, a); err != nil {
			return code.At(err, v.ItemPath(i))
		}
		i++
	}
	if !t.Container.Has(contexts.ContainerList) && v.Len() > 1 {
		return distinct(v)
	}
	return nil
}

// id checks the identifier of a node.
func (w *walker) id(v strictjson.Value, a *contexts.Active) error {
	s, ok := v.LookupStr()
	if !ok {
		return malformed(v, "an id is %s, want an absolute IRI", v.Kind())
	}
	if err := w.iri(v, s, a); err != nil {
		return err
	}
	if !w.ids.add(s) {
		return malformed(v, "id %.100q stands on two objects; RDF would make them one", s)
	}
	return nil
}

// value checks one value of a property.
func (w *walker) value(v strictjson.Value, t *contexts.Term, a *contexts.Active) error {
	if t.Container.Has(contexts.ContainerList) {
		w.claims += 2 // rdf:first and rdf:rest
	} else {
		w.claims++
	}
	switch v.Kind() {
	case strictjson.String:
		return w.text(v, t, a)
	case strictjson.Number:
		if _, ok := v.Int(); !ok {
			return malformed(v, "number %.40s is not an integer within ±(2^53-1); write it as a string", v.Raw())
		}
		return w.native(v, t)
	case strictjson.Bool:
		return w.native(v, t)
	case strictjson.Object:
		return w.object(v, t, a)
	case strictjson.Null:
		return malformed(v, "null says nothing: leave the member out")
	}
	return malformed(v, "%s inside an array", v.Kind())
}

// native checks that a term takes numbers and booleans.
func (w *walker) native(v strictjson.Value, t *contexts.Term) error {
	if t.Coercion == contexts.CoerceID || t.Coercion == contexts.CoerceVocab || t.Container.Has(contexts.ContainerGraph) {
		return malformed(v, "member %.100q is %s, want an IRI", t.Name, v.Kind())
	}
	return nil
}

func (w *walker) text(v strictjson.Value, t *contexts.Term, a *contexts.Active) error {
	switch t.Coercion {
	case contexts.CoerceID, contexts.CoerceVocab:
		if t.Container.Has(contexts.ContainerGraph) {
			return lost(v, "member %.100q is a graph; of a mere reference in it nothing would be left", t.Name)
		}
		a, err := a.ForProperty(t)
		if err != nil {
			return place(v, err)
		}
		s := v.Str()
		if t.Coercion == contexts.CoerceVocab {
			if known := a.Term(s); known != nil {
				if known.Predicate == "" {
					return lost(v, "%.100q has no meaning in RDF", s)
				}
				return nil
			}
		}
		return w.iri(v, s, a)
	}
	if t.Container.Has(contexts.ContainerGraph) {
		return malformed(v, "member %.100q is a string, want an object", t.Name)
	}
	if t.Datatype == xsdDouble { // some engines rewrite the text, some do not
		return malformed(v, "member %.100q is a string, want a number", t.Name)
	}
	return nil
}

const xsdDouble = "http://www.w3.org/2001/XMLSchema#double"

// object checks an object under a property: a node, or a text with language.
func (w *walker) object(v strictjson.Value, t *contexts.Term, a *contexts.Active) error {
	if (t.IRI == schemaName || t.IRI == schemaDescription) && v.Get("@value").Exists() {
		return textObject(v)
	}
	if t.Coercion == contexts.CoerceDatatype {
		return malformed(v, "member %.100q is an object, want a value of <%s>", t.Name, t.Datatype)
	}
	// Step 7 of expansion: a type-scoped context ends at the next node, but a
	// lone reference is read where it stands.
	if a.Previous() != nil && !isReference(v, a) {
		a = a.Previous()
	}
	a, err := a.ForProperty(t) // step 8
	if err != nil {
		return place(v, err)
	}
	before := w.claims
	outer := w.inProof
	w.inProof = t.IRI == proofPredicate
	defer func() { w.inProof = outer }()
	if err := w.node(v, a, false); err != nil {
		return err
	}
	if t.Container.Has(contexts.ContainerGraph) && w.claims == before {
		return lost(v, "an object without claims in the graph of %.100q; nothing would be left of it", t.Name)
	}
	return nil
}

// isReference reports whether v has one member only, its id.
func isReference(v strictjson.Value, a *contexts.Active) bool {
	if v.Len() != 1 {
		return false
	}
	for name := range v.Members() {
		t := a.Term(name)
		return t != nil && t.Keyword == contexts.KeywordID
	}
	return false
}

// The properties that VC Data Model 2.0, section 11.1, gives language and
// direction.
const (
	schemaName        = "https://schema.org/name"
	schemaDescription = "https://schema.org/description"
)

func textObject(v strictjson.Value) error {
	for name, m := range v.Members() {
		s, ok := m.LookupStr()
		switch name {
		case "@value":
			if !ok {
				return malformed(m, "@value is %s, want a string", m.Kind())
			}
		case "@language":
			if !ok || !contexts.IsLanguageTag(s) {
				return malformed(m, "@language is %.40s, want a language tag", m.Raw())
			}
		case "@direction":
			if s != "ltr" && s != "rtl" {
				return malformed(m, "@direction is %.40s, want \"ltr\" or \"rtl\"", m.Raw())
			}
		default:
			return malformed(m, "a text with language has the unknown member %.100q", name)
		}
	}
	return nil
}

// jsonLiteral checks the value of a JSON term. Other engines lose arrays,
// strings and null here, and RDF keeps a number only as its double.
func jsonLiteral(v strictjson.Value) error {
	if v.Kind() != strictjson.Object {
		return malformed(v, "a JSON value is %s, want an object", v.Kind())
	}
	return exactNumbers(v)
}

func exactNumbers(v strictjson.Value) error {
	if n := v.InexactNumber(); n.Exists() {
		return malformed(n, "number %.40s would be rounded; write it as a string", n.Raw())
	}
	return nil
}

// distinct refuses equal strings in an array that RDF reads as a set. Equal
// objects show when the quads are counted; numbers and booleans are compared
// as written, which in this profile is one way.
func distinct(list strictjson.Value) error {
	if list.Len() <= 8 {
		seen := make([]string, 0, 8)
		for item := range list.Items() {
			if item.Kind() == strictjson.Object {
				continue
			}
			key := item.Raw()
			if item.Escaped() {
				key = "\"" + item.Str() + "\""
			}
			if slices.Contains(seen, key) {
				return malformed(item, "%.100s is listed twice in one array", key)
			}
			seen = append(seen, key)
		}
		return nil
	}
	seen := make(map[string]struct{}, list.Len())
	for item := range list.Items() {
		if item.Kind() == strictjson.Object {
			continue
		}
		key := item.Raw()
		if item.Escaped() {
			key = "\"" + item.Str() + "\""
		}
		if _, twice := seen[key]; twice {
			return malformed(item, "%.100s is listed twice in one array", key)
		}
		seen[key] = struct{}{}
	}
	return nil
}

// idSet holds the identifiers of one document: few as a rule, many only where
// somebody wants the search to be slow.
type idSet struct {
	list []string
	many map[string]struct{}
}

const fewIDs = 16

// add reports whether s was not there yet.
func (x *idSet) add(s string) bool {
	if x.many == nil {
		if slices.Contains(x.list, s) {
			return false
		}
		if x.list = append(x.list, s); len(x.list) > fewIDs {
			x.many = make(map[string]struct{}, 64)
			for _, id := range x.list {
				x.many[id] = struct{}{}
			}
		}
		return true
	}
	if _, known := x.many[s]; known {
		return false
	}
	x.many[s] = struct{}{}
	return true
}
