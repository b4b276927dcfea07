// Package profile is the strict JSON profile of JSON-LD documents: what passes
// it means the same to a reader of the JSON and to a reader of the RDF.
package profile

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Options says what [Check] looks at.
type Options struct {
	// Skip names members of the root that are not looked at and not counted,
	// as if they were not there; not for id and type. @context is always
	// skipped there.
	Skip []string
	// Extra are values that count as further members of the root.
	Extra []Member
	// MaxIRI is the longest identifier in bytes; 0 means the default of
	// limits.Bounds.IRIBytes.
	MaxIRI int
}

// Member is a member that is treated as if the root object had it.
type Member struct {
	Name  string
	Value strictjson.Value
}

// Check walks a document, or any object of one, under its active context and
// enforces the strict JSON profile: what passes means the same to a reader of
// the JSON and to a reader of the RDF, and nothing of it is lost on the way.
//
//   - A member name is a term of the active context at that place, with type-
//     and property-scoped contexts applied: otherwise envelope.data_loss. It
//     has no ':' and no '@'; @context stands at the root only (or where a term
//     has cleared the context, as verifiableCredential does).
//   - Identifiers are absolute IRIs ([contexts.IsAbsoluteIRI]); no two objects of one
//     document share one; no compact IRIs.
//   - There is no null and nothing empty, numbers are integers within
//     ±(2^53-1), arrays do not nest. The value of a JSON term is an object in
//     which every number is exact, and is not looked at otherwise.
//   - Language and direction objects stand only under name and description.
//
// It returns the number of claims: the distinct quads that the document must
// become, in which [the RDF engine] is held to account. Errors are
// [*code.Error] with envelope.malformed, envelope.data_loss, envelope.context,
// envelope.too_large or envelope.unsupported, and the place.
//
// [the RDF engine]: https://www.w3.org/TR/vc-data-integrity/#securing-data-losslessly
func Check(root strictjson.Value, a *contexts.Active, o Options) (claims int, err error) {
	if root.Kind() != strictjson.Object {
		return 0, malformed(root, "a document is %s, want an object", root.Kind())
	}
	if a == nil {
		return 0, &code.Error{Code: code.EnvelopeContext, Path: root.Path(), Detail: "a document without context"}
	}
	w := walkers.Get().(*walker)
	defer w.release()
	w.opts, w.maxIRI, w.document = o, o.MaxIRI, root
	if w.maxIRI == 0 {
		w.maxIRI = defaultMaxIRI()
	}
	if err := w.node(root, a, true); err != nil {
		return 0, err
	}
	if w.claims == 0 {
		return 0, &code.Error{Code: code.EnvelopeDataLoss, Path: root.Path(), Detail: "a document that claims nothing"}
	}
	return w.claims, nil
}

func malformed(at strictjson.Value, format string, args ...any) error {
	return &code.Error{Code: code.EnvelopeMalformed, Path: at.Path(), Detail: fmt.Sprintf(format, args...)}
}

func lost(at strictjson.Value, format string, args ...any) error {
	return &code.Error{Code: code.EnvelopeDataLoss, Path: at.Path(), Detail: fmt.Sprintf(format, args...)}
}

func unsupported(at strictjson.Value, format string, args ...any) error {
	return &code.Error{Code: code.EnvelopeUnsupported, Path: at.Path(), Detail: fmt.Sprintf(format, args...)}
}

type walker struct {
	opts   Options
	maxIRI int
	claims int
	ids    idSet

	document strictjson.Value // the one that the node belongs to
	inProof  bool             // the node is the value of a proof term
}

// sameContext reports whether two contexts are the same URLs in one order.
func sameContext(a, b strictjson.Value) bool {
	x, ok1 := contexts.URLs(a)
	y, ok2 := contexts.URLs(b)
	return ok1 && ok2 && len(x) > 0 && slices.Equal(x, y)
}

var walkers = sync.Pool{New: func() any { return &walker{ids: idSet{list: make([]string, 0, fewIDs)}} }}

func (w *walker) release() {
	clear(w.ids.list)
	*w = walker{ids: idSet{list: w.ids.list[:0]}}
	walkers.Put(w)
}

