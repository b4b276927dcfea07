package contexts

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Active is an active context: what every name means at one place of a
// document (JSON-LD 1.1 API, section 4.1). It is immutable and safe for
// concurrent use; what follows from it by scoped contexts is remembered.
type Active struct {
	set      *Set
	outer    *Active          // defines what this one does not; nil if there is none
	layers   int              // how many are below
	terms    map[string]*Term // own terms; nil while one is being created
	table    table            // the same, for reading
	vocab    string           // the vocabulary mapping; "" unless hasVocab
	hasVocab bool
	base     string // base IRI; "" is none: a relative reference has no meaning
	language string
	dir      string

	hasProtected bool
	hasPrefixes  bool    // some term may begin a compact IRI
	hasOdd       bool    // some term has a colon or an at sign in its name
	previous     *Active // to return to in nested nodes, where this context does not propagate

	idNames   []string // @id and its aliases
	typeNames []string // @type and its aliases, ordered
	aliases   bool     // there are aliases of other keywords

	memo *memory // nil for contexts that hang on one document's inline context
	next atomic.Pointer[steps]
}

// step is one way to get from an active context to another.
type step struct {
	local strictjson.Value
	how   mode
}

// mode is how a local context is applied.
type mode uint8

const (
	modeContext  mode = iota // @context of a document, and of a term in an @type map
	modeProperty             // property-scoped: may override protected terms
	modeType                 // type-scoped: does not reach nested nodes
)

// steps are the ways on from one active context that are remembered. Few are
// found faster by looking at each than by a hash; there are more only where
// somebody combines.
type steps struct {
	few  []taken
	more map[step]*Active
}

type taken struct {
	step
	to *Active
}

const fewSteps = 16

// to returns where s leads, nil if that is not remembered.
func (x *steps) to(s step) *Active {
	if x == nil {
		return nil
	}
	for i := range x.few {
		if x.few[i].step == s {
			return x.few[i].to
		}
	}
	return x.more[s]
}

func (x *steps) len() int {
	if x == nil {
		return 0
	}
	return len(x.few) + len(x.more)
}

// with returns a copy of x in which s leads to a.
func (x *steps) with(s step, a *Active) *steps {
	switch {
	case x == nil:
		return &steps{few: []taken{{s, a}}}
	case len(x.few) < fewSteps:
		return &steps{few: append(slices.Clip(x.few), taken{s, a})}
	}
	more := maps.Clone(x.more)
	if more == nil {
		more = make(map[step]*Active, 1)
	}
	more[s] = a
	return &steps{x.few, more}
}

// memory counts the active contexts that one generation of a [Set] remembers.
// Types and properties can be combined without end, and a stranger chooses the
// combination: at the bound the generation is dropped and grown anew.
type memory struct{ count atomic.Int32 }

const (
	maxRemembered = 256 // active contexts of one generation, about 10 KB each
	maxLocal      = 32  // active contexts that follow from one that is not remembered itself
)

// Term returns the definition of name, nil if the context has none.
func (a *Active) Term(name string) *Term {
	for ; a != nil; a = a.outer {
		if t := a.table.get(name); t != nil {
			return t
		}
	}
	return nil
}

// term is Term also while the context is being made.
func (a *Active) term(name string) *Term {
	if a.table.slots != nil {
		return a.Term(name)
	}
	if t, own := a.terms[name]; own {
		return t
	}
	return a.outer.Term(name)
}

// IDNames returns the member names that stand for @id, TypeNames those for
// @type, both in order and not to be changed.
func (a *Active) IDNames() []string { return a.idNames }

// TypeNames: see [Active.IDNames].
func (a *Active) TypeNames() []string { return a.typeNames }

// HasAliases reports whether a term is, or was in a context around this one, an
// alias of a keyword other than @id and @type.
func (a *Active) HasAliases() bool { return a.aliases }

// seal computes what is looked up often, when all terms are there.
func (a *Active) seal() *Active {
	a.table = newTable(a.terms)
	if a.outer != nil && a.sameAliases() {
		a.idNames, a.typeNames, a.aliases = a.outer.idNames, a.outer.typeNames, a.outer.aliases
		return a
	}
	a.idNames, a.typeNames, a.aliases = []string{"@id"}, []string{"@type"}, false
	if a.outer != nil { // its names, but for those that mean something else here
		gone := func(name string) bool { _, own := a.terms[name]; return own && name[0] != '@' }
		a.idNames = slices.DeleteFunc(slices.Clone(a.outer.idNames), gone)
		a.typeNames = slices.DeleteFunc(slices.Clone(a.outer.typeNames), gone)
		a.aliases = a.outer.aliases
	}
	for name, t := range a.terms {
		switch {
		case name == "@type" || t.Keyword == NoKeyword:
		case t.Keyword == KeywordType:
			a.typeNames = append(a.typeNames, name)
		case t.Keyword == KeywordID:
			a.idNames = append(a.idNames, name)
		default:
			a.aliases = true
		}
	}
	slices.Sort(a.idNames)
	slices.Sort(a.typeNames)
	return a
}

// sameAliases reports whether keywords have the names that they have outside.
func (a *Active) sameAliases() bool {
	for name, t := range a.terms {
		var before Keyword
		if o := a.outer.Term(name); o != nil {
			before = o.Keyword
		}
		if t.Keyword != before {
			return false
		}
	}
	return true
}

// all returns the terms of all layers.
func (a *Active) all() map[string]*Term {
	if a.outer == nil {
		return a.terms
	}
	m := maps.Clone(a.outer.all())
	if m == nil {
		m = make(map[string]*Term, len(a.terms))
	}
	maps.Copy(m, a.terms)
	return m
}

