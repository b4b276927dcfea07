package jsonld

import (
	"math"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

const (
	xsdBoolean = "http://www.w3.org/2001/XMLSchema#boolean"
	xsdInteger = "http://www.w3.org/2001/XMLSchema#integer"
	xsdDouble  = "http://www.w3.org/2001/XMLSchema#double"
)

// scalar expands a string, number or boolean: value expansion (5.3.2) and
// object to RDF (8.2.2) in one. It fills o in place, as there is one for nearly
// every quad.
func (e *emitter) scalar(v strictjson.Value, a *contexts.Active, t *contexts.Term, o *rdfc.Object) (err error) {
	if t != nil && t.Coercion == contexts.CoerceDatatype && !t.DatatypeOK {
		return lost(v, "datatype %.100q is not an absolute IRI", t.Datatype)
	}
	if t != nil && t.Coercion == contexts.CoerceJSON { // in a scope of the term; else X 13.6 has come before
		*o, err = e.jsonLiteral(v)
		return err
	}
	s, isString := v.LookupStr()
	if !isString {
		datatype := ""
		if t != nil {
			datatype = t.Datatype
		}
		*o, err = native(v, datatype)
		return err
	}
	if t == nil {
		*o, err = e.text(v, s, a.Language(), a.Direction())
		return err
	}
	if t.Coercion == contexts.CoerceID || t.Coercion == contexts.CoerceVocab { // V 1, V 2
		o.Node, err = e.reference(v, s, a, t.Coercion == contexts.CoerceVocab)
		return err
	}
	return e.literal(v, s, a, t, o)
}

// literal is a string under a term: V 4 and V 5.
func (e *emitter) literal(at strictjson.Value, s string, a *contexts.Active, t *contexts.Term, o *rdfc.Object) (err error) {
	o.Node, o.Lexical = rdfc.None, s
	if t.Coercion == contexts.CoerceDatatype {
		o.Datatype = t.Datatype
		return nil
	}
	lang, direction := a.Language(), a.Direction()
	if t.HasLanguage {
		lang = t.Language
	}
	if t.HasDirection {
		direction = t.Direction
	}
	if lang != "" || direction != "" {
		*o, err = e.text(at, s, lang, direction)
	}
	return err
}

// native converts a boolean or a number: R 9 to R 12. The datatype is an
// absolute IRI, or "" for that of the value.
func native(v strictjson.Value, datatype string) (rdfc.Object, error) {
	o := rdfc.Object{Node: rdfc.None, Datatype: datatype}
	if v.Kind() == strictjson.Bool {
		o.Lexical = v.Raw()
		o.Datatype = orElse(datatype, xsdBoolean)
		return o, nil
	}
	if _, ok := v.Int(); ok && datatype != xsdDouble {
		o.Lexical = v.Raw()
		o.Datatype = orElse(datatype, xsdInteger)
		return o, nil
	}
	if !v.ExactNumber() {
		return o, lost(v, "number %.40s would be rounded", v.Raw())
	}
	f, err := strconv.ParseFloat(v.Raw(), 64)
	if err != nil {
		return o, lost(v, "number %.40s is out of range", v.Raw())
	}
	if isWhole(f) && datatype != xsdDouble {
		o.Lexical = strconv.FormatFloat(f, 'f', 0, 64)
		o.Datatype = orElse(datatype, xsdInteger)
		return o, nil
	}
	o.Lexical = canonicalDouble(f)
	o.Datatype = orElse(datatype, xsdDouble)
	if back, err := strconv.ParseFloat(o.Lexical, 64); err != nil || back != f {
		return o, lost(v, "number %.40s would be rounded to the 16 digits of xsd:double", v.Raw())
	}
	return o, nil
}

// isWhole reports whether a number is written as an integer: no fraction, and
// below 10^21 (R 11).
func isWhole(f float64) bool {
	f = math.Abs(f)
	return f < 1e21 && f == math.Trunc(f)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// canonicalDouble writes a double as JSON-LD's data round tripping does
// (section 8.6): 16 digits, the zeros behind the last other one left out.
// Where two 16-digit numbers are equally near, engines differ; such a number
// has 17 digits itself and is refused by the caller.
func canonicalDouble(f float64) string {
	s := strconv.FormatFloat(f, 'E', 15, 64)
	mantissa, exponent, _ := strings.Cut(s, "E")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		fraction = "0"
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	if exponent = strings.TrimLeft(exponent, "+-0"); exponent == "" {
		exponent, sign = "0", ""
	}
	return whole + "." + fraction + "E" + sign + exponent
}

// jsonLiteral returns a JSON literal (R 8): the canonical form of the value.
func (e *emitter) jsonLiteral(v strictjson.Value) (rdfc.Object, error) {
	if e.in.Conformance { // the profile walk has looked already
		if n := v.InexactNumber(); n.Exists() {
			return rdfc.Object{}, lost(n, "number %.40s would be rounded", n.Raw())
		}
	}
	e.buf = jcs.Append(e.buf[:0], v)
	lexical := v.Raw() // canonical already, as a rule
	if string(e.buf) != lexical {
		lexical = string(e.buf)
	}
	return rdfc.Object{Node: rdfc.None, Lexical: lexical, Datatype: rdfJSON}, nil
}

// valueObject emits {"@value": …}: X 15.
func (e *emitter) valueObject(n *node, to *target) error {
	var typ strictjson.Value
	for _, name := range n.typeScoped.TypeNames() {
		if m := n.v.Get(name); m.Exists() {
			if typ.Exists() || m.Kind() != strictjson.String { // X 15.5
				return malformed(m, "the type of a value is not one string")
			}
			typ = m
		}
	}
	o, err := e.typedValue(n, typ)
	if err != nil {
		return err
	}
	return e.put(n.v, to, &o)
}

func (e *emitter) typedValue(n *node, typ strictjson.Value) (o rdfc.Object, err error) {
	if typ.Exists() {
		if n.language.Exists() || n.direction.Exists() { // X 15.2
			return o, malformed(n.v, "a value has both a type and a language or direction")
		}
		iri, ok := n.typeScoped.ExpandIRI(typ.Str(), true, true)
		if ok && iri == "@json" {
			return e.jsonLiteral(n.value)
		}
		if !ok || !contexts.IsAbsoluteIRI(iri) { // X 15.5
			return o, malformed(typ, "the type of a value is %.100q, want an absolute IRI", typ.Str())
		}
		o = rdfc.Object{Node: rdfc.None, Datatype: iri}
	}
	switch n.value.Kind() {
	case strictjson.String:
		if typ.Exists() {
			o.Lexical = n.value.Str()
			return o, nil
		}
		lang, direction, err := textTags(n)
		if err != nil {
			return o, err
		}
		return e.text(n.v, n.value.Str(), lang, direction)
	case strictjson.Number, strictjson.Bool:
		if n.language.Exists() { // X 15.4
			return o, malformed(n.v, "a value with a language is %s, want a string", n.value.Kind())
		}
		if n.direction.Exists() {
			return o, lost(n.v, "a value with a direction is %s, want a string", n.value.Kind())
		}
		return native(n.value, o.Datatype)
	case strictjson.Null: // X 15.3
		return o, lost(n.value, "@value is null")
	}
	return o, malformed(n.value, "@value is %s, want a string, a number or a boolean", n.value.Kind()) // X 13.4.7
}

// textTags reads @language and @direction: X 13.4.8 and X 13.4.9.
func textTags(n *node) (lang, direction string, err error) {
	if v := n.language; v.Exists() {
		s, ok := v.LookupStr()
		if !ok || !contexts.IsLanguageTag(s) {
			return "", "", malformed(v, "@language is %.40s, want a language tag", v.Raw())
		}
		lang = s
	}
	if v := n.direction; v.Exists() {
		if direction = v.Str(); direction != "ltr" && direction != "rtl" {
			return "", "", malformed(v, "@direction is %.40s, want \"ltr\" or \"rtl\"", v.Raw())
		}
	}
	return lang, direction, nil
}
