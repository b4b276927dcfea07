package credential

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Kind tells what an envelope holds.
type Kind string

// The kinds of secured documents.
const (
	KindCredential   Kind = "vc"
	KindPresentation Kind = "vp"
)

// Format is a way to secure a document by enveloping it, such as vc+jwt of
// package vcjwt. It deals with the envelope alone and never reads claims.
//
// The text of an envelope goes into data: URLs and HTTP fields as it is. It is
// made up of ASCII letters, digits and - . _ ~ + / = : alone, and so never
// begins as JSON does, which no format is asked about. It has one spelling only:
// Open refuses every other, for what the signature does not cover must not be
// free to differ.
//
// Implementations must be safe for concurrent use. One that panics while it opens or
// checks is internal.error. Package verifytest has the test that they must pass, and
// among its own tests a whole small format.
type Format interface {
	// Open takes the envelope apart without verifying it. It keeps no reference
	// to raw, which its owner may change. If raw is of another format it returns
	// ErrNotThisFormat, and any other error if it is of this one and bad, or an
	// envelope of another kind than was asked for. The code of such an error, an
	// [*Error] or one of the codes of package verify, is kept; without one it is
	// envelope.malformed. The payload is JSON, at most as long as
	// Bounds.JWTBytes, and has no proof member.
	Open(raw []byte, want Kind) (Envelope, error)
	// Seal signs the payload and returns the text of the envelope around it,
	// which Open takes and which names the signer's key.
	Seal(ctx context.Context, signer did.Signer, payload []byte, kind Kind) ([]byte, error)
}

// ErrNotThisFormat lets the next format have a try.
var ErrNotThisFormat = errors.New("credential: not this format")

// Envelope is an opened envelope. It never changes: its methods return the same
// each time, and are safe for concurrent use.
type Envelope interface {
	MediaType() string // application/vc+jwt, application/vp+jwt, …, without parameters
	Payload() string   // the document inside, byte for byte
	KeyID() string     // the key that the header names, a DID URL; not proven
	HeaderBytes() int  // how long the header is that Bounds.JWTHeaderBytes caps; 0 if there is none

	// AppendText appends the exact text that was opened. It need not be kept:
	// where the text has one spelling only, it can be written again.
	AppendText(dst []byte) []byte

	// Check verifies the signature, with the key's Verify, over the text or over
	// what fixes all of it, by the algorithm that the envelope names: a key of
	// another is refused. Any error is proof.invalid.
	Check(did.PublicKey) error
}

// isEnvelopeText reports whether an envelope may have that text.
func isEnvelopeText(text string) bool {
	for i := range len(text) {
		if !envelopeByte[text[i]] {
			return false
		}
	}
	return text != ""
}

var envelopeByte = func() (t [256]bool) {
	for c := range t {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		t[c] = letter || c >= '0' && c <= '9' || strings.IndexByte("-._~+/=:", byte(c)) >= 0
	}
	return t
}()

// isMediaType reports whether s is a type and a subtype (RFC 6838 section 4.2)
// without parameters, of characters that a URL can have as they are.
func isMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && isMediaName(kind) && isMediaName(sub)
}

func isMediaName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || strings.IndexByte("!$&-_.+", c) < 0) {
			return false
		}
	}
	return s != "" && len(s) <= 127
}

// opened is an envelope with the format that opened it. Both are the host's code:
// what they do is asked for by the methods below, where a panic is a failure.
type opened struct {
	Envelope
	format Format
	media  string // what MediaType said
	item   string // the object around it, as received; "" for a bare token
}

// MediaType does not ask again.
func (o *opened) MediaType() string { return o.media }

// contents are what is read of an envelope.
func (o *opened) contents() (payload, keyID string, err error) {
	defer panicked("the format", &err)
	return o.Payload(), o.KeyID(), nil
}

// checkWith is Check with the code of its errors.
func (o *opened) checkWith(key did.PublicKey, path string) (err error) {
	defer panicked("the format", &err)
	if err := o.Check(key); code.Of(err) == code.ProofInvalid {
		return err
	} else if err != nil {
		return &Error{Code: code.ProofInvalid, Path: path, Err: seen(err)}
	}
	return nil
}

// text returns the text of the envelope, in dst or a memory of the format's own. Where
// the format panics there is none, and what stands for it is like no text or digest.
func (o *opened) text(dst []byte) (text []byte, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = []byte(textless), false
		}
	}()
	return o.AppendText(dst), true
}

const textless = "(the format panicked)"

