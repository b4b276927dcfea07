package credential

import (
	"bytes"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/scratch"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Parser reads documents. Its zero value is what [Parse] and
// [ParsePresentation] use: default bounds, the strict profile, Data Integrity
// only.
type Parser struct {
	Bounds  Bounds   // zero fields: their defaults
	Formats []Format // enveloping formats accepted beside Data Integrity; nil accepts none
	Profile Profile  // zero: Strict

	// Canonicalizer makes the RDF of documents for eddsa-rdfc-2022 and is what
	// they are held to as they are read; it needs the profile Conformance. Nil:
	// the own engine.
	Canonicalizer Canonicalizer

	// StatusList reads a status list credential, whose encodedList may be as
	// long as Bounds.EncodedListBytes. False: no string is longer than
	// Bounds.StringBytes.
	StatusList bool

	resolved *Bounds                   // of prepared
	knownIn  func(rest []byte) *Signed // see prepared
	known    func(rest string) *Signed // see prepared
}

func (p *Parser) bounds() (*Bounds, error) {
	if p.resolved != nil && *p.resolved == p.Bounds {
		return p.resolved, nil
	}
	b, err := (*limits.Documents)(&p.Bounds).Shared()
	return (*Bounds)(b), err
}

// Parse reads a credential: the JSON form with Data Integrity proofs, or, when
// formats are named, one of these, bare or as an EnvelopedVerifiableCredential.
// It keeps a copy of raw and verifies nothing. Errors are of type [*Error],
// with the code envelope.malformed, envelope.too_large, envelope.unsupported,
// envelope.context or envelope.data_loss.
func Parse(raw []byte, formats ...Format) (*Signed, error) {
	return Parser{Formats: formats}.Credential(raw)
}

// Signed is a credential as it was received, with its proofs. That it has
// proofs does not mean that they hold: see [Signed.CheckProof].
type Signed struct {
	secured
	model Credential
}

// Credential reads one credential. See [Parse].
func (p Parser) Credential(raw []byte) (*Signed, error) {
	b, err := p.bounds()
	if err != nil {
		return nil, &Error{Code: code.RequestInvalid, Err: err}
	}
	if !p.looksLikeJSON(raw) {
		if p.StatusList {
			// Editors and shells end a file with a line break. A list is not
			// presented, so that nobody gains by a second spelling.
			raw = bytes.Trim(raw, " \t\r\n")
		}
		env, err := p.open(raw, KindCredential, b)
		if err != nil {
			return nil, err
		}
		return p.fromEnvelope(env, b)
	}
	text := string(raw)
	root, err := p.tree(text, b.DocumentBytes, KindCredential, nil, b)
	if err != nil {
		return nil, err
	}
	s, err := p.readCredential(root, b)
	if err != nil {
		return nil, err
	}
	if s.envelope == nil {
		s.raw = text
	}
	return s, nil
}

// presentationTree parses the text of a presentation, without what was read before if it can be
// parsed so; more is by how much the text is shorter then.
func (p *Parser) presentationTree(raw []byte, cached *cachedIn, b *Bounds) (
	text string, root Value, more int, err error,
) {
	if text, more = cached.without(raw); more > 0 {
		caps := p.caps(b.PresentationBytes, b)
		if len(raw) <= caps.Bytes {
			cuts := cached.cuts[:cached.cut]
			root, ok := strictjson.ParseCut(text, caps, "verifiableCredential", cached.lookUp(), cuts)
			if ok {
				return text, root, more, nil
			}
		}
		cached.whole()
	}
	text = string(raw)
	root, err = p.tree(text, b.PresentationBytes, KindPresentation, cached, b)
	return text, root, 0, err
}

// caps are those of a parse.
func (p *Parser) caps(most int, b *Bounds) limits.JSON {
	caps := b.json(most)
	p.widen(&caps, b)
	return caps
}

// tree parses the text of a document. The credentials in a presentation become
// trees of their own, so that the paths in each begin there.
func (p *Parser) tree(text string, most int, kind Kind, cached *cachedIn, b *Bounds) (root Value, err error) {
	caps := p.caps(most, b)
	if kind == KindPresentation {
		root, err = strictjson.ParseApart(text, caps, "verifiableCredential", cached.lookUp())
	} else {
		root, err = strictjson.Parse(text, caps)
	}
	if err != nil {
		return Value{}, parseError(err)
	}
	return root, nil
}

// readCredential reads the credential that is the root of a tree, alone or
// inside a presentation.
func (p *Parser) readCredential(root Value, b *Bounds) (*Signed, error) {
	if root.Kind() != strictjson.Object {
		return nil, malformed(root, "want a credential object, not %s", root.Kind())
	}
	if isEnveloped(root) {
		env, err := p.unwrap(root, b)
		if err != nil {
			return nil, err
		}
		env.item = root.Raw()
		return p.fromEnvelope(env, b)
	}
	if err := p.checkLongStrings(root, KindCredential, b, 0); err != nil {
		return nil, err
	}
	s := &Signed{}
	if err := s.read(root, p, b); err != nil {
		return nil, err
	}
	d := decoder{maxStatus: b.StatusEntries, room: &s.room}
	s.proofs = d.proofs(root.Get("proof"), b.Proofs)
	if d.credential(&s.model, root, s.contexts, false); d.err != nil {
		return nil, d.err
	}
	return s, s.checkProfile(b, proofOnly)
}

var proofOnly = []string{"proof"}

// looksLikeJSON tells the JSON form from others by the first byte that is not
// white space. Where no format is named, only what begins as a token does is
// another form; all else is refused as bad JSON.
func (p *Parser) looksLikeJSON(raw []byte) bool {
	if len(raw) > 0 && raw[0] == '{' {
		return true
	}
	text := bytes.TrimLeft(raw, " \t\r\n")
	if len(text) == 0 {
		return false
	}
	switch c := text[0]; {
	case c == '{', c == '[', c == '"':
		return true
	case len(p.Formats) > 0:
		return false
	case 'a' <= c|0x20 && c|0x20 <= 'z':
		word := string(bytes.TrimRight(text, " \t\r\n"))
		return word == "null" || word == "true" || word == "false"
	}
	return true
}

// Bytes returns a copy of the exact bytes that were received or signed.
func (s *Signed) Bytes() []byte { return []byte(s.text()) }

// Text returns as a string what [Signed.Bytes] returns, for a Data Integrity
// document without copying.
func (s *Signed) Text() string { return s.text() }

// Unverified returns what the document says, proven or not. The result is
// shared and must not be changed.
func (s *Signed) Unverified() *Credential { return &s.model }

// UnverifiedValue returns the document itself, proven or not: the JSON object
// that was received, or the payload of the envelope.
func (s *Signed) UnverifiedValue() Value { return s.root }

// MediaType returns "application/vc" for a Data Integrity document, the
// media type of the envelope for others.
func (s *Signed) MediaType() string { return s.mediaType("application/vc") }

// Format returns the format of an enveloped credential, nil for a Data
// Integrity document.
func (s *Signed) Format() Format {
	if s.envelope == nil {
		return nil
	}
	return s.envelope.format
}

// Embedded returns the JSON text of the credential as a member of a
// presentation: the document itself, or an EnvelopedVerifiableCredential, as it
// was received if it was received as one.
func (s *Signed) Embedded() string {
	if text := s.item(); text != "" {
		return text
	}
	text := s.text()
	w := jsonwrite.Writer{Buf: make([]byte, 0, len(text)+256)}
	w.BeginObject()
	w.Strings("@context", []string{ContextV2})
	w.Member("id", dataURLPrefix+s.envelope.MediaType()+","+text)
	w.Member("type", TypeEnveloped)
	w.EndObject()
	return string(w.Buf)
}

// Proofs returns what the proofs say of themselves, in document order. An
// enveloped document has exactly one, made up from its header and claims.
func (s *Signed) Proofs() []ProofInfo { return s.infos() }

// NumProofs returns how many proofs there are.
func (s *Signed) NumProofs() int { return len(s.proofs) }

// Proof returns what proof i says of itself, without copying all of them.
func (s *Signed) Proof(i int) ProofInfo { return s.proofs[i].ProofInfo }

// CheckProof checks proof i with a key: its type and cryptosuite, that it was
// made for the purpose, that the document's contexts are those it was made
// over, that every proof named in previousProof is there, and the signature
// over the received bytes. It does not look at created, expires, domain or
// challenge, nor at whose key it is.
//
// Codes: proof.missing (no such proof), proof.transformation, proof.
// purpose_mismatch, proof.key_not_authorized (a key that no honest party has),
// envelope.context, envelope.data_loss, proof.too_complex, proof.invalid.
func (s *Signed) CheckProof(i int, key did.PublicKey, purpose did.Relationship) error {
	return s.check(i, key, purpose)
}

// Digest returns the digest by which other documents refer to this one: the
// SHA-256 multihash, multibase base64url, over the JCS form of the whole
// secured credential with its proofs, or over the compact text of an enveloped
// one.
func (s *Signed) Digest() string { return s.digest() }

// secured is what credentials and presentations have in common.
type secured struct {
	root     Value  // the document, or the payload of an envelope
	raw      string // exactly what was received, but for cached.cuts; of an envelope, the payload
	contexts []string
	proofs   []proof
	envelope *opened
	profile  Profile
	form     *form     // of a credential that is kept
	cached   *cachedIn // of a presentation with such credentials in it

	canonicalizer Canonicalizer // nil: the own engine

	bounds *Bounds // shared, never changed
	quads  int32   // the most that the graph may have
	claims int32   // of the document without its proofs; 0 if not counted

	room room
}

func (s *secured) mediaType(plain string) string {
	if s.envelope != nil {
		return s.envelope.MediaType()
	}
	return plain
}

func (s *secured) infos() []ProofInfo {
	out := make([]ProofInfo, len(s.proofs))
	for i := range s.proofs {
		out[i] = s.proofs[i].ProofInfo
	}
	return out
}

// item returns the exact text of the document as a presentation contains it;
// "" for a bare token, which no presentation contains.
func (s *secured) item() string {
	if s.envelope != nil {
		return s.envelope.item
	}
	return s.raw
}

// text returns what was received. The text of an envelope is written again.
func (s *secured) text() string {
	switch {
	case s.envelope == nil && s.cached != nil && s.cached.cut > 0:
		return strictjson.Uncut(s.raw, s.cached.cuts[:s.cached.cut])
	case s.envelope == nil:
		return s.raw
	}
	// What a format returns, which may be its own, does not go into the pool.
	buf := scratch.Get()
	defer scratch.Put(buf)
	text, _ := s.envelope.text(*buf)
	return string(text)
}

func (s *secured) digest() string {
	buf := scratch.Get()
	defer scratch.Put(buf)
	if s.envelope != nil {
		text, ok := s.envelope.text(*buf)
		if !ok {
			return textless
		}
		return multibase.Digest(text)
	}
	*buf = s.appendForm(*buf)
	return multibase.Digest(*buf)
}

// hasText is asked at very many places, so it is no part of each of them.
//
//go:noinline
func hasText(list []string, s string) bool { return slices.Contains(list, s) }

func isEnveloped(root Value) bool {
	t := root.Get("type")
	if t.Kind() == strictjson.Array && t.Len() == 1 {
		for item := range t.Items() {
			t = item
		}
	}
	return t.Str() == TypeEnveloped
}

const dataURLPrefix = "data:"

// unwrap opens an EnvelopedVerifiableCredential (VC-DATA-MODEL-2.0 section
// 4.13): an object whose id is a data: URL that holds the whole credential.
func (p *Parser) unwrap(root Value, b *Bounds) (*opened, error) {
	for name, v := range root.Members() {
		switch name {
		case "@context", "type", "id":
		default:
			return nil, malformed(v, "%.80q is not a member of an %s", name, TypeEnveloped)
		}
	}
	if cx := root.Get("@context"); !isContextV2(cx) && !(p.Profile == Conformance && listsContextV2(cx)) {
		return nil, fault(code.EnvelopeContext, root.Path()+"/@context", "the context of an %s is %s", TypeEnveloped, ContextV2)
	}
	id := root.Get("id")
	url, ok := strings.CutPrefix(id.Str(), dataURLPrefix)
	media, data, ok2 := strings.Cut(url, ",")
	if !ok || !ok2 {
		return nil, malformed(root, "the id of an %s is a URL data:<media type>,<data>", TypeEnveloped)
	}
	env, err := p.open([]byte(data), KindCredential, b) // a copy of its own, whatever the format may keep
	if err != nil {
		return nil, code.At(err, id.Path())
	}
	if want := env.MediaType(); media != want {
		return nil, malformed(id, "media type %.80q, but the content is %s", media, want)
	}
	if !isEnvelopeText(data) {
		return nil, malformed(id, "an envelope is made up of letters, digits and - . _ ~ + / = : alone")
	}
	return env, nil
}

// isContextV2 reports whether cx is the v2 context, bare or in a list of one.
func isContextV2(cx Value) bool {
	if cx.Kind() == strictjson.Array && cx.Len() == 1 {
		for item := range cx.Items() {
			return item.Str() == ContextV2
		}
	}
	return cx.Str() == ContextV2
}

// listsContextV2 reports whether cx is a list of contexts with the v2 context
// among them. What the others say is not asked: an envelope has no members that
// they could define.
func listsContextV2(cx Value) bool {
	for item := range cx.Items() {
		if item.Str() == ContextV2 {
			return true
		}
	}
	return false
}
