package jsonld

import (
	"cmp"
	"slices"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// document emits the top level: objects in the default graph.
func (e *emitter) document(root strictjson.Value, a *contexts.Active) error {
	if root.Kind() == strictjson.Array && e.in.Conformance {
		for item := range root.Items() {
			if err := e.document(item, a); err != nil {
				return err
			}
		}
		return nil
	}
	if root.Kind() != strictjson.Object {
		return malformed(root, "a document is %s, want an object", root.Kind())
	}
	to := target{kind: toGraph, graph: rdfc.None}
	return e.object(root, a, nil, &to, origin{root: true})
}

// origin says where an object comes from, as far as it matters to expansion.
type origin struct {
	root    bool // the top level of the document
	fromMap bool // an item of an @id, @type or @index map
}

// object emits one JSON object: X 7 to 18.
func (e *emitter) object(v strictjson.Value, a *contexts.Active, t *contexts.Term, to *target, from origin) error {
	marked := hasKeyword(v)
	// X 7: a type-scoped context ends at the next node.
	if previous := a.Previous(); previous != nil && !from.fromMap && !isReference(v, a) {
		if !marked && !a.HasAliases() || !isValue(v, a) {
			a = previous
		}
	}
	if t != nil && t.Scope.Exists() { // X 8
		scoped, err := a.ForProperty(t)
		if err != nil {
			return place(v, err)
		}
		a = scoped
	}
	if marked && !(from.root && e.skipContext) { // X 9
		if local := v.Get("@context"); local.Exists() {
			inner, err := a.Local(local)
			if err != nil {
				return place(local, err)
			}
			a = inner
		}
	}
	n := &node{v: v, typeScoped: a, from: from} // X 10
	if err := n.readTypes(marked); err != nil {
		return err
	}
	a = n.a
	if marked && !(from.root && !e.in.Conformance) || a.HasAliases() {
		if err := e.classify(n); err != nil {
			return err
		}
		switch {
		case n.value.Exists():
			return e.valueObject(n, to)
		case n.list.Exists():
			return e.listObject(n, t, to)
		case n.set.Exists():
			if n.others > 0 { // X 17.1
				return malformed(v, "@set stands beside other members")
			}
			return e.element(n.set, a, under(a, t), to, false)
		case n.others == 0 && n.graph.Exists() && !n.id.Exists() && !n.types && from.root:
			// 5.1.1: what is only @graph is the default graph.
			return e.graph(n.graph, a, rdfc.None)
		}
	}
	return e.node(n, to)
}

// hasKeyword reports whether a member name begins with '@'.
func hasKeyword(v strictjson.Value) bool {
	for name := range v.Members() {
		if name != "" && name[0] == '@' {
			return true
		}
	}
	return false
}

// keyword returns the keyword that a member name expands to.
func keyword(a *contexts.Active, name string) contexts.Keyword {
	if k := contexts.KeywordOf(name); k != contexts.NoKeyword {
		return k
	}
	if t := a.Term(name); t != nil {
		return t.Keyword
	}
	return contexts.NoKeyword
}

// isValue reports whether an object has a member that expands to @value.
func isValue(v strictjson.Value, a *contexts.Active) bool { return has(v, a, contexts.KeywordValue) }

func has(v strictjson.Value, a *contexts.Active, k contexts.Keyword) bool {
	for name := range v.Members() {
		if name != "" && (name[0] == '@' || a.HasAliases()) && keyword(a, name) == k {
			return true
		}
	}
	return false
}

// isReference reports whether an object is a lone @id.
func isReference(v strictjson.Value, a *contexts.Active) bool {
	if v.Len() != 1 {
		return false
	}
	for name := range v.Members() {
		return keyword(a, name) == contexts.KeywordID
	}
	return false
}

// node is one object being emitted, with the members that make it a node, a
// value, a list, a set or a graph.
type node struct {
	v          strictjson.Value
	a          *contexts.Active // for its members
	typeScoped *contexts.Active // for its types
	from       origin

	id, value, list, set, graph, language, direction strictjson.Value
	types                                            bool
	typ                                              strictjson.Value // the member with the types
	moreTypes                                        bool             // there is more than one
	others                                           int              // members beyond these, @index and @context
}

// readTypes finds the types of an object and applies their contexts: X 11.
func (n *node) readTypes(marked bool) error {
	n.a = n.typeScoped
	for _, name := range n.typeScoped.TypeNames() {
		if name[0] == '@' && !marked {
			continue
		}
		member := n.v.Get(name)
		if !member.Exists() {
			continue
		}
		n.moreTypes = n.typ.Exists()
		n.typ = member
		if err := n.applyTypes(member); err != nil {
			return place(member, err)
		}
	}
	return nil
}

// applyTypes applies the contexts of the types in one member, in their order.
func (n *node) applyTypes(member strictjson.Value) (err error) {
	if s, ok := member.LookupStr(); ok {
		n.a, err = n.a.ForType(n.typeScoped.Term(s))
		return err
	}
	var space [8]*contexts.Term
	scoped := space[:0]
	for item := range member.Items() {
		if t := n.typeScoped.Term(item.Str()); t != nil && t.Scope.Exists() {
			scoped = append(scoped, t)
		}
	}
	if len(scoped) > 1 {
		slices.SortFunc(scoped, func(x, y *contexts.Term) int { return cmp.Compare(x.Name, y.Name) })
	}
	for _, t := range scoped {
		if n.a, err = n.a.ForType(t); err != nil {
			return err
		}
	}
	return nil
}

// classify finds the keywords among the members: X 13.4 as far as it needs no
// order. Two members for one keyword collide (X 13.4.2).
func (e *emitter) classify(n *node) error {
	for name, v := range n.v.Members() {
		var slot *strictjson.Value
		switch keyword(n.a, name) {
		case contexts.KeywordID:
			slot = &n.id
		case contexts.KeywordValue:
			slot = &n.value
		case contexts.KeywordList:
			slot = &n.list
		case contexts.KeywordSet:
			slot = &n.set
		case contexts.KeywordGraph:
			slot = &n.graph
		case contexts.KeywordLanguage:
			slot = &n.language
		case contexts.KeywordDirection:
			slot = &n.direction
		case contexts.KeywordType:
			n.types = true
			continue
		case contexts.KeywordIndex:
			if err := e.index(v); err != nil {
				return err
			}
			continue
		case contexts.KeywordContext:
			continue
		default:
			n.others++
			continue
		}
		if slot.Exists() {
			return malformed(v, "two members of one object mean %.40q", name)
		}
		*slot = v
	}
	bare := n.others == 0 && !n.id.Exists() && !n.graph.Exists()
	switch {
	case n.value.Exists():
		if !bare || n.list.Exists() || n.set.Exists() { // X 15.1
			return malformed(n.v, "@value stands beside members that a value has not")
		}
	case n.list.Exists() || n.set.Exists():
		if !bare || n.types || n.language.Exists() || n.direction.Exists() || n.list.Exists() && n.set.Exists() { // X 17.1
			return malformed(n.v, "@list or @set stands beside other members")
		}
	case n.language.Exists() || n.direction.Exists(): // X 18
		return lost(n.v, "@language or @direction without @value")
	}
	return nil
}

// subject returns the node that an object describes.
func (e *emitter) subject(n *node, to *target) (rdfc.Node, error) {
	id := n.id
	if !id.Exists() {
		for _, name := range n.a.IDNames() {
			if name[0] == '@' && !e.in.Conformance {
				continue // not in the profile
			}
			if m := n.v.Get(name); m.Exists() {
				if id.Exists() {
					return 0, malformed(m, "two ids of one object")
				}
				id = m
			}
		}
	}
	if !id.Exists() {
		if to.extra != nil && to.extra.id != rdfc.None { // X 13.8.3.7.4
			return to.extra.id, nil
		}
		return e.d.Blank(), nil
	}
	s, ok := id.LookupStr() // X 13.4.3
	if !ok {
		return 0, malformed(id, "an id is %s, want a string", id.Kind())
	}
	return e.reference(id, s, n.a, false)
}

// node emits a node object.
func (e *emitter) node(n *node, to *target) error {
	subject, err := e.subject(n, to)
	if err != nil {
		return err
	}
	if err := e.put(n.v, to, &rdfc.Object{Node: subject}); err != nil {
		return err
	}
	before := e.d.Len()
	if err := e.types(n, subject, to.graph); err != nil {
		return err
	}
	if err := e.members(n, subject, to.graph, false); err != nil {
		return err
	}
	if n.from.root {
		for _, m := range e.in.Extra {
			if err := e.property(m.Name, m.Value, n.a, n.a.Term(m.Name), subject, to.graph, false); err != nil {
				return err
			}
		}
	}
	if to.kind == toGraph && e.d.Len() == before { // X 19
		return lost(n.v, "a node without claims, which nothing points to")
	}
	return nil
}

// types emits the types of a node: X 13.4.4.
func (e *emitter) types(n *node, subject, graph rdfc.Node) error {
	names := n.a.TypeNames() // a type-scoped context may have others than readTypes has looked for
	if !n.moreTypes && (n.a == n.typeScoped || slices.Equal(names, n.typeScoped.TypeNames())) {
		return e.typesIn(n.typ, n, subject, graph)
	}
	for _, name := range names {
		if err := e.typesIn(n.v.Get(name), n, subject, graph); err != nil {
			return err
		}
	}
	return nil
}

// typesIn emits the types in one member.
func (e *emitter) typesIn(member strictjson.Value, n *node, subject, graph rdfc.Node) error {
	switch member.Kind() {
	case strictjson.Invalid:
		return nil
	case strictjson.String:
		return e.oneType(member, n.typeScoped, subject, graph)
	case strictjson.Array:
		if member.Len() == 0 {
			return lost(member, "an empty list of types")
		}
		for item := range member.Items() {
			if item.Kind() != strictjson.String {
				return malformed(item, "a type is %s, want a string", item.Kind())
			}
			if err := e.oneType(item, n.typeScoped, subject, graph); err != nil {
				return err
			}
		}
		return nil
	}
	return malformed(member, "a type is %s, want a string", member.Kind())
}

func (e *emitter) oneType(v strictjson.Value, a *contexts.Active, subject, graph rdfc.Node) error {
	t, err := e.reference(v, v.Str(), a, true)
	if err != nil {
		return err
	}
	return e.add(subject, rdfType, &rdfc.Object{Node: t}, graph)
}

// graph emits the content of a named graph, or of the default graph.
func (e *emitter) graph(v strictjson.Value, a *contexts.Active, name rdfc.Node) error {
	to := target{kind: toGraph, graph: name}
	before := e.d.Len()
	if err := e.element(v, a, nil, &to, false); err != nil {
		return err
	}
	if e.d.Len() == before {
		return lost(v, "a graph without claims")
	}
	return nil
}
