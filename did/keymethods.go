package did

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

const (
	methodKey = "key"
	methodJWK = "jwk"

	// jwkFragment names the one key of a did:jwk.
	jwkFragment = "0"
)

// KeyMethods returns the resolver of the methods that carry the key in the
// name: did:key and did:jwk. It needs no network and no state.
// The one key is listed for every relationship but [KeyAgreement]: no X25519
// key is derived from it. A name that does not hold a usable key is
// [ErrInvalidDID] and [ErrKey]; other methods are [ErrMethodNotSupported].
//
// It is a [KeyResolver]. Neither ctx nor an instant is used: a key that is in
// the name is as old as the name and never ends.
func KeyMethods() Resolver { return keyMethods{} }

type keyMethods struct{}

var _ KeyResolver = keyMethods{}

// NewKeyDID returns the did:key of a public key. It fails with [ErrKey] for
// the zero PublicKey.
func NewKeyDID(key PublicKey) (DID, error) {
	if err := key.must(); err != nil {
		return DID{}, err
	}
	return Parse("did:key:" + key.Multikey())
}

// NewJWKDID returns the did:jwk of a public key, with the shortest JWK that
// names it. It fails with [ErrKey] for the zero PublicKey.
func NewJWKDID(key PublicKey) (DID, error) {
	if err := key.must(); err != nil {
		return DID{}, err
	}
	return Parse("did:jwk:" + multibase.EncodeBase64URL(key.JWK()))
}

func (keyMethods) Resolve(_ context.Context, id DID) (*Document, error) {
	key, err := nameKey(id)
	if err != nil {
		return nil, err
	}
	typ := typeMultikey
	if id.Method() == methodJWK {
		typ = typeJWK
	}
	url, err := id.URL(nameFragment(id))
	if err != nil {
		return nil, err
	}
	doc := &Document{id: id}
	doc.one[0] = method{id: url, at: place{"verificationMethod", 0}, typ: typ, controller: id, key: key, rels: signing}
	doc.methods = doc.one[:]
	return doc, nil
}

func (keyMethods) ResolveKey(_ context.Context, id URL, rel Relationship, _ time.Time) (PublicKey, error) {
	d := id.DID()
	key, err := nameKey(d)
	if err != nil {
		return PublicKey{}, err
	}
	if id.Fragment() != nameFragment(d) {
		return PublicKey{}, fmt.Errorf("%w: %s has no key %q, want %q", ErrKey, d, id.Fragment(), nameFragment(d))
	}
	if rel.bit()&signing == 0 {
		return PublicKey{}, fmt.Errorf("%w: %s is asked for %q", ErrRelationship, id, rel)
	}
	return key, nil
}

// nameFragment returns the fragment of the only key of a did:key or did:jwk.
func nameFragment(id DID) string {
	if id.Method() == methodJWK {
		return jwkFragment
	}
	return id.SpecificID()
}

// nameKey returns the key that the name holds.
func nameKey(id DID) (PublicKey, error) {
	var key PublicKey
	var err error
	switch id.Method() {
	case methodKey:
		key, err = ParseMultikey(id.SpecificID())
	case methodJWK:
		var jwk strictjson.Value
		if jwk, err = nameJWK(id); err == nil {
			key, err = publicJWK(jwk)
		}
	case "":
		return PublicKey{}, fmt.Errorf("%w: the zero DID names nobody", ErrInvalidDID)
	default:
		return PublicKey{}, fmt.Errorf("%w: %q of %s, want \"key\" or \"jwk\"", ErrMethodNotSupported, id.Method(), id)
	}
	if err != nil {
		return PublicKey{}, fmt.Errorf("%w: did:%s: %w", ErrInvalidDID, id.Method(), err)
	}
	return key, nil
}

func nameJWK(id DID) (strictjson.Value, error) {
	text, err := multibase.DecodeBase64URL(id.SpecificID())
	if err != nil {
		return strictjson.Value{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return parseJWK(text)
}

// nameDocument writes the document of a did:key or did:jwk.
func nameDocument(d *Document) []byte {
	m := &d.methods[0]
	t := documentText{id: d.id.String()}
	for i := range t.rels {
		if signing&(1<<i) != 0 {
			t.rels[i] = []string{m.id.String()}
		}
	}
	key := methodText{id: m.id.String(), typ: m.typ, member: "publicKeyMultibase"}
	if m.typ == typeJWK {
		// The method publishes the JWK of the name, with all its members.
		jwk, _ := nameJWK(d.id) // was parsed when the document was made
		key.member, key.value = "publicKeyJwk", jcs.Append(nil, jwk)
	} else {
		key.value = jcs.AppendString(nil, d.id.SpecificID())
	}
	t.methods = []methodText{key}
	return t.text()
}
