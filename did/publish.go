package did

import (
	"fmt"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// DocumentOptions is the content of a new DID document, for [NewDocument].
type DocumentOptions struct {
	ID          DID           // whose document it is; required
	Keys        []DocumentKey // at least one
	AlsoKnownAs []string      // other names of the subject, as URIs; may be empty
	Services    []Service     // may be empty
}

// A DocumentKey is one key of a new DID document.
type DocumentKey struct {
	Fragment      string         // its name in the document, without '#'; "" means the key's Multikey text
	Key           PublicKey      // the key; required
	Relationships []Relationship // what it is for; none is an error for a key not revoked; so is KeyAgreement
	JWK           bool           // publish it as a JsonWebKey; false means as a Multikey

	// Expires is when the key ends, and Revoked when it was taken back, to the second (Controlled Identifiers
	// 1.0, section 2.2). [Document.Key] refuses it from then on. Zero: the document does not say.
	Expires, Revoked time.Time
}

// A Service is one service of a new DID document.
type Service struct {
	ID       URL    // of the same document
	Type     string // not empty
	Endpoint string // a URI
}

// NewDocument writes a DID document for publication. The same options give the
// same bytes, which are in the form of RFC 8785. The document is read back as
// [ParseDocument] reads a stranger's, so what cannot be used is not published.
func NewDocument(o DocumentOptions) (*Document, error) {
	t := documentText{id: o.ID.String(), alsoKnownAs: o.AlsoKnownAs}
	if len(o.Keys) == 0 {
		return nil, fmt.Errorf("%w: no keys", ErrInvalidDocument)
	}
	for _, k := range o.Keys {
		if err := t.addKey(o.ID, k); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidDocument, err)
		}
	}
	for _, s := range o.Services {
		if s.ID.DID() != o.ID || s.Type == "" || s.Endpoint == "" {
			return nil, fmt.Errorf("%w: service %q wants an id of %s, a type and an endpoint", ErrInvalidDocument, s.ID, o.ID)
		}
	}
	t.services = o.Services
	return ParseDocument(t.text())
}

func (t *documentText) addKey(doc DID, k DocumentKey) error {
	if err := k.Key.must(); err != nil {
		return err
	}
	multikey, fragment := k.Key.Multikey(), k.Fragment
	if fragment == "" {
		fragment = multikey
	}
	id, err := doc.URL(fragment)
	if err != nil {
		return err
	}
	if len(k.Relationships) == 0 && k.Revoked.IsZero() {
		return fmt.Errorf("%w: %s has no relationships", ErrKey, id)
	}
	var rels relSet
	for _, rel := range k.Relationships {
		if rel.bit()&signing == 0 {
			return fmt.Errorf("%w: %s: a key that signs cannot be listed for %q", ErrKey, id, rel)
		}
		rels |= rel.bit()
	}
	for i := range relationships {
		if rels&(1<<i) != 0 {
			t.rels[i] = append(t.rels[i], id.String())
		}
	}
	if slices.ContainsFunc(t.methods, func(m methodText) bool { return m.id == id.String() }) {
		return fmt.Errorf("%w: two keys have the id %s", ErrKey, id)
	}
	m := methodText{id: id.String(), typ: typeMultikey, member: "publicKeyMultibase", value: jcs.AppendString(nil, multikey)}
	if k.JWK {
		m.typ, m.member, m.value = typeJWK, "publicKeyJwk", k.Key.JWK()
	}
	for _, end := range [...]struct {
		at   time.Time
		text *string
	}{{k.Expires, &m.expires}, {k.Revoked, &m.revoked}} {
		if end.at.IsZero() {
			continue
		}
		if err := datetime.Check(end.at); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrKey, id, err)
		}
		*end.text = datetime.Format(end.at)
	}
	t.methods = append(t.methods, m)
	return nil
}

// documentText is a DID document about to be written.
type documentText struct {
	id          string
	alsoKnownAs []string
	rels        [len(relationships)][]string
	methods     []methodText
	services    []Service
}

type methodText struct {
	id, typ string
	member  string // of the public key
	value   []byte // the public key, as JSON

	expires, revoked string // "": it does not say
}

// text writes the members in the order of their names, so that the text is its
// own canonical form.
func (t *documentText) text() []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", t.contexts())
	w.Strings("alsoKnownAs", t.alsoKnownAs)
	for i, rel := range relationships {
		w.Strings(string(rel), t.rels[i])
	}
	w.Name("id")
	w.String(t.id)
	if len(t.services) > 0 {
		w.Name("service")
		w.BeginArray()
		for _, s := range t.services {
			w.BeginObject()
			w.Member("id", s.ID.String())
			w.Member("serviceEndpoint", s.Endpoint)
			w.Member("type", s.Type)
			w.EndObject()
		}
		w.EndArray()
	}
	w.Name("verificationMethod")
	w.BeginArray()
	for _, m := range t.methods {
		w.BeginObject()
		w.Member("controller", t.id)
		if m.expires != "" {
			w.Member("expires", m.expires)
		}
		w.Member("id", m.id)
		w.Name(m.member)
		w.Raw(string(m.value))
		if m.revoked != "" {
			w.Member("revoked", m.revoked)
		}
		w.Member("type", m.typ)
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
	return w.Buf
}

// contexts returns the JSON-LD contexts that define the terms of the document.
func (t *documentText) contexts() []string {
	list := []string{"https://www.w3.org/ns/did/v1"}
	for _, c := range [...]struct{ typ, url string }{
		{typeMultikey, "https://w3id.org/security/multikey/v1"},
		{typeJWK, "https://w3id.org/security/jwk/v1"},
	} {
		for _, m := range t.methods {
			if m.typ == c.typ {
				list = append(list, c.url)
				break
			}
		}
	}
	return list
}
