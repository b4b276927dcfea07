// Package jsonld turns a strictly parsed JSON-LD document into its RDF dataset
// and canonicalises that: what eddsa-rdfc-2022 signs.
//
// It is JSON-LD 1.1 Processing Algorithms and API (W3C Recommendation, 16 July
// 2020), expansion (section 5.1) and deserialisation to RDF (section 8) in one
// walk: quads are written as their place in the tree is reached, and there is
// no expanded document in between. Step numbers stand beside the code, X for
// the expansion algorithm (5.1.2), V for value expansion (5.3.2), R for object
// to RDF (8.2.2).
//
// Where JSON-LD drops something, this package refuses: a term that nothing
// defines, a relative IRI without base, null, an empty array that is no list,
// a value that belongs to no node, a number that RDF would round. What is outside
// its subset it refuses by name: @import, blank nodes as predicates, contexts
// that would have to be fetched, framing keywords, arrays inside @list without
// a list container.
package jsonld

import (
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/profile"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Input is a document, or a part of one that is treated as a document.
type Input struct {
	Root strictjson.Value

	// Active is the active context of Root, whose own @context member is then
	// skipped. With Conformance it is what Root's own @context is applied to;
	// nil is the initial context of the embedded set.
	Active *contexts.Active

	// Skip names members of Root that are treated as absent; not for id and
	// type. With Conformance @context may be one.
	Skip  []string
	Extra []profile.Member // further members of Root

	// Claims is what profile.Check has returned for Root under Active with
	// the same Skip and Extra, where that was asked already; 0 asks it.
	Claims int

	// Hash labels blank nodes and is what [AppendHash] appends; zero: SHA-256.
	Hash rdfc.Algorithm

	// NoDirection refuses texts with a base direction. Otherwise they become
	// literals with a datatype of the i18n namespace (rdfDirection
	// i18n-datatype): of the ways that the API has, the one without loss.
	NoDirection bool

	// Conformance leaves the strict profile of [profile.Check] out, so that
	// inline contexts, @vocab and keywords in documents are understood. Still
	// nothing is fetched and nothing is dropped.
	Conformance bool

	// DropIndex drops @index, the keys of @index maps, and those of @id maps
	// whose items are something else, as the algorithms do. They say nothing in
	// RDF, so no signature over RDF covers them: whoever checks one leaves this
	// false, and they are refused.
	DropIndex bool
}

// AppendHash appends the hash of the canonical N-Quads of a document. Errors are
// [*code.Error]: those of [profile.Check]; envelope.data_loss where a claim
// would be lost, or is there twice; envelope.unsupported outside the subset;
// proof.too_complex above the bounds, which must be resolved.
func AppendHash(dst []byte, in Input, bounds limits.Documents) ([]byte, error) {
	d, err := canonicalize(in, bounds)
	if err != nil {
		return dst, err
	}
	defer d.Release()
	return d.AppendSum(dst), nil
}

// NQuads returns the canonical N-Quads themselves. Errors are those of [AppendHash].
func NQuads(in Input, bounds limits.Documents) ([]byte, error) {
	d, err := canonicalize(in, bounds)
	if err != nil {
		return nil, err
	}
	defer d.Release()
	return d.AppendNQuads(nil), nil
}

func canonicalize(in Input, bounds limits.Documents) (*rdfc.Dataset, error) {
	claims := in.Claims
	if !in.Conformance && claims == 0 {
		var err error
		claims, err = profile.Check(in.Root, in.Active, profile.Options{Skip: in.Skip, Extra: in.Extra, MaxIRI: bounds.IRIBytes})
		if err != nil {
			return nil, err
		}
	}
	d, err := toRDF(in, bounds)
	if err != nil {
		return nil, err
	}
	if err := d.Canonicalize(bounds, in.Hash); err != nil {
		d.Release()
		return nil, err
	}
	// The loss check: the profile walk has counted, on its own, how many
	// distinct quads the document must become.
	if got := d.Distinct(); !in.Conformance && got != claims {
		d.Release()
		return nil, &code.Error{
			Code: code.EnvelopeDataLoss, Detail: "the document does not say in RDF what it says in JSON: a claim is lost or is listed twice",
			Limit: fmt.Sprintf("%d claims", claims), Actual: fmt.Sprintf("%d quads", got),
		}
	}
	return d, nil
}

// toRDF returns the dataset of a document, not canonicalised.
func toRDF(in Input, bounds limits.Documents) (*rdfc.Dataset, error) {
	a := in.Active
	if a == nil {
		a = contexts.Default().Initial()
	}
	e := emitters.Get().(*emitter)
	defer e.release()
	d := rdfc.New()
	e.d, e.in, e.bounds = d, in, bounds
	e.skipContext = !in.Conformance || slices.Contains(in.Skip, "@context")
	if err := e.document(in.Root, a); err != nil {
		d.Release()
		return nil, err
	}
	return d, nil
}

func fail(c code.Code, at strictjson.Value, format string, args ...any) error {
	return &code.Error{Code: c, Path: at.Path(), Detail: fmt.Sprintf(format, args...)}
}

func malformed(at strictjson.Value, format string, args ...any) error {
	return fail(code.EnvelopeMalformed, at, format, args...)
}

func lost(at strictjson.Value, format string, args ...any) error {
	return fail(code.EnvelopeDataLoss, at, format, args...)
}

func unsupported(at strictjson.Value, format string, args ...any) error {
	return fail(code.EnvelopeUnsupported, at, format, args...)
}

// place says of an error of the context where it showed.
func place(at strictjson.Value, err error) error {
	if e, ok := err.(*code.Error); ok && e.Path == "" {
		e.Path = at.Path()
	}
	return err
}
