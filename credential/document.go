package credential

import (
	"context"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Document is a JSON object with one proof over its JSON ([SuiteJCS]) that is
// not a credential: a trust bundle, a receipt. What its members mean, who may sign it
// and how long it holds is the business of the package that reads it.
//
// It has no @context, and a credential always has one, so that neither can be
// passed off as the other.
type Document struct{ secured }

// oneProof is all that a document may have.
var oneProof = Bounds{Proofs: 1, ProofChainDepth: 1}

// ParseDocument reads a secured document of another kind than credentials. It
// keeps a copy of raw and verifies nothing. Codes: envelope.malformed,
// envelope.too_large, envelope.context (there is one), proof.missing,
// proof.transformation (another cryptosuite).
func ParseDocument(raw []byte, caps JSONCaps) (*Document, error) {
	text := string(raw)
	root, err := documentRoot(text, caps)
	if err != nil {
		return nil, err
	}
	v := root.Get("proof")
	if !v.Exists() {
		return nil, fault(code.ProofMissing, "", "the document has no proof")
	}
	if v.Kind() != strictjson.Object {
		return nil, malformed(v, "want one proof object, not %s", v.Kind())
	}
	d := decoder{}
	doc := &Document{secured{root: root, raw: text, bounds: &oneProof}}
	doc.proofs = d.proofs(v, 1)
	if d.err != nil {
		return nil, d.err
	}
	p := &doc.proofs[0]
	switch {
	case p.Type != TypeDataIntegrity || !overJSON(suiteNamed(p.Cryptosuite)):
		return nil, fault(code.ProofTransformation, v.Path(), "type %.80q with cryptosuite %.80q, want %s with %s",
			p.Type, p.Cryptosuite, TypeDataIntegrity, suiteNames(overJSON))
	case v.Get("@context").Exists():
		return nil, fault(code.EnvelopeContext, v.Path(), "the proof has a @context, the document none")
	case len(p.PreviousProof) > 0:
		return nil, malformed(v, "the only proof of a document continues no other")
	}
	return doc, nil
}

// overJSON reports whether a suite signs JSON that is not JSON-LD.
func overJSON(su *suite) bool { return su != nil && !su.RDF }

func documentRoot(text string, caps JSONCaps) (Value, error) {
	root, err := strictjson.Parse(text, limits.JSON(caps))
	switch {
	case err != nil:
		return Value{}, parseError(err)
	case root.Kind() != strictjson.Object:
		return Value{}, malformed(root, "want an object, not %s", root.Kind())
	case root.Get("@context").Exists():
		return Value{}, fault(code.EnvelopeContext, "/@context", "a document with a @context is JSON-LD; parse it as a credential")
	}
	return root, nil
}

// SignDocument adds a proof to a JSON object, which is kept as it is and must
// pass everything that [ParseDocument] asks for. Of the options it takes
// Purpose (zero: assertionMethod), Created, Expires, Domain, Challenge and
// Nonce; any other is request.invalid.
func SignDocument(ctx context.Context, signer did.Signer, unsecured []byte, caps JSONCaps, o SignOptions) (*Document, error) {
	if signer == nil {
		return nil, fault(code.RequestInvalid, "", "there is no signer")
	}
	if o.Suite != "" && !overJSON(suiteNamed(o.Suite)) || o.Format != nil || len(o.Formats) > 0 || o.ProofID != "" ||
		len(o.PreviousProof) > 0 || o.Profile != Strict || o.Canonicalizer != nil {
		return nil, fault(code.RequestInvalid, "",
			"a document takes one proof of %s: no other suite, format, profile, canonicalizer, proof id or previous proof", suiteNames(overJSON))
	}
	if o.Purpose == "" {
		o.Purpose = did.AssertionMethod
	}
	root, err := documentRoot(string(unsecured), caps)
	if err != nil {
		return nil, err
	}
	if root.Len() == 0 || root.Get("proof").Exists() {
		return nil, fault(code.RequestInvalid, "", "want an object with members and without a proof")
	}
	made, err := (&secured{root: root, bounds: &oneProof}).makeProof(ctx, signer, o)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(root.Raw(), "}") + `,"proof":` + made.Raw() + "}"
	return ParseDocument([]byte(text), caps)
}

// Bytes returns a copy of the exact bytes that were received or signed.
func (d *Document) Bytes() []byte { return []byte(d.raw) }

// UnverifiedValue returns the object that was received, proven or not.
func (d *Document) UnverifiedValue() Value { return d.root }

// Proof returns what the proof says of itself.
func (d *Document) Proof() ProofInfo { return d.proofs[0].ProofInfo }

// Digest returns the SHA-256 multihash, multibase base64url, over the JCS form
// of the whole document with its proof.
func (d *Document) Digest() string { return d.digest() }

// CheckProof checks the proof with a key, as [Signed.CheckProof] does.
func (d *Document) CheckProof(key did.PublicKey, purpose did.Relationship) error {
	return d.check(0, key, purpose)
}

// CheckProofBy checks that the proof is by a key which the document of one
// party lists for the purpose, and that may be used at that instant. Nobody else
// is looked up. Whether the party is to be trusted, and the times in the proof, are for the caller to judge.
func (d *Document) CheckProofBy(ctx context.Context, party did.DID, resolver did.Resolver, purpose did.Relationship, at time.Time) error {
	p := &d.proofs[0]
	if err := p.method(); err != nil {
		return err
	}
	if by := p.VerificationMethod.DID(); by != party || party.IsZero() {
		return &Error{Code: code.ProofKeyNotAuthorized, Path: p.v.Path(), Detail: "the proof is by another party", Limit: party.String(), Actual: by.String()}
	}
	return d.checkAll(ctx, resolver, purpose, party.String(), at)
}
