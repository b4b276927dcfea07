package credential

import (
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/rdfc"
	"github.com/safeconduct/safeconduct/internal/scratch"
)

// The names of the cryptosuites. SuiteJCS signs the JSON of a document, in the
// form of RFC 8785. SuiteRDFC signs what a document says as RDF, whatever its
// JSON looks like.
const (
	SuiteJCS  = "eddsa-jcs-2022"  // the default
	SuiteRDFC = "eddsa-rdfc-2022" // the one most libraries know
)

// A Suite is a cryptosuite: how a Data Integrity proof is made.
type Suite struct {
	Name      string        // the member cryptosuite of a proof
	Algorithm did.Algorithm // what the key signs with
	RDF       bool          // it signs the RDF of a document; false: its JSON
}

// Suites lists every cryptosuite that is made and checked. The set is closed.
// The first one of an algorithm is the default of its signers.
func Suites() []Suite {
	list := make([]Suite, len(suites))
	for i := range suites {
		list[i] = suites[i].Suite
	}
	return list
}

// suites is the table of cryptosuites: a further one is a row here.
var suites = [...]suite{
	{Suite{Name: SuiteJCS, Algorithm: did.Ed25519}, jcsForm{}, rdfc.SHA256},
	{Suite{Name: SuiteRDFC, Algorithm: did.Ed25519, RDF: true}, rdfForm{}, rdfc.SHA256},
}

// suite is one row of the table. It turns a document and the options of one
// proof into the bytes that are signed.
type suite struct {
	Suite
	form canonicalForm
	hash rdfc.Algorithm
}

// canonicalForm makes one text of all that say the same.
type canonicalForm interface {
	// bindsContext says that proofs carry the document's @context.
	bindsContext() bool
	// appendHashes appends the hash of the proof options and, behind it, the
	// hash of the document.
	appendHashes(dst []byte, in suiteInput) ([]byte, error)
}

type suiteInput struct {
	document *secured
	options  Value   // the proof; its proofValue, if any, is left out
	matching []Value // the proofs named in previousProof, in document order
	whole    *wholeSum
	hash     rdfc.Algorithm
	fresh    bool // options are not part of the document yet, and tell places from their own beginning
}

// appendSigned appends what the signature of a proof is over.
func (su *suite) appendSigned(dst []byte, in suiteInput) ([]byte, error) {
	in.hash = su.hash
	return su.form.appendHashes(dst, in)
}

// suiteNamed returns the row of a cryptosuite; nil if it is not known.
func suiteNamed(name string) *suite {
	for i := range suites {
		if suites[i].Name == name {
			return &suites[i]
		}
	}
	return nil
}

// suiteFor returns the suite that signers of an algorithm use unless they name
// another; nil if there is none.
func suiteFor(a did.Algorithm) *suite {
	for i := range suites {
		if suites[i].Algorithm == a {
			return &suites[i]
		}
	}
	return nil
}

// suiteNames lists the cryptosuites for a message.
func suiteNames(fits func(*suite) bool) string {
	text := ""
	for i := range suites {
		switch {
		case !fits(&suites[i]):
		case text == "":
			text = suites[i].Name
		default:
			text += " or " + suites[i].Name
		}
	}
	return text
}

// jcsForm is RFC 8785, as in VC-DI-EDDSA section 3.3.
type jcsForm struct{}

func (jcsForm) bindsContext() bool { return true }

func (jcsForm) appendHashes(dst []byte, in suiteInput) ([]byte, error) {
	buf := scratch.Get()
	defer scratch.Put(buf)

	// 3.3.5 Proof Configuration: the options without the signature.
	// 3.3.4 Hashing: their hash comes first.
	*buf = jcs.AppendEdited(*buf, in.options, jcs.Edit{Name: "proofValue"})
	dst = in.hash.AppendSum(dst, *buf)

	// 3.3.3 Transformation: the document without its proofs, but with those
	// that this one continues (VC-DATA-INTEGRITY section 4.3).
	*buf = (*buf)[:0]
	switch {
	case len(in.matching) == 0 && in.whole != nil && in.hash == rdfc.SHA256:
		var proof jcs.Cut
		*buf, proof = jcs.AppendObject(*buf, in.document.root, "proof")
		f := forks.Get().(*fork)
		sum, whole, err := f.sums(*buf, proof)
		forks.Put(f)
		if err != nil {
			return dst, err
		}
		in.whole.sum, in.whole.made = whole, true
		return append(dst, sum[:]...), nil
	case len(in.matching) == 0:
		*buf = in.document.appendUnsecured(*buf)
	default:
		b := scratch.Get()
		defer scratch.Put(b)
		*b = appendMatching(*b, in.matching)
		*buf = jcs.AppendEdited(*buf, in.document.root, jcs.Edit{Name: "proof", Text: *b})
	}
	return in.hash.AppendSum(dst, *buf), nil
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
