package did

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// A Document is a DID document: the keys that a DID lists, and for what. It is
// immutable and safe for concurrent use. The zero Document is nobody's and
// lists nothing.
type Document struct {
	id      DID
	raw     string // "" for the document of a did:key or did:jwk, which is written when asked for
	methods []method
	one     [1]method // the methods of a did:key or did:jwk, to save an allocation
}

// ParseDocument reads a DID document in JSON, within the default bounds: 64
// KiB, 64 verification methods, 32 services. Nothing is proven by that; the
// caller knows where the bytes are from.
//
// Members that this library does not know are allowed anywhere, as DID Core
// wants. Duplicate names and two different keys of one id are not: they are
// [ErrInvalidDocument]. So is a document with a secret in it (d in a JWK,
// secretKeyMultibase and the like, anywhere but in a JSON-LD context), which is
// [ErrKey] too and whose secret is not quoted.
//
// A key that may not be used (of an unknown type, of another controller, weak,
// malformed, of an id that names no key) does not spoil the document. It is
// there in [Document.Methods] with the reason, and [Document.Key] refuses it.
// An id or a controller that is relative is resolved against the DID (DID Core
// 1.0, section 3.2.2), and a method that is repeated is one, for all purposes
// that it is listed for. Services are counted and not read.
func ParseDocument(raw []byte) (*Document, error) { return DocumentParser{}.Parse(raw) }

// A DocumentParser reads DID documents within bounds of the caller's choice.
// The zero DocumentParser has the default bounds.
type DocumentParser struct {
	Bounds Bounds // zero fields: their defaults
}

// Bounds are the caps on a DID document. A field of zero means its default. A
// field may be lowered freely, and raised up to its maximum; out of range it is
// an error. Behind each field: its default, its maximum.
type Bounds struct {
	DocumentBytes int // the text: 64 KiB, 256 KiB
	Methods       int // verification methods: 64, 256
	Services      int // services: 32, 128
}

// Resolve replaces every zero field by its default. It fails on a field that is
// out of its range, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	d, err := limits.DIDs(b).Resolve()
	return Bounds(d), err
}

// Parse is [ParseDocument] within the parser's bounds. Bounds out of range are
// an error that wraps none of this package's.
func (p DocumentParser) Parse(raw []byte) (*Document, error) {
	bounds, err := p.Bounds.Resolve()
	if err != nil {
		return nil, fmt.Errorf("did: parsing a document: %w", err)
	}
	d, err := parseDocument(string(raw), bounds)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidDocument, err)
	}
	return d, nil
}

func parseDocument(raw string, bounds Bounds) (*Document, error) {
	root, err := strictjson.Parse(raw, defaults.JSON(bounds.DocumentBytes))
	if err != nil {
		return nil, err
	}
	if root.Kind() != strictjson.Object {
		return nil, fmt.Errorf("it is %s, want an object", root.Kind())
	}
	if err := refuseSecrets(root); err != nil {
		return nil, err
	}
	text, ok := root.Get("id").LookupStr()
	if !ok {
		return nil, fmt.Errorf("it has no string member id")
	}
	id, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("id: %w", err)
	}
	if services := root.Get("service"); services.Kind() == strictjson.Array && services.Len() > bounds.Services {
		return nil, fmt.Errorf("it has %d services, at most %d are allowed", services.Len(), bounds.Services)
	}
	d := &Document{id: id, raw: raw}
	reader := methodReader{doc: d, most: bounds.Methods}
	if err := reader.read(root); err != nil {
		return nil, err
	}
	return d, nil
}

// ID returns the DID whose document this is.
func (d *Document) ID() DID {
	if d == nil {
		return DID{}
	}
	return d.id
}

// Bytes returns a copy of the text that was parsed. For the documents of
// did:key and did:jwk, which have none, it writes one, in the form of RFC 8785.
// It is nil for the zero Document.
func (d *Document) Bytes() []byte {
	switch {
	case d == nil || d.id.IsZero():
		return nil
	case d.raw == "":
		return nameDocument(d)
	default:
		return []byte(d.raw)
	}
}

// Key returns the public key that id names, if the document lists it for rel
// and it may be used at an instant: before its expires and revoked dates
// (Controlled Identifiers 1.0, section 2.2), if it has them. The zero instant
// refuses every key that has one.
//
// Otherwise it fails with [ErrKey]: there is no such key, or it may not be
// used; or with [ErrRelationship], which is an ErrKey: the key is listed for
// other purposes only.
func (d *Document) Key(id URL, rel Relationship, at time.Time) (PublicKey, error) {
	if d == nil {
		return PublicKey{}, fmt.Errorf("%w: %s: no document", ErrKey, id)
	}
	for i := range d.methods {
		if m := &d.methods[i]; m.id == id && !id.IsZero() {
			key, err := m.use(rel, at)
			if err != nil && m.err == nil && errors.Is(err, ErrRelationship) {
				err = fmt.Errorf("%w%s", err, d.skipped(rel))
			}
			return key, err
		}
	}
	return PublicKey{}, fmt.Errorf("%w: the document of %s has no key %q%s", ErrKey, d.id, id, d.skipped(rel))
}

// skipped tells of the first entry without a usable id that was perhaps meant
// for rel: it may be why a key is missing.
func (d *Document) skipped(rel Relationship) string {
	for i := range d.methods {
		if m := &d.methods[i]; m.id.IsZero() && (m.rels == 0 || m.rels&rel.bit() != 0) {
			return fmt.Sprintf("; %s is not usable: %s", m.at, strings.TrimPrefix(m.err.Error(), ErrKey.Error()+": "))
		}
	}
	return ""
}

// A Method describes one verification method of a document: a key, and what it
// is listed for. The key itself comes from [Document.Key] alone,
// by purpose and instant. Whatever stands where a method is wanted is described
// too, such as a reference to a key that the document does not have: with Err,
// and perhaps without the rest.
type Method struct {
	ID            URL    // whole; zero if what the document has is not a DID URL with a fragment
	Path          string // where the document has it, as a JSON Pointer (RFC 6901)
	Type          string // such as "Multikey"
	Controller    DID    // zero if it is not a DID
	Relationships []Relationship
	Expires       time.Time // when it ends; zero if it does not say
	Revoked       time.Time // when it was or will be revoked; zero if it was not
	Err           error     // why the key is never usable; nil if it may be
}

// Methods describes every verification method of the document, usable or not:
// those of verificationMethod, those of the relationships, then what is not
// used for its place.
func (d *Document) Methods() []Method {
	if d == nil {
		return nil
	}
	list := make([]Method, len(d.methods))
	for i, m := range d.methods {
		list[i] = Method{
			ID: m.id, Path: m.at.String(), Type: m.typ, Controller: m.controller, Relationships: m.rels.list(),
			Expires: m.expires, Revoked: m.revoked, Err: m.err,
		}
	}
	return list
}
