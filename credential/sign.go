package credential

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// SignOptions say how a document is secured. The zero value makes one
// eddsa-jcs-2022 proof for assertionMethod (authentication on a presentation),
// without created.
type SignOptions struct {
	Suite   string           // cryptosuite; zero: eddsa-jcs-2022
	Purpose did.Relationship // zero: assertionMethod, or authentication for a presentation

	Created, Expires time.Time // in whole seconds; zero: left out
	Domain           []string  // the audience; nil: left out
	Challenge, Nonce string    // empty: left out

	ProofID       string   // id of the new proof, an absolute IRI; needed if another is to continue it
	PreviousProof []string // ids of existing proofs that the new one covers

	// Format envelopes the document instead of adding a proof. Domain and
	// Challenge then go into the claims aud and nonce, Created into iat;
	// the members above that an envelope has no place for are refused.
	Format Format

	Profile Profile // zero: Strict
}

// Sign writes the credential as JSON and secures it. Zero members are left
// out; an empty Context becomes the version's own, an empty Type becomes
// VerifiableCredential, an empty Issuer.ID the signer's DID.
func Sign(ctx context.Context, signer did.Signer, c *Credential, o SignOptions) (*Signed, error) {
	if signer == nil || c == nil {
		return nil, fault(code.RequestInvalid, "", "Sign needs a signer and a credential")
	}
	text, err := c.marshal(signer)
	if err != nil {
		return nil, err
	}
	return SignJSON(ctx, signer, text, o)
}

// SignJSON secures a credential that is given as JSON text, which is kept as
// it is: the proof is added behind the last member, or beside existing proofs.
// The document must pass everything that [Parse] asks for, so that nothing is
// signed that would be refused.
func SignJSON(ctx context.Context, signer did.Signer, unsecured []byte, o SignOptions) (*Signed, error) {
	p := o.parser()
	s, err := p.Credential(unsecured)
	if err != nil {
		return nil, err
	}
	if err := checkRelated(&s.model); err != nil {
		return nil, err
	}
	if o.Purpose == "" {
		o.Purpose = did.AssertionMethod
	}
	text, err := s.sign(ctx, signer, o, KindCredential)
	if err != nil {
		return nil, err
	}
	return p.Credential([]byte(text))
}

// SignPresentation secures a presentation that is given as JSON text.
func SignPresentation(ctx context.Context, signer did.Signer, unsecured []byte, o SignOptions) (*Presentation, error) {
	p := o.parser()
	vp, err := p.Presentation(unsecured)
	if err != nil {
		return nil, err
	}
	if o.Purpose == "" {
		o.Purpose = did.Authentication
	}
	text, err := vp.sign(ctx, signer, o, KindPresentation)
	if err != nil {
		return nil, err
	}
	return p.Presentation([]byte(text))
}

// parser reads what is to be signed. Lists may be signed too, so the longest
// string is that of a list.
func (o *SignOptions) parser() Parser {
	p := Parser{Profile: o.Profile, StatusList: true}
	if o.Format != nil {
		p.Formats = []Format{o.Format}
	}
	return p
}

// sign returns the secured text of the document.
func (s *secured) sign(ctx context.Context, signer did.Signer, o SignOptions, kind Kind) (string, error) {
	if signer == nil {
		return "", fault(code.RequestInvalid, "", "there is no signer")
	}
	if s.envelope != nil {
		return "", fault(code.RequestInvalid, "", "the document is in an envelope already")
	}
	if o.Format != nil {
		return s.seal(ctx, signer, o, kind)
	}
	if o.Suite == "" {
		o.Suite = SuiteJCS
	}
	su := suiteNamed(o.Suite)
	if su == nil {
		return "", fault(code.ProofTransformation, "", "cryptosuite %.80q is not known", o.Suite)
	}
	if len(s.proofs) >= s.bounds.Proofs {
		return "", fault(code.EnvelopeTooLarge, "/proof", "the document has %d proofs already, the most that are allowed", len(s.proofs))
	}
	matching, err := s.named(o)
	if err != nil {
		return "", err
	}
	w := jsonwrite.Writer{Buf: make([]byte, 0, 1024)}
	o.append(&w, signer.KeyID(), su, s.root.Get("@context"))
	w.EndObject()
	options, err := strictjson.Parse(string(w.Buf), limits.Default().JSON(limits.Default().DocumentBytes))
	if err != nil {
		return "", parseError(err)
	}
	d := &decoder{}
	var p proof
	if d.proof(&p, options); d.err != nil {
		return "", d.err
	}
	sum, err := su.hash(suiteInput{document: s, options: options, matching: matching})
	if err != nil {
		return "", err
	}
	sig, err := signer.Sign(ctx, sum[:])
	if err != nil {
		return "", fmt.Errorf("credential: signing with %s: %w", signer.KeyID(), err)
	}
	w.Buf = w.Buf[:len(w.Buf)-1]
	w.Member("proofValue", "z"+multibase.EncodeBase58(sig))
	w.EndObject()
	return s.withProof(string(w.Buf)), nil
}

