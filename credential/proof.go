package credential

import (
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ProofInfo is what one proof says of itself. Nothing in it is proven until
// the proof was checked.
type ProofInfo struct {
	ID          string
	Type        string // DataIntegrityProof, or the media type of an enveloped document
	Cryptosuite string // eddsa-jcs-2022, …; "" for an enveloped document

	// Supported says that proofs of this kind are checked here. Of others only
	// Type, Cryptosuite, VerificationMethod and Purpose are read.
	Supported bool

	VerificationMethod did.URL
	Purpose            did.Relationship // of an enveloped document: implied by its kind
	Created, Expires   time.Time        // zero if absent
	Domain             []string         // aud of an enveloped presentation
	Challenge, Nonce   string           // Challenge is the nonce claim of an enveloped presentation
	PreviousProof      []string         // ids of the proofs that this one covers
}

// proof is a parsed proof with what only checking needs.
type proof struct {
	ProofInfo
	v         Value // the proof object
	methodErr error // verificationMethod is there, but no DID URL
	value     Value // proofValue; read when the proof is checked
}

// method tells why the proof names no key, if so.
func (p *proof) method() error {
	if p.methodErr == nil && p.VerificationMethod.IsZero() {
		return fault(code.ProofKeyNotAuthorized, p.v.Path(), "verificationMethod is missing")
	}
	return p.methodErr
}

// proofs reads the proof member: an object or an array of objects.
func (d *decoder) proofs(v Value, max int) []proof {
	if !v.Exists() {
		return nil
	}
	if v.Kind() == strictjson.Object && v.Len() > 0 {
		out := d.room.one()
		d.proof(&out[0], v)
		return out
	}
	if v.Kind() != strictjson.Array || v.Len() == 0 {
		d.fail(v, "want a proof or a list of proofs, not %s", describe(v))
		return nil
	}
	if v.Len() > max {
		d.tooLarge(v, "proof", v.Len(), max)
		return nil
	}
	out := make([]proof, v.Len())
	i := 0
	for item := range v.Items() {
		if item.Kind() != strictjson.Object || item.Len() == 0 {
			d.fail(item, "want a proof object, not %s", describe(item))
			return nil
		}
		d.proof(&out[i], item)
		for j := range i {
			if out[i].ID != "" && out[j].ID == out[i].ID {
				d.fail(item, "two proofs have the id %.80q", out[i].ID)
			}
			// Who counts signers must not count one signature twice.
			if value := out[i].value.Str(); value != "" && value == out[j].value.Str() {
				d.fail(item, "two proofs have the same proofValue")
			}
		}
		i++
	}
	return out
}

// proof reads VC-DATA-INTEGRITY section 2.1. The schema is closed: a proof
// option that is not known cannot be honoured. A proof of a kind that is not
// supported has options of its own, and is told apart first.
func (d *decoder) proof(p *proof, v Value) {
	p.v = v
	suite := v.Get("cryptosuite")
	p.Type, p.Cryptosuite = v.Get("type").Str(), suite.Str()
	p.Supported = p.Type == TypeDataIntegrity && suiteNamed(p.Cryptosuite) != nil
	if p.otherKind() && (p.Cryptosuite != "" || !suite.Exists()) {
		p.ID = v.Get("id").Str()
		p.VerificationMethod, _ = did.ParseURL(v.Get("verificationMethod").Str())
		p.Purpose = did.Relationship(v.Get("proofPurpose").Str())
		return
	}
	for name, m := range v.Members() {
		switch name {
		case "@context": // compared when the proof is checked
		case "id":
			p.ID = d.iri(m)
		case "type":
			d.word(m)
		case "cryptosuite":
			d.word(m)
		case "verificationMethod":
			var err error
			if p.VerificationMethod, err = did.ParseURL(d.word(m)); err != nil {
				p.methodErr = &Error{Code: code.ProofKeyNotAuthorized, Path: m.Path(), Err: err}
			}
		case "proofPurpose":
			p.Purpose = did.Relationship(d.word(m))
		case "created":
			p.Created = d.instant(m)
		case "expires":
			p.Expires = d.instant(m)
		case "domain":
			p.Domain = d.words(m)
		case "challenge":
			p.Challenge = d.word(m)
		case "nonce":
			p.Nonce = d.word(m)
		case "previousProof":
			p.PreviousProof = d.words(m)
		case "proofValue":
			d.word(m)
			p.value = m
		default:
			d.fail(m, "%.80q is not a member of a proof", name)
		}
	}
}

// appendSignature appends the signature. It has one spelling: multibase
// base58btc (VC-DI-EDDSA section 3.3.1), and as many bytes as the algorithm has.
func (p *proof) appendSignature(dst []byte, a did.Algorithm) ([]byte, error) {
	if !p.value.Exists() {
		return dst, fault(code.ProofInvalid, p.v.Path(), "proofValue is missing")
	}
	text, ok := strings.CutPrefix(p.value.Str(), "z")
	if !ok {
		return dst, fault(code.ProofInvalid, p.value.Path(), "a proofValue begins with 'z' (base58btc)")
	}
	size, from := a.SignatureBytes(), len(dst)
	dst = slices.Grow(dst, size)[:from+size]
	n, err := multibase.DecodeBase58(dst[from:], text)
	if err != nil {
		return dst[:from], &Error{Code: code.ProofInvalid, Path: p.value.Path(), Err: err}
	}
	if n != size {
		return dst[:from], fault(code.ProofInvalid, p.value.Path(), "a signature has %d bytes, this one %d", size, n)
	}
	return dst, nil
}

// word reads a string that is not empty.
func (d *decoder) word(v Value) string {
	s, ok := v.LookupStr()
	if !ok || s == "" {
		d.fail(v, "want a string that is not empty, not %s", describe(v))
	}
	return s
}

// words reads one string or an array of distinct strings.
func (d *decoder) words(v Value) []string {
	if v.Kind() != strictjson.Array {
		return append(d.room.list(1), d.word(v))
	}
	if v.Len() == 0 {
		d.fail(v, "want a string or a list of strings, not an empty array")
		return nil
	}
	list, ok := d.room.distinct(v)
	if !ok {
		d.failWords(v)
		return nil
	}
	return list
}

// failWords says what is wrong with the first of a list of strings that is none, or is there twice.
func (d *decoder) failWords(v Value) {
	var out distinct
	for item := range v.Items() {
		s := d.word(item)
		if s == "" {
			return
		}
		if !out.add(s) {
			d.fail(item, "%.80q is listed twice", s)
			return
		}
	}
}