// Previous returns the context to return to in nested nodes, nil if a
// propagates.
func (a *Active) Previous() *Active { return a.previous }

// Language returns the default language, "" if there is none.
func (a *Active) Language() string { return a.language }

// Direction returns the default base direction: "ltr", "rtl" or "".
func (a *Active) Direction() string { return a.dir }

// IsEmpty reports whether a defines nothing, as behind a null context.
func (a *Active) IsEmpty() bool {
	return len(a.terms) == 0 && (a.outer == nil || a.outer.IsEmpty()) && !a.hasVocab && a.language == "" && a.dir == ""
}

// ForProperty returns the context that holds in the values of property t: a
// itself unless t has a scope. (In a nested node a is the context returned to,
// which need not define t.) Errors are [*code.Error] with
// envelope.context.
func (a *Active) ForProperty(t *Term) (*Active, error) {
	if t == nil || !t.Scope.Exists() {
		return a, nil
	}
	return a.follow(step{t.Scope, modeProperty})
}

// ForType returns the context that holds in a node of type t, a term of the
// context in which the node's types are read. Types are to be applied in
// lexical order.
func (a *Active) ForType(t *Term) (*Active, error) {
	if t == nil || !t.Scope.Exists() {
		return a, nil
	}
	return a.follow(step{t.Scope, modeType})
}

// ForTypeIndex returns the context of values filed in an @type map under t.
func (a *Active) ForTypeIndex(t *Term) (*Active, error) {
	if t == nil || !t.Scope.Exists() {
		return a, nil
	}
	return a.follow(step{t.Scope, modeContext})
}

func (a *Active) follow(s step) (*Active, error) {
	if b := a.next.Load().to(s); b != nil {
		return b, nil
	}
	b := a.overlay(s)
	if b == nil {
		var err error
		if b, err = a.process(s.local, s.how, 0); err != nil {
			return nil, err
		}
	}
	return a.remember(s, b), nil
}

// remember keeps b as what follows from a by s. Of two goroutines that find
// the same, one wins and both go on with its result.
func (a *Active) remember(s step, b *Active) *Active {
	for {
		old := a.next.Load()
		if known := old.to(s); known != nil {
			return known
		}
		if a.memo == nil && old.len() >= maxLocal {
			return b
		}
		if a.next.CompareAndSwap(old, old.with(s, b)) {
			if a.memo != nil && a.memo.count.Add(1) >= maxRemembered {
				a.set.renew(a.memo)
			}
			return b
		}
	}
}

// derive returns a copy of a to be changed before it is published. A scoped
// context, and one that stands in a document, is small and is put over the one
// it is applied to, so that the combinations that somebody thinks of cost what
// they add; nesting in the document bounds how many layers there are. A root
// context is one layer.
func (a *Active) derive(how mode) *Active {
	b := &Active{
		set: a.set, vocab: a.vocab, hasVocab: a.hasVocab, base: a.base,
		language: a.language, dir: a.dir, hasProtected: a.hasProtected, hasPrefixes: a.hasPrefixes,
		hasOdd: a.hasOdd, previous: a.previous, memo: a.memo,
	}
	if how == modeContext && a.memo != nil {
		b.terms = maps.Clone(a.all())
	} else {
		b.outer, b.layers = a, a.layers+1
	}
	return b
}

// ExpandIRI expands a name or reference as section 5.2 of the API does: to an
// IRI, a blank node identifier or a keyword. vocab looks terms up and applies
// the vocabulary mapping; document resolves against the base. The result may
// still be relative, for the caller to refuse; ok is false if value stands for
// nothing: a term mapped to null, or what only looks like a keyword.
func (a *Active) ExpandIRI(value string, document, vocab bool) (iri string, ok bool) {
	if KeywordOf(value) != NoKeyword { // step 1
		return value, true
	}
	if HasKeywordForm(value) { // step 2
		return "", false
	}
	if t := a.term(value); t != nil {
		if t.Keyword != NoKeyword { // step 4
			return t.IRI, true
		}
		if vocab { // step 5
			return t.IRI, t.IRI != ""
		}
	}
	if i := colonAfterFirst(value); i > 0 { // step 6
		prefix, suffix := value[:i], value[i+1:]
		if prefix == "_" || strings.HasPrefix(suffix, "//") { // step 6.2
			return value, true
		}
		if t := a.prefix(prefix); t != nil { // step 6.4
			return t.IRI + suffix, true
		}
		if SchemeEnd(value) > 0 { // step 6.5
			return value, true
		}
	}
	if vocab && a.hasVocab { // step 7
		return a.vocab + value, true
	}
	if document && a.base != "" { // step 8
		return resolveReference(a.base, value), true
	}
	return value, true
}

// HasVocab reports whether the context has a vocabulary mapping, so that every
// name expands to something.
func (a *Active) HasVocab() bool { return a.hasVocab }

// IsCompact reports whether s begins with a prefix of this context and ':'.
func (a *Active) IsCompact(s string) bool {
	if !a.hasPrefixes {
		return false
	}
	end := SchemeEnd(s)
	return end >= 0 && a.prefix(s[:end]) != nil
}

// prefix returns the term that may begin a compact IRI with that prefix.
func (a *Active) prefix(name string) *Term {
	if !a.hasPrefixes {
		return nil
	}
	if t := a.term(name); t != nil && t.Prefix && t.IRI != "" {
		return t
	}
	return nil
}

// colonAfterFirst returns the index of the first colon that is not the first
// character, or -1.
func colonAfterFirst(s string) int {
	if s == "" {
		return -1
	}
	if i := strings.IndexByte(s[1:], ':'); i >= 0 {
		return i + 1
	}
	return -1
}
