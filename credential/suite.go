package credential

import (
	"crypto/sha256"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/scratch"
)

// SuiteJCS is the default cryptosuite, eddsa-jcs-2022.
const SuiteJCS = "eddsa-jcs-2022"

// suite is a cryptosuite: a way to turn a document and the options of one
// proof into the 64 bytes that Ed25519 signs.
type suite interface {
	name() string
	// bindsContext says that proofs carry the document's @context.
	bindsContext() bool
	// hash returns the hash of the proof options and, behind it, the hash of
	// the document.
	hash(in suiteInput) (sum [2 * sha256.Size]byte, err error)
}

type suiteInput struct {
	document *secured
	options  Value   // the proof; its proofValue, if any, is left out
	matching []Value // the proofs named in previousProof, in document order
	whole    *wholeSum
}

// wholeSum is the SHA-256 of a document's canonical form with its proofs, of
// which its digest is made. A suite whose transformation comes near it fills it
// in on the way.
type wholeSum struct {
	sum  [sha256.Size]byte
	made bool
}

// suites are the cryptosuites known; the set is closed.
var suites = [...]suite{eddsaJCS2022{}, eddsaRDFC2022{}}

func suiteNamed(name string) suite {
	for _, s := range suites {
		if s.name() == name {
			return s
		}
	}
	return nil
}

// eddsaJCS2022 is VC-DI-EDDSA section 3.3.
type eddsaJCS2022 struct{}

func (eddsaJCS2022) name() string { return SuiteJCS }

func (eddsaJCS2022) bindsContext() bool { return true }

func (eddsaJCS2022) hash(in suiteInput) (sum [2 * sha256.Size]byte, err error) {
	buf := scratch.Get()
	defer scratch.Put(buf)

	// 3.3.5 Proof Configuration: the options without the signature.
	*buf = jcs.AppendEdited(*buf, in.options, jcs.Edit{Name: "proofValue"})
	proofHash := sha256.Sum256(*buf)

	// 3.3.3 Transformation: the document without its proofs, but with those
	// that this one continues (VC-DATA-INTEGRITY section 4.3).
	var documentHash [sha256.Size]byte
	*buf = (*buf)[:0]
	switch {
	case len(in.matching) == 0 && in.whole != nil:
		var proof jcs.Cut
		*buf, proof = jcs.AppendObject(*buf, in.document.root, "proof")
		f := forks.Get().(*fork)
		documentHash, in.whole.sum, err = f.sums(*buf, proof)
		forks.Put(f)
		if err != nil {
			return sum, err
		}
		in.whole.made = true
	case len(in.matching) == 0:
		*buf = in.document.appendUnsecured(*buf)
		documentHash = sha256.Sum256(*buf)
	default:
		b := scratch.Get()
		defer scratch.Put(b)
		*b = appendMatching(*b, in.matching)
		*buf = jcs.AppendEdited(*buf, in.document.root, jcs.Edit{Name: "proof", Text: *b})
		documentHash = sha256.Sum256(*buf)
	}

	// 3.3.4 Hashing: the proof's hash comes first.
	copy(sum[:], proofHash[:])
	copy(sum[sha256.Size:], documentHash[:])
	return sum, nil
}

// appendMatching appends the proofs that one continues as the list that takes
// the place of all proofs; nothing if it continues none.
func appendMatching(dst []byte, matching []Value) []byte {
	for i, m := range matching {
		if i == 0 {
			dst = append(dst, '[')
		} else {
			dst = append(dst, ',')
		}
		dst = jcs.Append(dst, m)
	}
	if len(matching) > 0 {
		dst = append(dst, ']')
	}
	return dst
}

// checkContext compares the contexts that a proof was made over with those of
// the document. The specification is content when the document's begin with
// the proof's, which lets a holder append contexts; here they must be equal.
func checkContext(document, options Value) error {
	bound := options.Get("@context")
	if !bound.Exists() {
		return nil // the document's own @context is under the signature
	}
	if bound.Raw() == document.Get("@context").Raw() {
		return nil
	}
	a, b := scratch.Get(), scratch.Get()
	defer scratch.Put(a)
	defer scratch.Put(b)
	*a, *b = jcs.Append(*a, bound), jcs.Append(*b, document.Get("@context"))
	if string(*a) != string(*b) {
		return fault(code.EnvelopeContext, bound.Path(), "the proof was made over other contexts than the document has now")
	}
	return nil
}
