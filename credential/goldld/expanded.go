package goldld

import (
	"math"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// walk goes through an expanded document, refuses what RDF would drop or blur,
// and counts the statements.
type walk struct {
	bounds     limits.Documents
	statements int
}

const embeddedCredential = "https://www.w3.org/2018/credentials#verifiableCredential"

func lost(format string, args ...any) error {
	return refuse(code.EnvelopeDataLoss, strictjson.Value{}, format, args...)
}

func (w *walk) document(list []any) error {
	if len(list) == 0 {
		return lost("nothing is left of the document")
	}
	for _, item := range list {
		if err := w.node(item, true); err != nil {
			return err
		}
	}
	return nil
}

// node is a node object. At the top, one that says nothing would vanish.
func (w *walk) node(v any, top bool) error {
	node, ok := v.(map[string]any)
	if !ok {
		return lost("a value that belongs to no node: %.80v", v)
	}
	before := w.statements
	for name, m := range node {
		var err error
		switch name {
		case "@id":
			err = w.id(m)
		case "@type":
			err = w.types(m)
		case "@graph":
			if id, named := node["@id"]; len(node) > 1 && !named {
				err = lost("a graph without name beside other members: %v", id)
			} else {
				err = w.nodes(m)
			}
		case "@included":
			err = w.nodes(m)
		case "@reverse":
			err = w.reverse(m)
		default:
			err = w.property(name, m)
		}
		if err != nil {
			return err
		}
	}
	if top && w.statements == before {
		return lost("an object that says nothing")
	}
	return nil
}

func (w *walk) id(v any) error {
	s, ok := v.(string)
	if !ok || !w.isNode(s) {
		return lost("identifier %.200v is neither an absolute IRI nor a blank node", v)
	}
	return nil
}

func (w *walk) isNode(s string) bool {
	return strings.HasPrefix(s, "_:") && len(s) > 2 || w.isIRI(s)
}

func (w *walk) isIRI(s string) bool {
	return len(s) <= w.bounds.IRIBytes && contexts.IsAbsoluteIRI(s)
}

func (w *walk) types(v any) error {
	list, ok := v.([]any)
	if !ok {
		return lost("types %.80v", v)
	}
	for _, t := range list {
		s, ok := t.(string)
		if !ok || !w.isNode(s) {
			return lost("type %.200v is not an absolute IRI", t)
		}
		w.statements++
	}
	return nil
}

func (w *walk) nodes(v any) error {
	list, ok := v.([]any)
	if !ok {
		return lost("a graph that is not a list of nodes")
	}
	for _, item := range list {
		if err := w.node(item, true); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) reverse(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return lost("@reverse %.80v", v)
	}
	for name, values := range m {
		if err := w.property(name, values); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) property(name string, v any) error {
	// @index among others: it says nothing in RDF.
	if strings.HasPrefix(name, "@") || !w.isIRI(name) {
		return lost("%.200q is not a predicate that RDF can write", name)
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return lost("property %.200q has no values", name)
	}
	for _, item := range list {
		w.statements++
		if err := w.value(item); err != nil {
			return err
		}
		if m, ok := item.(map[string]any); ok && name == embeddedCredential && (len(m) > 1 || m["@id"] == nil) {
			return refuse(code.ProofTransformation, strictjson.Value{},
				"a document with embedded credentials: json-gold does not put them into graphs of their own")
		}
	}
	return nil
}

func (w *walk) value(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return lost("value %.80v", v)
	}
	if list, ok := m["@list"]; ok {
		return w.list(m, list)
	}
	if value, ok := m["@value"]; ok {
		return w.literal(m, value)
	}
	return w.node(v, false)
}

func (w *walk) list(m map[string]any, v any) error {
	items, ok := v.([]any)
	if !ok || len(m) != 1 {
		return lost("a list with other members")
	}
	for _, item := range items {
		w.statements += 2 // rdf:first and rdf:rest
		if err := w.value(item); err != nil {
			return err
		}
	}
	return nil
}

const maxInteger = 1<<53 - 1

func (w *walk) literal(m map[string]any, v any) error {
	for name := range m {
		switch name {
		case "@value", "@type", "@language":
		default: // @direction, which json-gold does not say in RDF
			return lost("a literal with %.80s", name)
		}
	}
	typ, typed := m["@type"].(string)
	if typ == "@json" {
		if _, isObject := v.(map[string]any); !isObject {
			return refuse(code.EnvelopeUnsupported, strictjson.Value{},
				"a JSON literal that is not an object; json-gold would write an error message in its place")
		}
		return nil
	}
	if typed && !w.isIRI(typ) || !typed && m["@type"] != nil {
		return lost("datatype %.200v is not an absolute IRI", m["@type"])
	}
	if tag, ok := m["@language"]; ok {
		if s, isText := tag.(string); !isText || !contexts.IsLanguageTag(s) {
			return lost("language %.80v is not a language tag", tag)
		}
	}
	switch x := v.(type) {
	case string, bool:
	case float64:
		if x != math.Trunc(x) || math.Abs(x) > maxInteger {
			return refuse(code.EnvelopeMalformed, strictjson.Value{}, "number %v is not an integer within ±(2^53-1); write it as a string", x)
		}
	default:
		return lost("literal %.80v", v)
	}
	return nil
}
