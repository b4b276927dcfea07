package credential

import (
	"crypto/sha256"

	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonld"
)

// SuiteRDFC is the cryptosuite eddsa-rdfc-2022: it signs what a document says
// as RDF, whatever its JSON looks like.
const SuiteRDFC = "eddsa-rdfc-2022"

// graphBounds are the caps on the RDF of a document.
func (s *secured) graphBounds() Bounds {
	b := *s.bounds
	b.Quads = int(s.quads)
	return b
}

// eddsaRDFC2022 is VC-DI-EDDSA section 3.2.
type eddsaRDFC2022 struct{}

func (eddsaRDFC2022) name() string { return SuiteRDFC }

func (eddsaRDFC2022) bindsContext() bool { return false }

func (eddsaRDFC2022) hash(in suiteInput) (sum [2 * sha256.Size]byte, err error) {
	doc := in.document
	if doc.canonicalizer != nil {
		return hashCanonical(in)
	}
	active, err := doc.active()
	if err != nil {
		return sum, err
	}
	bounds, inline := doc.graphBounds(), doc.profile == Conformance

	// 3.2.5 Proof Configuration: the options without the signature, under the
	// contexts of the document.
	proofHash, err := jsonld.Hash(jsonld.Input{Root: in.options, Active: active, Skip: proofParts, Conformance: inline}, bounds)
	if err != nil {
		return sum, err
	}

	// 3.2.3 Transformation: the document without its proofs, but with those
	// that this one continues (VC-DATA-INTEGRITY section 4.3).
	var extra []contexts.Member
	for _, m := range in.matching {
		extra = append(extra, contexts.Member{Name: "proof", Value: m})
	}
	claims := int(doc.claims) // counted when the document was parsed
	if len(extra) > 0 {
		claims = 0
	}
	documentHash, err := jsonld.Hash(jsonld.Input{Root: doc.root, Active: active, Skip: documentParts, Extra: extra, Claims: claims, Conformance: inline}, bounds)
	if err != nil {
		return sum, err
	}

	// 3.2.4 Hashing: the proof's hash comes first.
	copy(sum[:], proofHash[:])
	copy(sum[sha256.Size:], documentHash[:])
	return sum, nil
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
