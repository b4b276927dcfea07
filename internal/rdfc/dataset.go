// Package rdfc canonicalises RDF datasets: RDFC-1.0, the W3C Recommendation
// RDF Dataset Canonicalization of 21 May 2024, with SHA-256 (or SHA-384, which
// the Recommendation's tests ask for), under a budget that a dataset made to
// be hard can not exceed.
//
// Numbers of sections and steps stand beside the code.
package rdfc

import (
	"sync"
)

// Node is an IRI or a blank node of one [Dataset]. The zero Node is an IRI.
type Node int32

// None is no node: the default graph, or the object that is a literal.
const None Node = -1

// Blank nodes are numbered downwards from -2, IRIs upwards from 0.
const firstBlank Node = -2

// blank returns the index of a blank node, negative for any other.
func (n Node) blank() int32 { return int32(firstBlank - n) }

func (n Node) isBlank() bool { return n <= firstBlank }

// Dataset is a list of quads. It is not safe for concurrent use.
type Dataset struct {
	iris  []string
	quads []quad
	blank int // how many blank nodes there are
	run   run
}

type quad struct {
	s, g Node
	p    string // <IRI>
	o    Object
}

// Object is the object of a quad: a node, or a literal if Node is [None].
type Object struct {
	Node     Node
	Lexical  string
	Datatype string // datatype IRI; "" is xsd:string
	Language string // language tag; "" for none
}

// New returns an empty dataset, which [Dataset.Release] may give back.
func New() *Dataset { return datasets.Get().(*Dataset) }

var datasets = sync.Pool{New: func() any { return new(Dataset) }}

// maxPooled bounds what a dataset that is given back keeps, in quads.
const maxPooled = 1024

// Release gives the dataset back for reuse. Nothing of it may be used again.
func (d *Dataset) Release() {
	if cap(d.quads) > maxPooled || cap(d.iris) > 2*maxPooled || d.run.oversized() {
		return
	}
	clear(d.iris)
	clear(d.quads)
	d.iris, d.quads, d.blank = d.iris[:0], d.quads[:0], 0
	d.run.reset()
	datasets.Put(d)
}

// IRI adds a node for an IRI, which must be absolute and hold no character
// that N-Quads would have to escape. Two nodes of one IRI are the same.
func (d *Dataset) IRI(iri string) Node {
	d.iris = append(d.iris, iri)
	return Node(len(d.iris) - 1)
}

// Same reports whether two nodes are one: a blank node and itself, or nodes of
// one IRI.
func (d *Dataset) Same(m, n Node) bool {
	return m == n || m >= 0 && n >= 0 && d.iris[m] == d.iris[n]
}

// Blank adds a new blank node.
func (d *Dataset) Blank() Node {
	d.blank++
	return firstBlank - Node(d.blank-1)
}

// Add adds a quad. predicate is an IRI in angle brackets; graph is [None] for
// the default graph.
func (d *Dataset) Add(subject Node, predicate string, object Object, graph Node) {
	d.Append(subject, predicate, &object, graph)
}

// Append is Add without a copy of the object on the way.
func (d *Dataset) Append(subject Node, predicate string, object *Object, graph Node) {
	d.quads = append(d.quads, quad{})
	q := &d.quads[len(d.quads)-1]
	q.s, q.g, q.p = subject, graph, predicate
	q.o.Node, q.o.Lexical, q.o.Datatype, q.o.Language = object.Node, object.Lexical, object.Datatype, object.Language
}

// Len returns how many quads were added; equal ones count each time until the
// dataset is canonicalised.
func (d *Dataset) Len() int { return len(d.quads) }

// Distinct returns how many different quads a canonicalised dataset has.
func (d *Dataset) Distinct() int { return len(d.run.order) }

// Blanks returns how many blank nodes there are.
func (d *Dataset) Blanks() int { return d.blank }
