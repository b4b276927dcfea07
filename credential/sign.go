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
// eddsa-jcs-2022 proof (of the first of [Suites] that the signer's key fits) for assertionMethod (authentication on a presentation),
// without created.
type SignOptions struct {
	Suite   string           // cryptosuite; zero: the first of Suites for the key, eddsa-jcs-2022
	Purpose did.Relationship // zero: assertionMethod, or authentication for a presentation

	Created, Expires time.Time // in whole seconds; zero: left out
	Domain           []string  // the audience; nil: left out
	Challenge, Nonce string    // empty: left out

	ProofID       string   // id of the new proof, an absolute IRI; needed if another is to continue it
	PreviousProof []string // ids of existing proofs that the new one covers

	// Format envelopes the document instead of adding a proof. Domain and
	// Challenge then go into the claims aud and nonce, Created into iat, Expires
	// into exp (zero: the end of a credential's validity, if it has one); iss
	// is the issuer or holder. The members above that an envelope has no place
	// for are refused.
	Format Format

	// Formats are those of the enveloped credentials inside a presentation,
	// beside Format. Nil: none.
	Formats []Format

	Profile Profile // zero: Strict

	// Canonicalizer is as for a [Parser]. Nil: the own engine.
	Canonicalizer Canonicalizer
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
	s, err := o.parser().Credential(unsecured)
	if err != nil {
		return nil, err
	}
	return s.AddProof(ctx, signer, o)
}

// AddProof returns the credential with one more proof, or in an envelope;
// s itself stays as it is. It is what [SignJSON] does with a document that was
// parsed already. A credential that was read under a looser profile than that
// of the options is refused.
func (s *Signed) AddProof(ctx context.Context, signer did.Signer, o SignOptions) (*Signed, error) {
	if o.Purpose == "" {
		o.Purpose = did.AssertionMethod
	}
	root, text, err := s.sign(ctx, signer, o, KindCredential)
	if err != nil {
		return nil, err
	}
	if o.Format != nil {
		next, err := o.parser().Credential([]byte(text))
		if err != nil {
			return nil, err
		}
		if err := next.sealedBy(signer); err != nil {
			return nil, err
		}
		return next, nil
	}
	// The content was checked when s was parsed, and only a proof was added.
	next := &Signed{secured: s.secured}
	next.root, next.raw = root, root.Raw()
	d := decoder{maxStatus: s.bounds.StatusEntries}
	next.proofs = d.proofs(root.Get("proof"), s.bounds.Proofs)
	if d.credential(&next.model, root, s.contexts, false); d.err != nil {
		return nil, d.err
	}
	return next, nil
}

// SignPresentation secures a presentation that is given as JSON text. The
// proof is made for authentication unless the options say otherwise.
func SignPresentation(ctx context.Context, signer did.Signer, unsecured []byte, o SignOptions) (*Presentation, error) {
	vp, err := o.parser().Presentation(unsecured)
	if err != nil {
		return nil, err
	}
	if o.Purpose == "" {
		o.Purpose = did.Authentication
	}
	root, text, err := vp.sign(ctx, signer, o, KindPresentation)
	if err != nil {
		return nil, err
	}
	if o.Format != nil {
		next, err := o.parser().Presentation([]byte(text))
		if err != nil {
			return nil, err
		}
		if err := next.sealedBy(signer); err != nil {
			return nil, err
		}
		return next, nil
	}
	next := &Presentation{secured: vp.secured, model: vp.model}
	next.root, next.raw = root, root.Raw()
	d := decoder{}
	if next.proofs = d.proofs(root.Get("proof"), vp.bounds.Proofs); d.err != nil {
		return nil, d.err
	}
	return next, nil
}

// parser reads what is to be signed. Lists may be signed too.
func (o *SignOptions) parser() Parser {
	p := Parser{Profile: o.Profile, StatusList: true, Formats: o.Formats, Canonicalizer: o.Canonicalizer}
	if o.Format != nil {
		p.Formats = append([]Format{o.Format}, o.Formats...)
	}
	return p
}

