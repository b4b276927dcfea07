package credential

import (
	"context"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/rdfc"
)

// Canonicalizer turns a JSON-LD document into the canonical N-Quads of its RDF
// dataset: RDFC-1.0 with SHA-256. Package goldld has one, on json-gold, for
// hosts that must take inline contexts which the own engine does not.
//
// It stands in for the own engine under the profile [Conformance] alone, and
// then answers for everything that the strict profile would have refused: it
// must fetch nothing, and refuse a document of which RDF would not say the
// whole. Package verify never uses one.
//
// Implementations are safe for concurrent use, keep no reference to doc, and
// should fail with an [*Error] of code envelope.data_loss, envelope.context,
// envelope.malformed, envelope.unsupported or proof.too_complex. The ctx is
// that of the caller where there is one, else the background.
type Canonicalizer interface {
	Canonicalize(ctx context.Context, doc []byte) ([]byte, error)
}

// checkCanonicalizer refuses a canonicalizer where the strict profile would not
// stand behind it any more.
func (p *Parser) checkCanonicalizer() error {
	if p.Canonicalizer != nil && p.Profile != Conformance {
		return fault(code.RequestInvalid, "", "a Canonicalizer needs the profile Conformance")
	}
	return nil
}

// checkCanonical holds a document to what a canonicalizer makes of it. The
// credentials in a presentation were read, and held to it, by themselves.
func (s *secured) checkCanonical(skip []string) error {
	_, err := s.canonical(without(s.root, skip))
	return err
}

func (s *secured) canonical(text []byte) (out []byte, err error) {
	defer panicked("the Canonicalizer", &err)
	out, err = s.canonicalizer.Canonicalize(context.Background(), text)
	if err == nil && len(out) == 0 {
		err = errors.New("the document says nothing in RDF")
	}
	if err != nil && code.Of(err) == "" {
		err = &Error{Code: code.EnvelopeUnsupported, Path: s.root.Path(), Err: err}
	}
	return out, err
}

// without writes an object without some of its members.
func without(v Value, names []string) []byte {
	text := []byte{'{'}
	for name, m := range v.Members() {
		if hasText(names, name) {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(jcs.AppendString(text, name), ':')
		text = jcs.Append(text, m)
	}
	return append(text, '}')
}

// appendHashesOfHost is [rdfForm.appendHashes] by way of a Canonicalizer.
func appendHashesOfHost(dst []byte, in suiteInput) ([]byte, error) {
	s := in.document
	if in.hash != rdfc.SHA256 {
		return dst, fault(code.ProofTransformation, s.root.Path(), "a Canonicalizer labels blank nodes by SHA-256 alone")
	}
	options := in.options
	if !options.Get("@context").Exists() {
		options = options.WithMember("@context", s.root.Get("@context"))
	}
	text := jcs.AppendEdited(nil, options, jcs.Edit{Name: "proofValue"})
	canonical, err := s.canonical(text)
	if err != nil {
		return dst, fmt.Errorf("the proof options: %w", err)
	}
	dst = in.hash.AppendSum(dst, canonical)

	canonical, err = s.canonical(jcs.AppendEdited(nil, s.root, jcs.Edit{Name: "proof", Text: appendMatching(nil, in.matching)}))
	if err != nil {
		return dst, err
	}
	return in.hash.AppendSum(dst, canonical), nil
}