// node walks one node object. a is the active context of the place, with the
// property's own context applied already.
func (w *walker) node(v strictjson.Value, a *contexts.Active, root bool) error {
	if v.Len() == 0 {
		return malformed(v, "an empty object says nothing: leave the member out")
	}
	marked := hasKeyword(v)
	outer := idSet{}
	if marked && !root {
		switch local := v.Get("@context"); {
		case !local.Exists():
		case a.IsEmpty():
			inner, err := nested(a, local)
			if err != nil {
				return err
			}
			// A document of its own, with identifiers of its own.
			document := w.document
			a, outer, w.ids, w.document = inner, w.ids, idSet{}, v
			defer func() { w.ids, w.document = outer, document }() // also when it fails
		case w.inProof && sameContext(local, w.document.Get("@context")):
			// A proof of eddsa-jcs-2022 repeats the contexts of its document
			// (VC-DI-EDDSA section 3.3.1), which changes nothing.
		default:
			return &code.Error{Code: code.EnvelopeContext, Path: local.Path(), Detail: "a context inside the document; only the root may have one"}
		}
	}
	inner, err := w.types(v, a, marked)
	if err != nil {
		return err
	}
	for name, value := range v.Members() {
		if name == "@context" {
			continue // the root's is the caller's business
		}
		if root && slices.Contains(w.opts.Skip, name) {
			continue
		}
		if err := w.member(name, value, inner); err != nil {
			return err
		}
	}
	if root {
		for _, m := range w.opts.Extra {
			if err := w.member(m.Name, m.Value, inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// nested applies the @context of a document inside the document.
func nested(a *contexts.Active, local strictjson.Value) (*contexts.Active, error) {
	if _, ok := contexts.URLs(local); !ok {
		return nil, &code.Error{Code: code.EnvelopeContext, Path: local.Path(), Detail: "want a list of context URLs, inline contexts are not accepted"}
	}
	b, err := a.Local(local)
	if e, ok := err.(*code.Error); ok {
		e.Path = local.Path()
	}
	return b, err
}

// hasKeyword reports whether a member name begins with '@'. Few objects have
// one, and in the others no keyword need be looked for.
func hasKeyword(v strictjson.Value) bool {
	for name := range v.Members() {
		if name != "" && name[0] == '@' {
			return true
		}
	}
	return false
}

// types checks the types of a node and returns the context that they give it:
// steps 10 and 11 of expansion (JSON-LD 1.1 API, section 5.1.2).
func (w *walker) types(v strictjson.Value, a *contexts.Active, marked bool) (*contexts.Active, error) {
	var member strictjson.Value
	for _, name := range a.TypeNames() {
		if name[0] == '@' && !marked {
			continue
		}
		m := v.Get(name)
		if m.Exists() && member.Exists() {
			return nil, malformed(m, "the types of one object stand in two members")
		}
		if m.Exists() {
			member = m
		}
	}
	if !member.Exists() {
		return a, nil
	}
	if member.Kind() != strictjson.Array {
		return w.oneType(member, a)
	}
	if member.Len() == 0 {
		return nil, malformed(member, "no types: leave the member out")
	}
	return w.typeList(member, a)
}

func (w *walker) oneType(v strictjson.Value, a *contexts.Active) (*contexts.Active, error) {
	t, err := w.typeIRI(v, a)
	if err != nil || t == nil || !t.Scope.Exists() {
		return a, err
	}
	inner, err := a.ForType(t)
	return inner, place(v, err)
}

// place adds to an error of the context where it showed.
func place(at strictjson.Value, err error) error {
	if e, ok := err.(*code.Error); ok && e.Path == "" {
		e.Path = at.Path()
	}
	return err
}

// byName is the order in which the contexts of types apply.
func byName(x, y *contexts.Term) int { return cmp.Compare(x.Name, y.Name) }

func (w *walker) typeList(list strictjson.Value, a *contexts.Active) (*contexts.Active, error) {
	var space [8]*contexts.Term
	scoped := space[:0]
	for item := range list.Items() {
		t, err := w.typeIRI(item, a)
		if err != nil {
			return nil, err
		}
		if t != nil && t.Scope.Exists() {
			scoped = append(scoped, t)
		}
	}
	if err := distinct(list); err != nil {
		return nil, err
	}
	if !slices.IsSortedFunc(scoped, byName) { // mostly they are
		slices.SortFunc(scoped, byName)
	}
	inner := a
	for _, t := range scoped {
		next, err := inner.ForType(t)
		if err != nil {
			return nil, place(list, err)
		}
		inner = next
	}
	return inner, nil
}

// typeIRI checks one type: a term that stands for an absolute IRI, or such an
// IRI itself. It returns the term, nil for an IRI.
func (w *walker) typeIRI(v strictjson.Value, a *contexts.Active) (*contexts.Term, error) {
	s, ok := v.LookupStr()
	if !ok || s == "" {
		return nil, malformed(v, "a type is %s, want a name or an absolute IRI", describe(v))
	}
	w.claims++
	if t := a.Term(s); t != nil {
		if t.Predicate == "" {
			return nil, lost(v, "type %.100q has no meaning in RDF", s)
		}
		return t, nil
	}
	if contexts.SchemeEnd(s) < 0 && !a.HasVocab() {
		return nil, lost(v, "no context defines the type %.100q", s)
	}
	return nil, w.iri(v, s, a)
}

func describe(v strictjson.Value) string {
	if s, ok := v.LookupStr(); ok && s == "" {
		return "an empty string"
	}
	return v.Kind().String()
}

// iri checks that s, which stands at v, is an absolute IRI and taken as it
// stands, not as prefix and suffix.
func (w *walker) iri(at strictjson.Value, s string, a *contexts.Active) error {
	if len(s) > w.maxIRI {
		return &code.Error{Code: code.EnvelopeTooLarge, Path: at.Path(),
			Detail: fmt.Sprintf("an identifier of %d bytes", len(s)), Limit: fmt.Sprintf("%d bytes", w.maxIRI)}
	}
	if !contexts.IsAbsoluteIRI(s) {
		return malformed(at, "%.100q is not an absolute IRI in visible characters", s)
	}
	if a.IsCompact(s) && !hasAuthority(s) {
		return malformed(at, "%.100q is a compact IRI under this context; want it in full", s)
	}
	return nil
}

func hasAuthority(s string) bool {
	i := contexts.SchemeEnd(s)
	return len(s) > i+2 && s[i+1] == '/' && s[i+2] == '/'
}

var defaultMaxIRI = sync.OnceValue(func() int { return limits.Default().IRIBytes })
