package jsonld

import (
	"strings"
	"sync"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

const (
	rdf      = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	rdfType  = "<" + rdf + "type>"
	rdfFirst = "<" + rdf + "first>"
	rdfRest  = "<" + rdf + "rest>"
	rdfNil   = rdf + "nil"
	rdfJSON  = rdf + "JSON"
)

type emitter struct {
	d      *rdfc.Dataset
	in     Input
	bounds limits.Documents
	labels map[string]rdfc.Node // blank nodes that the document names

	skipContext bool // the root's @context has been applied already
	buf         []byte
}

var emitters = sync.Pool{New: func() any { return new(emitter) }}

func (e *emitter) release() {
	*e = emitter{buf: e.buf[:0]}
	if cap(e.buf) > 1<<16 {
		e.buf = nil
	}
	emitters.Put(e)
}

// target is where values go: to a property of a node, into a list, or nowhere
// (free), as what stands in a graph does.
type target struct {
	kind      targetKind
	reverse   bool
	subject   rdfc.Node
	predicate string
	graph     rdfc.Node // where quads about the value stand
	list      *list
	extra     *extra
}

type targetKind uint8

const (
	toProperty targetKind = iota
	toList
	toGraph // free: nothing links to the value
)

// extra is what an @id, @type or @index map adds to the nodes filed in it.
type extra struct {
	id        rdfc.Node // for nodes without an id of their own, or None
	typ       string    // a further type, or ""
	predicate string    // of a property-valued index, or ""
	value     rdfc.Object
}

// add writes one quad, unless there are too many.
func (e *emitter) add(s rdfc.Node, predicate string, o *rdfc.Object, g rdfc.Node) error {
	if e.d.Len() >= e.bounds.Quads {
		return &code.Error{Code: code.ProofTooComplex, Detail: "the RDF graph is too complex: Quads"}
	}
	e.d.Append(s, predicate, o, g)
	return nil
}

// put hands a value to its target. at is where it stands in the document.
func (e *emitter) put(at strictjson.Value, to *target, o *rdfc.Object) error {
	if to.extra != nil {
		if err := e.addExtra(at, to, o.Node); err != nil {
			return err
		}
	}
	switch to.kind {
	case toList:
		return to.list.append(o)
	case toGraph:
		if o.Node == rdfc.None {
			return lost(at, "a value that belongs to no node")
		}
		return nil
	}
	if !to.reverse {
		return e.add(to.subject, to.predicate, o, to.graph)
	}
	if o.Node == rdfc.None { // X 13.13.4.1
		return malformed(at, "the value of a reverse property is a literal, want a node")
	}
	return e.add(o.Node, to.predicate, &rdfc.Object{Node: to.subject}, to.graph)
}

// addExtra is X 13.8.3.7.2 and .5 for one value. A value that is no node, or has
// an id of its own, leaves the key of an @id map (.4) unsaid.
func (e *emitter) addExtra(at strictjson.Value, to *target, n rdfc.Node) error {
	x := to.extra
	if x.id != rdfc.None && !e.d.Same(x.id, n) && !e.in.DropIndex {
		return lost(at, "the key of an @id map, which its item does not take")
	}
	if n == rdfc.None {
		if x.typ != "" || x.predicate != "" {
			return malformed(at, "a literal in a map of nodes")
		}
		return nil
	}
	if x.typ != "" {
		t, err := e.iriNode(at, x.typ)
		if err != nil {
			return err
		}
		if err := e.add(n, rdfType, &rdfc.Object{Node: t}, to.graph); err != nil {
			return err
		}
	}
	if x.predicate != "" {
		return e.add(n, x.predicate, &x.value, to.graph)
	}
	return nil
}

// iriNode returns the node of an expanded IRI or blank node identifier.
func (e *emitter) iriNode(at strictjson.Value, iri string) (rdfc.Node, error) {
	if strings.HasPrefix(iri, "_:") {
		if len(iri) == 2 {
			return 0, malformed(at, "a blank node without a name")
		}
		if n, known := e.labels[iri]; known {
			return n, nil
		}
		if e.labels == nil {
			e.labels = make(map[string]rdfc.Node)
		}
		n := e.d.Blank()
		e.labels[iri] = n
		return n, nil
	}
	if len(iri) > e.bounds.IRIBytes {
		return 0, fail(code.EnvelopeTooLarge, at, "an identifier of %d bytes, at most %d are allowed", len(iri), e.bounds.IRIBytes)
	}
	if e.in.Conformance && !contexts.IsAbsoluteIRI(iri) { // the profile walk has looked already
		return 0, lost(at, "%.100q is not an absolute IRI in visible characters", iri)
	}
	return e.d.IRI(iri), nil
}

// reference expands a string that stands for a node: V 1 and V 2.
func (e *emitter) reference(at strictjson.Value, s string, a *contexts.Active, vocab bool) (rdfc.Node, error) {
	iri, ok := a.ExpandIRI(s, true, vocab)
	if !ok || contexts.KeywordOf(iri) != contexts.NoKeyword {
		return 0, lost(at, "%.100q has no meaning in RDF", s)
	}
	return e.iriNode(at, iri)
}

// list writes an RDF collection item by item: List to RDF, section 8.3.2.
type list struct {
	e          *emitter
	graph      rdfc.Node
	head, last rdfc.Node
}

func (e *emitter) newList(graph rdfc.Node) *list {
	return &list{e: e, graph: graph, head: rdfc.None, last: rdfc.None}
}

func (l *list) append(o *rdfc.Object) error {
	n := l.e.d.Blank()
	if l.head == rdfc.None {
		l.head = n
	} else if err := l.e.add(l.last, rdfRest, &rdfc.Object{Node: n}, l.graph); err != nil {
		return err
	}
	l.last = n
	return l.e.add(n, rdfFirst, o, l.graph)
}

// end closes the list and returns its head.
func (l *list) end() (rdfc.Object, error) {
	null := rdfc.Object{Node: l.e.d.IRI(rdfNil)}
	if l.head == rdfc.None {
		return null, nil
	}
	return rdfc.Object{Node: l.head}, l.e.add(l.last, rdfRest, &null, l.graph)
}