// sign returns the secured document, or the text of its envelope.
func (s *secured) sign(ctx context.Context, signer did.Signer, o SignOptions, kind Kind) (root Value, envelope string, err error) {
	switch {
	case signer == nil:
		return Value{}, "", fault(code.RequestInvalid, "", "there is no signer")
	case s.envelope != nil:
		return Value{}, "", fault(code.RequestInvalid, "", "the document is in an envelope already")
	case s.profile > o.Profile:
		return Value{}, "", fault(code.RequestInvalid, "",
			"the document was read under a looser profile than the one that it shall be signed under")
	case (s.canonicalizer == nil) != (o.Canonicalizer == nil):
		return Value{}, "", fault(code.RequestInvalid, "",
			"the document was read with another Canonicalizer than the one that it shall be signed with")
	case o.Format != nil:
		envelope, err = s.seal(ctx, signer, o, kind)
		return Value{}, envelope, err
	}
	made, err := s.makeProof(ctx, signer, o)
	if err != nil {
		return Value{}, "", err
	}
	root, err = s.withProof(made, kind, o)
	return root, "", err
}

// makeProof is Create Proof (VC-DI-EDDSA section 3.3.1, VC-DATA-INTEGRITY
// sections 4.2 and 4.5).
func (s *secured) makeProof(ctx context.Context, signer did.Signer, o SignOptions) (Value, error) {
	su, algorithm := suiteNamed(o.Suite), signer.Algorithm()
	if o.Suite == "" {
		su = suiteFor(algorithm)
	}
	switch {
	case su == nil && o.Suite == "":
		return Value{}, fault(code.RequestInvalid, "", "the signer signs with %s, for which there is no cryptosuite", algorithm)
	case su == nil:
		return Value{}, fault(code.ProofTransformation, "", "cryptosuite %.80q is not known, want %s", o.Suite, suiteNames(func(*suite) bool { return true }))
	case su.Algorithm != algorithm:
		return Value{}, fault(code.RequestInvalid, "", "cryptosuite %s wants a key of %s, the signer has one of %s", su.Name, su.Algorithm, algorithm)
	}
	switch o.Purpose {
	case did.AssertionMethod, did.Authentication, did.CapabilityInvocation, did.CapabilityDelegation:
	default:
		return Value{}, fault(code.RequestInvalid, "", "%.80q is not a purpose to sign for", string(o.Purpose))
	}
	if len(s.proofs) >= s.bounds.Proofs {
		return Value{}, fault(code.EnvelopeTooLarge, "/proof", "the document has %d proofs already, the most that are allowed", len(s.proofs))
	}
	matching, err := s.named(o)
	if err != nil {
		return Value{}, err
	}
	w := jsonwrite.Writer{Buf: make([]byte, 0, 1024)}
	o.append(&w, signer.KeyID(), su, s.root.Get("@context"))
	w.EndObject()
	options, err := ParseValue(string(w.Buf))
	if err != nil {
		return Value{}, err
	}
	d := decoder{}
	var p proof
	if d.proof(&p, options); d.err != nil {
		return Value{}, d.err
	}
	if err := p.method(); err != nil {
		return Value{}, err
	}
	message, err := su.appendSigned(nil, suiteInput{document: s, options: options, matching: matching, fresh: true})
	if err != nil {
		return Value{}, err
	}
	sig, err := signer.Sign(ctx, message)
	if err != nil {
		return Value{}, fmt.Errorf("credential: signing with %s: %w", signer.KeyID(), err)
	}
	if want := algorithm.SignatureBytes(); len(sig) != want {
		return Value{}, fmt.Errorf("credential: signing with %s: a signature has %d bytes, this one %d", signer.KeyID(), want, len(sig))
	}
	value, err := ParseValue(`"z` + multibase.EncodeBase58(sig) + `"`)
	if err != nil {
		return Value{}, err
	}
	return options.WithMember("proofValue", value), nil
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
			links, err := s.chainLength(i, make([]int, len(s.proofs)))
			if err != nil {
				return nil, err
			}
			if links+1 > s.bounds.ProofChainDepth {
				return nil, tooLongChain(s.proofs[i].v, links+1, s.bounds.ProofChainDepth)
			}
			matching = append(matching, s.proofs[i].v)
		}
	}
	return matching, nil
}