// panicked is deferred where the host's code is called from what reads and checks
// documents. What panics there has failed, and says nothing about the document.
func panicked(part string, err *error) {
	if p := recover(); p != nil {
		*err = &Error{Code: code.InternalError, Detail: fmt.Sprintf("%s panicked: %.200v", part, p)}
	}
}

// seen returns an error of the host's code that can be looked at: one that
// cannot, such as a nil pointer, panics here and not in whoever reports it.
func seen(err error) error {
	_ = err.Error()
	return err
}

// open asks each format in turn.
func (p *Parser) open(raw []byte, want Kind, b *Bounds) (_ *opened, err error) {
	defer panicked("the format", &err)
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, fault(code.EnvelopeMissing, "", "there is no document")
	}
	if other := strictjson.OtherEncoding(string(raw[:min(len(raw), 4)])); other != "" {
		return nil, fault(code.EnvelopeMalformed, "", "%s", other)
	}
	if len(raw) > b.JWTBytes {
		return nil, fault(code.EnvelopeTooLarge, "", "%d bytes, at most %d are allowed", len(raw), b.JWTBytes)
	}
	for i, f := range p.Formats {
		if f == nil {
			return nil, fault(code.RequestInvalid, "", "format %d is nil", i)
		}
		env, err := f.Open(raw, want)
		switch {
		case err == nil && env == nil:
			return nil, fault(code.EnvelopeMalformed, "", "the format gave no envelope")
		case err == nil:
			media := env.MediaType()
			if !isMediaType(media) {
				return nil, fault(code.EnvelopeMalformed, "", "the format gave the media type %.80q, want such as application/vc+jwt", media)
			}
			// A lower cap on headers is ours to hold: a Format knows no bounds.
			if n := env.HeaderBytes(); n > b.JWTHeaderBytes {
				return nil, fault(code.EnvelopeTooLarge, "", "a header of %d bytes, at most %d are allowed", n, b.JWTHeaderBytes)
			}
			return &opened{Envelope: env, format: f, media: media}, nil
		case !errors.Is(seen(err), ErrNotThisFormat):
			if e := (*Error)(nil); errors.As(err, &e) {
				return nil, err
			}
			return nil, &Error{Code: cmp.Or(code.Of(err), code.EnvelopeMalformed), Err: err}
		}
	}
	if len(p.Formats) == 0 {
		return nil, &Error{Code: code.EnvelopeUnsupported,
			Detail: "not a JSON document, and no other format is accepted", Hint: "list the format, such as vcjwt.Format(), where the verifier is configured"}
	}
	return nil, &Error{Code: code.EnvelopeUnsupported, Detail: "of none of the accepted formats",
		Actual: fmt.Sprintf("text that begins %.16q", raw), Hint: "list its format where the verifier is configured"}
}

// readEnvelope parses the payload of an envelope and makes its one proof.
func (s *secured) readEnvelope(p *Parser, env *opened, b *Bounds, kind Kind) error {
	purpose := did.AssertionMethod
	if kind == KindPresentation {
		purpose = did.Authentication
	}
	payload, keyID, err := env.contents()
	if err != nil {
		return err
	}
	// A payload of more than its envelope is not possible; the cap is the same.
	root, err := p.tree(payload, b.JWTBytes, kind, s.cached, b)
	if err != nil {
		return err
	}
	if root.Kind() != strictjson.Object {
		return malformed(root, "want an object as payload, not %s", root.Kind())
	}
	if p := root.Get("proof"); p.Exists() {
		return malformed(p, "a document in an envelope must not have a proof of its own")
	}
	if err := p.checkLongStrings(root, kind, b, 0); err != nil {
		return err
	}
	if err := s.read(root, p, b); err != nil {
		return err
	}
	s.envelope = env
	s.proofs = s.room.one()
	made := &s.proofs[0]
	made.v, made.Type, made.Purpose, made.Supported = root, env.MediaType(), purpose, true
	if made.VerificationMethod, err = did.ParseURL(keyID); err != nil {
		made.methodErr = &Error{Code: code.ProofKeyNotAuthorized, Detail: "the key that the envelope names", Err: err}
	}
	return nil
}

func (p *Parser) fromEnvelope(env *opened, b *Bounds) (*Signed, error) {
	s := &Signed{}
	if err := s.readEnvelope(p, env, b, KindCredential); err != nil {
		return nil, err
	}
	d := decoder{maxStatus: b.StatusEntries, room: &s.room}
	if d.credential(&s.model, s.root, s.contexts, true); d.err != nil {
		return nil, d.err
	}
	if err := s.checkClaims(&s.model); err != nil {
		return nil, err
	}
	if err := s.checkProfile(b, claimNames); err != nil {
		return nil, err
	}
	return s, nil
}
