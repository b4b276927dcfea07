package contexts

import (
	"bytes"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Coercion is what a term does to its values: its type mapping.
type Coercion uint8

// The type mappings of a [Term].
const (
	CoerceNone     Coercion = iota // no mapping, or @none
	CoerceID                       // @id: strings are IRIs
	CoerceVocab                    // @vocab: strings are IRIs or terms
	CoerceJSON                     // @json: values are JSON literals
	CoerceDatatype                 // an IRI: strings, numbers, booleans are literals of it
)

// Container is a set of container mappings.
type Container uint8

// The container mappings of a [Term].
const (
	ContainerGraph Container = 1 << iota
	ContainerID
	ContainerIndex
	ContainerLanguage
	ContainerList
	ContainerSet
	ContainerType
)

// Has reports whether any of the mappings in x is in c.
func (c Container) Has(x Container) bool { return c&x != 0 }

// Term is one term definition of an active context (JSON-LD 1.1 API, section
// 4.2). It is immutable.
type Term struct {
	// What every use of a term reads comes first, to lie close together.
	Name      string
	Predicate string // the IRI as N-Quads writes it: <IRI>
	Keyword   Keyword
	Coercion  Coercion
	Container Container
	Reverse   bool
	Odd       bool // the name has a colon or an at sign, which the profile refuses

	NoneType  bool // @type is @none, so that @language and @direction of the term are not looked at
	Prefix    bool // may begin a compact IRI
	Protected bool

	// Scope is the term's own context: property-scoped where the term is a
	// property, type-scoped where it is a type. Absent if there is none.
	Scope strictjson.Value

	IRI        string // "" if the term is mapped to null or to a keyword
	Datatype   string // with CoerceDatatype
	DatatypeOK bool   // it is an absolute IRI, which a literal needs

	Index string // the property of a property-valued index; "" for @index
	Nest  string // the @nest member it belongs to in compact form

	Language     string // the language mapping, "" if null
	HasLanguage  bool
	Direction    string // "ltr", "rtl", or "" if null
	HasDirection bool
}

// same reports whether t and o define the same but for the protected flag.
func (t *Term) same(o *Term) bool {
	a, b := *t, *o
	a.Protected, b.Protected = false, false
	a.Scope, b.Scope = strictjson.Value{}, strictjson.Value{}
	if a != b || t.Scope.Exists() != o.Scope.Exists() {
		return false
	}
	return t.Scope == o.Scope || bytes.Equal(jcs.Append(nil, t.Scope), jcs.Append(nil, o.Scope))
}