// append writes the proof options, without the closing brace.
func (o *SignOptions) append(w *jsonwrite.Writer, key did.URL, su *suite, context Value) {
	w.BeginObject()
	w.Member("id", o.ProofID)
	w.Member("type", TypeDataIntegrity)
	w.Member("cryptosuite", su.Name)
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
	if su.form.bindsContext() && context.Exists() {
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

// withProof returns the document with one more proof, which need not be parsed
// again as long as it cannot pass a cap.
func (s *secured) withProof(made Value, kind Kind, o SignOptions) (Value, error) {
	b := Bounds(limits.Default().Documents)
	raw := s.root.Raw()
	old := s.root.Get("proof")
	if !old.Exists() && len(raw)+len(made.Raw()) < b.StringBytes && s.root.Nodes()+made.Nodes() < b.JSONMembers {
		return s.root.WithMember("proof", made), nil
	}
	text := raw[:len(raw)-1] + `,"proof":` + made.Raw() + "}"
	if old.Exists() {
		proofs := old.Raw()
		if old.Kind() == strictjson.Array {
			proofs = proofs[1 : len(proofs)-1]
		}
		from := old.Offset() - s.root.Offset()
		text = raw[:from] + "[" + proofs + "," + made.Raw() + "]" + raw[from+len(old.Raw()):]
	}
	most := b.DocumentBytes
	if kind == KindPresentation {
		most = b.PresentationBytes
	}
	p := o.parser()
	root, err := p.tree(text, most, kind, nil, &b)
	if err != nil {
		return Value{}, err
	}
	return root, p.checkLongStrings(root, kind, &b, 0)
}

// sealedBy checks that a new envelope names the key that it was sealed with.
func (s *secured) sealedBy(signer did.Signer) error {
	if got, want := s.envelope.KeyID(), signer.KeyID().String(); got != want {
		return &Error{Code: code.EnvelopeMalformed, Detail: "the format names another key than the signer's", Limit: want, Actual: got}
	}
	return nil
}

// issuerAndEnd reads a credential that was checked before.
func (s *secured) issuerAndEnd() (issuer string, until time.Time) {
	v := s.root.Get("issuer")
	if v.Kind() == strictjson.Object {
		v = v.Get("id")
	}
	for _, name := range [...]string{"validUntil", "expirationDate"} {
		if end, ok := s.root.Get(name).LookupStr(); ok {
			until, _ = datetime.Parse(end)
		}
	}
	return v.Str(), until
}

// seal puts the document into an envelope.
func (s *secured) seal(ctx context.Context, signer did.Signer, o SignOptions, kind Kind) (string, error) {
	switch {
	case len(s.proofs) > 0:
		return "", fault(code.RequestInvalid, "/proof", "a document with proofs cannot be put into an envelope")
	case o.Suite != "" || o.ProofID != "" || len(o.PreviousProof) > 0 || o.Nonce != "":
		return "", fault(code.RequestInvalid, "", "an envelope has no place for Suite, ProofID, PreviousProof and Nonce")
	case kind == KindCredential && (len(o.Domain) > 0 || o.Challenge != ""):
		return "", fault(code.RequestInvalid, "", "Domain and Challenge belong to a presentation")
	case (kind == KindCredential) != (o.Purpose == did.AssertionMethod), (kind == KindPresentation) != (o.Purpose == did.Authentication):
		return "", fault(code.RequestInvalid, "",
			"an enveloped credential is for assertionMethod, an enveloped presentation for authentication, not for %.80q", string(o.Purpose))
	}
	w := jsonwrite.Writer{}
	raw := s.root.Raw()
	w.Buf = append(w.Buf, raw[:len(raw)-1]...)
	if kind == KindPresentation {
		w.Member("iss", signer.KeyID().DID().String())
		oneOrMore(&w, "aud", o.Domain)
		w.Member("nonce", o.Challenge)
	} else {
		// Libraries that know JWT alone look at iss and exp, and at nothing else.
		issuer, until := s.issuerAndEnd()
		w.Member("iss", issuer)
		if o.Expires.IsZero() {
			o.Expires = until
		}
	}
	for _, t := range [...]struct {
		name string
		at   time.Time
	}{{"exp", o.Expires}, {"iat", o.Created}} {
		if !t.at.IsZero() {
			w.Name(t.name)
			w.Int(t.at.Unix())
		}
	}
	w.EndObject()
	text, err := o.Format.Seal(ctx, signer, w.Buf, kind)
	if err != nil {
		return "", fmt.Errorf("credential: sealing with %s: %w", signer.KeyID(), err)
	}
	envelope := string(text)
	if !isEnvelopeText(envelope) {
		return "", fault(code.EnvelopeMalformed, "", "the format sealed a text that begins %.16q, want letters, digits and - . _ ~ + / = : alone", envelope)
	}
	return envelope, nil
}
