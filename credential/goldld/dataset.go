package goldld

import (
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

const typeJSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"

// conversion copies the quads of json-gold. Blank nodes lose their labels,
// which a document can choose.
type conversion struct {
	d      *rdfc.Dataset
	bounds limits.Documents
	blanks map[string]rdfc.Node
	err    error
}

func convert(in *ld.RDFDataset, bounds limits.Documents) (*rdfc.Dataset, error) {
	c := &conversion{d: rdfc.New(), bounds: bounds, blanks: map[string]rdfc.Node{}}
	for name, quads := range in.Graphs {
		graph := rdfc.None
		if name != "@default" {
			graph = c.named(name)
		}
		for _, q := range quads {
			c.d.Add(c.node(q.Subject), "<"+c.iri(q.Predicate.GetValue())+">", c.object(q.Object), graph)
		}
	}
	if c.err != nil {
		c.d.Release()
		return nil, c.err
	}
	return c.d, nil
}

func (c *conversion) named(name string) rdfc.Node {
	if strings.HasPrefix(name, "_:") {
		if _, known := c.blanks[name]; !known {
			c.blanks[name] = c.d.Blank()
		}
		return c.blanks[name]
	}
	return c.d.IRI(c.iri(name))
}

// iri refuses what N-Quads would not write unambiguously: json-gold does not
// escape.
func (c *conversion) iri(s string) string {
	if c.err == nil && !contexts.IsAbsoluteIRI(s) {
		c.err = lost("%.200q is not an IRI that N-Quads can write", s)
	}
	return s
}

func (c *conversion) node(n ld.Node) rdfc.Node {
	switch n.(type) {
	case ld.IRI, *ld.IRI:
		return c.d.IRI(c.iri(n.GetValue()))
	case ld.BlankNode, *ld.BlankNode:
		return c.named(n.GetValue())
	}
	if c.err == nil {
		c.err = lost("a %T as subject", n)
	}
	return rdfc.None
}

func (c *conversion) object(n ld.Node) rdfc.Object {
	var literal ld.Literal
	switch x := n.(type) {
	case ld.Literal:
		literal = x
	case *ld.Literal:
		literal = *x
	default:
		return rdfc.Object{Node: c.node(n)}
	}
	o := rdfc.Object{Node: rdfc.None, Lexical: literal.Value, Datatype: literal.Datatype, Language: literal.Language}
	switch {
	case o.Language != "":
		o.Datatype = ""
	case o.Datatype == typeJSON:
		v, err := strictjson.Parse(o.Lexical, c.bounds.JSON(c.bounds.PresentationBytes))
		if err != nil || v.Kind() != strictjson.Object {
			if c.err == nil {
				c.err = refuse(code.EnvelopeUnsupported, strictjson.Value{}, "json-gold writes a JSON literal as %.80q", o.Lexical)
			}
			return o
		}
		o.Lexical = string(jcs.Append(nil, v))
	}
	if o.Datatype != "" {
		c.iri(o.Datatype)
	}
	return o
}