// named finds the proofs that the new one is to continue.
func (s *secured) named(o SignOptions) (matching []Value, err error) {
	for _, id := range o.PreviousProof {
		if s.proofByID(id) < 0 {
			return nil, fault(code.RequestInvalid, "/proof", "previousProof %.80q is not in the document", id)
		}
	}
	for i := range s.proofs {
		switch id := s.proofs[i].ID; {
		case id == "":
		case id == o.ProofID:
			return nil, fault(code.RequestInvalid, "/proof", "the document has a proof with the id %.80q already", id)
		case hasText(o.PreviousProof, id):
			matching = append(matching, s.proofs[i].v)
		}
	}
	return matching, nil
}

// append writes the proof options, without the closing brace.
func (o *SignOptions) append(w *jsonwrite.Writer, key did.URL, su suite, context Value) {
	w.BeginObject()
	w.Member("id", o.ProofID)
	w.Member("type", TypeDataIntegrity)
	w.Member("cryptosuite", su.name())
	if !o.Created.IsZero() {
		w.Member("created", datetime.Format(o.Created))
	}
	if !o.Expires.IsZero() {
		w.Member("expires", datetime.Format(o.Expires))
	}
	w.Member("verificationMethod", key.String())
	w.Member("proofPurpose", string(o.Purpose))
	oneOrMore(w, "domain", o.Domain)
	w.Member("challenge", o.Challenge)
	w.Member("nonce", o.Nonce)
	oneOrMore(w, "previousProof", o.PreviousProof)
	if su.bindsContext() && context.Exists() {
		w.Name("@context")
		w.Raw(context.Raw())
	}
}

func oneOrMore(w *jsonwrite.Writer, name string, values []string) {
	if len(values) == 1 {
		w.Member(name, values[0])
		return
	}
	w.Strings(name, values)
}

// withProof returns the document's text with one more proof.
func (s *secured) withProof(text string) string {
	raw := s.root.Raw()
	old := s.root.Get("proof")
	if !old.Exists() {
		return raw[:len(raw)-1] + `,"proof":` + text + "}"
	}
	proofs := old.Raw()
	if old.Kind() == strictjson.Array {
		proofs = proofs[1 : len(proofs)-1]
	}
	from := old.Offset() - s.root.Offset()
	return raw[:from] + "[" + proofs + "," + text + "]" + raw[from+len(old.Raw()):]
}

// seal puts the document into an envelope.
func (s *secured) seal(ctx context.Context, signer did.Signer, o SignOptions, kind Kind) (string, error) {
	switch {
	case len(s.proofs) > 0:
		return "", fault(code.RequestInvalid, "/proof", "a document with proofs cannot be put into an envelope")
	case o.Suite != "" || o.ProofID != "" || len(o.PreviousProof) > 0 || o.Nonce != "":
		return "", fault(code.RequestInvalid, "", "an envelope has no place for Suite, ProofID, PreviousProof and Nonce")
	case kind == KindCredential && (len(o.Domain) > 0 || o.Challenge != "" || !o.Expires.IsZero()):
		return "", fault(code.RequestInvalid, "", "Domain, Challenge and Expires belong to a presentation")
	}
	w := jsonwrite.Writer{}
	raw := s.root.Raw()
	w.Buf = append(w.Buf, raw[:len(raw)-1]...)
	if kind == KindPresentation {
		w.Member("iss", signer.KeyID().DID().String())
		oneOrMore(&w, "aud", o.Domain)
		w.Member("nonce", o.Challenge)
		if !o.Expires.IsZero() {
			w.Name("exp")
			w.Int(o.Expires.Unix())
		}
	}
	if !o.Created.IsZero() {
		w.Name("iat")
		w.Int(o.Created.Unix())
	}
	w.EndObject()
	env, err := o.Format.Seal(ctx, signer, w.Buf, kind)
	if err != nil {
		return "", fmt.Errorf("credential: sealing with %s: %w", signer.KeyID(), err)
	}
	return string(env.Raw), nil
}
