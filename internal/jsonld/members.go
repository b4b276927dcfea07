package jsonld

import (
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// members emits the members of a node object: X 13 and 14. flip says that the
// object is the value of @reverse.
func (e *emitter) members(n *node, subject, graph rdfc.Node, flip bool) error {
	for name, v := range n.v.Members() {
		if n.from.root && slices.Contains(e.in.Skip, name) {
			continue
		}
		if name != "" && name[0] == '@' {
			if k := contexts.KeywordOf(name); k != contexts.NoKeyword {
				if err := e.keywordMember(k, name, v, n, subject, graph, flip); err != nil {
					return err
				}
				continue
			}
		}
		t := n.a.Term(name)
		if t != nil && t.Keyword != contexts.NoKeyword {
			if err := e.keywordMember(t.Keyword, name, v, n, subject, graph, flip); err != nil {
				return err
			}
			continue
		}
		if err := e.property(name, v, n.a, t, subject, graph, flip); err != nil {
			return err
		}
	}
	return nil
}

// keywordMember is X 13.4 for the keywords of a node object.
func (e *emitter) keywordMember(k contexts.Keyword, name string, v strictjson.Value, n *node, subject, graph rdfc.Node, flip bool) error {
	if flip && k != contexts.KeywordContext { // X 13.4.1
		return malformed(v, "keyword %.40q inside @reverse", name)
	}
	switch k {
	case contexts.KeywordContext, contexts.KeywordID, contexts.KeywordType:
		return nil // read before the others
	case contexts.KeywordIndex:
		return e.index(v)
	case contexts.KeywordGraph: // X 13.4.5
		return e.graph(v, n.a, subject)
	case contexts.KeywordIncluded: // X 13.4.6
		return e.included(v, n.a, graph)
	case contexts.KeywordReverse: // X 13.4.13
		return e.reverse(v, n.a, subject, graph)
	case contexts.KeywordNest: // X 14
		return e.nest(name, v, n.a, subject, graph)
	}
	return malformed(v, "keyword %.40q has no meaning in a node", name)
}

// index is @index, which says nothing in RDF.
func (e *emitter) index(v strictjson.Value) error {
	switch {
	case v.Kind() != strictjson.String: // X 13.4.10
		return malformed(v, "@index is %s, want a string", v.Kind())
	case !e.in.DropIndex:
		return lost(v, "@index, which says nothing in RDF")
	}
	return nil
}

// included emits the nodes of @included, which stand beside the node.
func (e *emitter) included(v strictjson.Value, a *contexts.Active, graph rdfc.Node) error {
	if v.Kind() == strictjson.Array {
		if v.Len() == 0 {
			return lost(v, "an empty array")
		}
		for item := range v.Items() {
			if err := e.included(item, a, graph); err != nil {
				return err
			}
		}
		return nil
	}
	if v.Kind() != strictjson.Object || isValue(v, a) || has(v, a, contexts.KeywordList) || has(v, a, contexts.KeywordSet) {
		return malformed(v, "@included holds something other than nodes")
	}
	return e.object(v, a, nil, &target{kind: toGraph, graph: graph}, origin{})
}

// reverse emits @reverse, an object of reverse properties.
func (e *emitter) reverse(v strictjson.Value, a *contexts.Active, subject, graph rdfc.Node) error {
	if v.Kind() != strictjson.Object {
		return malformed(v, "@reverse is %s, want an object", v.Kind())
	}
	if v.Len() == 0 {
		return lost(v, "an empty @reverse")
	}
	if previous := a.Previous(); previous != nil { // X 7, which the recursion passes
		a = previous
	}
	if v.Get("@context").Exists() {
		return unsupported(v, "@context inside @reverse")
	}
	return e.members(&node{v: v, a: a}, subject, graph, true)
}

// nest emits the members of an @nest object as if they stood outside it: X 14.
func (e *emitter) nest(name string, v strictjson.Value, a *contexts.Active, subject, graph rdfc.Node) error {
	if v.Len() == 0 && (v.Kind() == strictjson.Array || v.Kind() == strictjson.Object) {
		return lost(v, "an empty @nest")
	}
	if v.Kind() == strictjson.Array {
		for item := range v.Items() {
			if item.Kind() == strictjson.Array {
				return malformed(item, "@nest holds an array in an array")
			}
			if err := e.nest(name, item, a, subject, graph); err != nil {
				return err
			}
		}
		return nil
	}
	if v.Kind() != strictjson.Object || isValue(v, a) { // X 14.2.1
		return malformed(v, "@nest holds something other than objects")
	}
	if t := a.Term(name); t != nil && t.Scope.Exists() {
		scoped, err := a.ForProperty(t)
		if err != nil {
			return place(v, err)
		}
		a = scoped
	}
	inner := &node{v: v, a: a, typeScoped: a, moreTypes: true}
	for key, m := range v.Members() {
		switch keyword(a, key) {
		case contexts.KeywordID, contexts.KeywordContext:
			return unsupported(m, "%.40q inside @nest", key)
		case contexts.KeywordList, contexts.KeywordSet, contexts.KeywordLanguage, contexts.KeywordDirection:
			return malformed(m, "%.40q inside @nest", key)
		}
	}
	if err := e.types(inner, subject, graph); err != nil {
		return err
	}
	return e.members(inner, subject, graph, false)
}

// property emits the values of one property: X 13.2 to 13.14. t is its term in
// a, nil if there is none.
func (e *emitter) property(name string, v strictjson.Value, a *contexts.Active, t *contexts.Term, subject, graph rdfc.Node, flip bool) error {
	if t == nil {
		var err error
		if t, err = e.undefined(name, v, a); err != nil {
			return err
		}
	}
	if t.Predicate == "" { // X 13.3
		return lost(v, "the member %.100q cannot be said in RDF", name)
	}
	to := &target{subject: subject, predicate: t.Predicate, graph: graph, reverse: t.Reverse != flip}
	c := t.Container
	switch {
	case t.Coercion == contexts.CoerceJSON: // X 13.6
		if c.Has(contexts.ContainerList) {
			return unsupported(v, "a list of JSON values")
		}
		o, err := e.jsonLiteral(v)
		if err != nil {
			return err
		}
		return e.put(v, to, &o)
	case c.Has(contexts.ContainerLanguage) && v.Kind() == strictjson.Object: // X 13.7
		return e.languageMap(v, a, t, to)
	case c.Has(contexts.ContainerID|contexts.ContainerIndex|contexts.ContainerType) && v.Kind() == strictjson.Object: // X 13.8
		return e.indexMap(v, a, t, to)
	case c.Has(contexts.ContainerList) && !(v.Kind() == strictjson.Object && has(v, a, contexts.KeywordList)): // X 13.11
		return e.list(v, a, t, to)
	case c.Has(contexts.ContainerGraph) && !c.Has(contexts.ContainerID|contexts.ContainerIndex): // X 13.12
		return e.graphs(v, a, t, to)
	}
	return e.element(v, a, t, to, false) // X 13.9
}

// undefined makes a term of a member name that no context defines, by @vocab
// or because it is an IRI.
func (e *emitter) undefined(name string, v strictjson.Value, a *contexts.Active) (*contexts.Term, error) {
	iri, ok := a.ExpandIRI(name, false, true)
	switch {
	case !ok:
		return nil, lost(v, "the member %.100q has no meaning in RDF", name)
	case strings.HasPrefix(iri, "_:"):
		return nil, unsupported(v, "blank node %.100q as a property", name)
	case !contexts.IsAbsoluteIRI(iri):
		return nil, lost(v, "no context defines the member %.100q here", name)
	}
	return &contexts.Term{Name: name, IRI: iri, Predicate: "<" + iri + ">"}, nil
}

// element emits a value, or the items of an array: X 1 to 6. t is the active
// property's term, nil for @graph and the top level.
func (e *emitter) element(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target, fromMap bool) error {
	switch v.Kind() {
	case strictjson.Null: // X 1
		return lost(v, "null")
	case strictjson.Array: // X 5
		if v.Len() == 0 && to.kind != toList {
			return lost(v, "an empty array")
		}
		for item := range v.Items() {
			if item.Kind() == strictjson.Array && to.kind == toList {
				if t == nil || !t.Container.Has(contexts.ContainerList) {
					return unsupported(item, "an array inside @list")
				}
				if err := e.list(item, a, t, to); err != nil { // X 5.2.2
					return err
				}
				continue
			}
			if err := e.element(item, a, t, to, fromMap); err != nil {
				return err
			}
		}
		return nil
	case strictjson.Object: // X 6
		if to.kind == toList && t != nil && t.Container.Has(contexts.ContainerList) && has(v, a, contexts.KeywordSet) {
			return unsupported(v, "@set inside a list")
		}
		return e.object(v, a, t, to, origin{fromMap: fromMap})
	}
	if to.kind == toGraph { // X 4.1
		return lost(v, "a value that belongs to no node")
	}
	if t != nil && t.Scope.Exists() { // X 4.2
		scoped, err := a.ForProperty(t)
		if err != nil {
			return place(v, err)
		}
		a, t = scoped, under(scoped, t)
	}
	var o rdfc.Object
	if err := e.scalar(v, a, t, &o); err != nil {
		return err
	}
	return e.put(v, to, &o)
}

// under returns the active property's term as another context has it, nil if it
// has none: what a value is depends on the context in which it stands, and not
// on the one in which its property was found.
func under(a *contexts.Active, t *contexts.Term) *contexts.Term {
	if t == nil {
		return nil
	}
	return a.Term(t.Name)
}

// list emits a value as an ordered collection.
func (e *emitter) list(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target) error {
	if to.reverse {
		return malformed(v, "the value of a reverse property is a list, want a node")
	}
	l := e.newList(to.graph)
	if err := e.element(v, a, t, &target{kind: toList, graph: to.graph, list: l}, false); err != nil {
		return err
	}
	head, err := l.end()
	if err != nil {
		return err
	}
	return e.put(v, to, &head)
}

// listObject emits {"@list": …}: X 13.4.11.
func (e *emitter) listObject(n *node, t *contexts.Term, to *target) error {
	if to.kind == toGraph {
		return lost(n.v, "a list that belongs to no node")
	}
	if x := to.extra; x != nil && (x.typ != "" || x.predicate != "") {
		return malformed(n.v, "a list in a map of nodes")
	}
	return e.list(n.list, n.a, under(n.a, t), to)
}

// graphs emits values each of which is a graph of its own: X 13.12.
func (e *emitter) graphs(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target) error {
	if v.Kind() == strictjson.Array {
		i := 0
		for item := range v.Items() {
			if err := e.graphs(item, a, t, to); err != nil {
				return code.At(err, v.ItemPath(i))
			}
			i++
		}
		return nil
	}
	return e.oneGraph(v, a, t, to, e.d.Blank(), false)
}

// oneGraph emits one value as the content of the graph called name.
func (e *emitter) oneGraph(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target, name rdfc.Node, fromMap bool) error {
	if err := e.put(v, to, &rdfc.Object{Node: name}); err != nil {
		return err
	}
	before := e.d.Len()
	if err := e.element(v, a, t, &target{kind: toGraph, graph: name}, fromMap); err != nil {
		return err
	}
	if e.d.Len() == before {
		return lost(v, "a graph without claims")
	}
	return nil
}
