package credential

import (
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/profile"
)

// graphBounds are the caps on the RDF of a document.
func (s *secured) graphBounds() limits.Documents {
	b := limits.Documents(*s.bounds)
	b.Quads = int(s.quads)
	return b
}

// rdfForm is RDFC-1.0, as in VC-DI-EDDSA section 3.2.
type rdfForm struct{}

func (rdfForm) bindsContext() bool { return false }

func (rdfForm) appendHashes(dst []byte, in suiteInput) ([]byte, error) {
	doc := in.document
	if doc.canonicalizer != nil {
		return appendHashesOfHost(dst, in)
	}
	active, err := doc.active()
	if err != nil {
		return dst, err
	}
	bounds, inline := doc.graphBounds(), doc.profile == Conformance

	// 3.2.5 Proof Configuration: the options without the signature, under the
	// contexts of the document.
	// 3.2.4 Hashing: their hash comes first.
	dst, err = jsonld.AppendHash(dst, jsonld.Input{Root: in.options, Active: active, Skip: proofParts, Conformance: inline, Hash: in.hash}, bounds)
	if err != nil && in.fresh {
		err = code.At(err, "/proof")
	}
	if err != nil {
		return dst, err
	}

	// 3.2.3 Transformation: the document without its proofs, but with those
	// that this one continues (VC-DATA-INTEGRITY section 4.3).
	var extra []profile.Member
	for _, m := range in.matching {
		extra = append(extra, profile.Member{Name: "proof", Value: m})
	}
	claims := int(doc.claims) // counted when the document was parsed
	if len(extra) > 0 {
		claims = 0
	}
	return jsonld.AppendHash(dst, jsonld.Input{
		Root: doc.root, Active: active, Skip: documentParts, Extra: extra, Claims: claims, Conformance: inline, Hash: in.hash,
	}, bounds)
}

var (
	proofParts    = []string{"@context", "proofValue"}
	documentParts = []string{"@context", "proof"}
)

// active returns the active context of the document.
func (s *secured) active() (*contexts.Active, error) {
	if s.profile != Conformance {
		return contexts.Default().Resolve(s.contexts)
	}
	set, err := conformanceSet()
	if err != nil {
		return nil, err
	}
	return set.Initial().Local(s.root.Get("@context"))
}
