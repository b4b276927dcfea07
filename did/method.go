package did

import (
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// The types of verification method whose keys are used, whatever their
// algorithm; an algorithm may have one more of its own. Every other type is
// listed and never used.
const (
	typeMultikey = "Multikey"
	typeJWK      = "JsonWebKey"
	typeJWK2020  = "JsonWebKey2020"
)

// method is one verification method.
type method struct {
	id               URL
	typ              string
	controller       DID
	key              PublicKey // zero if err is not nil
	rels             relSet
	expires, revoked time.Time
	err              error // why the key is never usable
}

// use returns the key for one purpose at one instant.
func (m *method) use(rel Relationship, at time.Time) (PublicKey, error) {
	if m.err != nil {
		return PublicKey{}, fmt.Errorf("%s: %w", m.id, m.err)
	}
	if m.rels&rel.bit()&signing == 0 {
		return PublicKey{}, fmt.Errorf("%w: %s is asked for %q, listed for %q", ErrRelationship, m.id, rel, m.rels.list())
	}
	for _, end := range [...]struct {
		name string
		at   time.Time
	}{{"expires", m.expires}, {"revoked", m.revoked}} {
		if !end.at.IsZero() && (at.IsZero() || !at.Before(end.at)) {
			return PublicKey{}, fmt.Errorf("%w: %s has %s %s", ErrKey, m.id, end.name, end.at.Format(time.RFC3339))
		}
	}
	return m.key, nil
}

// readMethods reads verificationMethod and then the relationships, whose
// strings refer to it and whose objects are methods of their own.
func (d *Document) readMethods(root strictjson.Value, most int) error {
	list := root.Get("verificationMethod")
	if err := wantArray(list); err != nil {
		return err
	}
	for v := range list.Items() {
		if err := d.addMethod(v, 0, most); err != nil {
			return err
		}
	}
	top := len(d.methods) // what follows is embedded, and not to be referred to
	for _, rel := range relationships {
		list := root.Get(string(rel))
		if err := wantArray(list); err != nil {
			return err
		}
		for v := range list.Items() {
			var err error
			if ref, ok := v.LookupStr(); ok {
				err = d.refer(ref, v, rel.bit(), top)
			} else {
				err = d.addMethod(v, rel.bit(), most)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func wantArray(v strictjson.Value) error {
	if v.Exists() && v.Kind() != strictjson.Array {
		return fmt.Errorf("%s is %s, want an array", v.Path(), v.Kind())
	}
	return nil
}

// refer lists a method of verificationMethod for a relationship. A reference
// to a key of another document is allowed and means nothing here.
func (d *Document) refer(ref string, v strictjson.Value, rel relSet, top int) error {
	if strings.HasPrefix(ref, "#") {
		ref = d.id.String() + ref // DID Core, section 3.2.2
	}
	for i := range d.methods[:top] {
		if m := &d.methods[i]; m.id.String() == ref {
			if m.rels&rel != 0 {
				return fmt.Errorf("%w: %s refers to %s a second time", ErrKey, v.Path(), ref)
			}
			m.rels |= rel
			return nil
		}
	}
	return nil
}

// addMethod reads one method. What makes the document ambiguous or malformed
// is returned; what makes only this key unusable is kept with it.
func (d *Document) addMethod(v strictjson.Value, rels relSet, most int) error {
	if len(d.methods) == most {
		return fmt.Errorf("it has more than %d verification methods, which is the most that are allowed", most)
	}
	if v.Kind() != strictjson.Object {
		return fmt.Errorf("%s is %s, want a verification method", v.Path(), v.Kind())
	}
	text, ok := v.Get("id").LookupStr()
	if !ok {
		return fmt.Errorf("%s has no string member id", v.Path())
	}
	relative := strings.HasPrefix(text, "#")
	if relative {
		text = d.id.String() + text
	}
	id, err := ParseURL(text)
	if err != nil {
		return fmt.Errorf("%w: %s/id: %w", ErrKey, v.Path(), err)
	}
	for i := range d.methods {
		if d.methods[i].id == id {
			return fmt.Errorf("%w: two verification methods have the id %s", ErrKey, id)
		}
	}
	m := method{id: id, rels: rels}
	if m.typ, ok = v.Get("type").LookupStr(); !ok {
		return fmt.Errorf("%s has no string member type", v.Path())
	}
	controller, ok := v.Get("controller").LookupStr()
	if !ok {
		return fmt.Errorf("%s has no string member controller", v.Path())
	}
	m.controller, _ = Parse(controller) // another kind of identifier is not ours either
	if m.expires, err = methodDate(v, "expires"); err != nil {
		return err
	}
	if m.revoked, err = methodDate(v, "revoked"); err != nil {
		return err
	}
	switch {
	case relative:
		m.err = fmt.Errorf("%w: its id is relative, want a whole DID URL", ErrKey)
	case id.DID() != d.id:
		m.err = fmt.Errorf("%w: it belongs to the document of %s, not to that of %s", ErrKey, id.DID(), d.id)
	case m.controller != d.id:
		m.err = fmt.Errorf("%w: its controller is %.128q, want %s", ErrKey, controller, d.id)
	default:
		m.key, m.err = methodKeyMaterial(m.typ, v)
	}
	d.methods = append(d.methods, m)
	return nil
}

// methodKeyMaterial reads the public key of a method, by its type.
func methodKeyMaterial(typ string, v strictjson.Value) (PublicKey, error) {
	multikey, jwk := v.Get("publicKeyMultibase"), v.Get("publicKeyJwk")
	if multikey.Exists() && jwk.Exists() {
		return PublicKey{}, fmt.Errorf("%w: it has two keys, publicKeyMultibase and publicKeyJwk", ErrKey)
	}
	own := findAlgorithm(func(row *algorithm) bool { return row.method != "" && row.method == typ })
	switch {
	case typ == typeJWK, typ == typeJWK2020:
		return publicJWK(jwk)
	case typ != typeMultikey && own == 0:
		return PublicKey{}, fmt.Errorf("%w: unknown type %.64q, want %s, %s, %s or %s", ErrKey, typ, typeMultikey, typeJWK, typeJWK2020,
			names(func(row *algorithm) string { return row.method }))
	}
	text, ok := multikey.LookupStr()
	if !ok {
		return PublicKey{}, fmt.Errorf("%w: type %s without the string member publicKeyMultibase", ErrKey, typ)
	}
	key, err := ParseMultikey(text)
	if err == nil && own != 0 && key.algorithm != own {
		return PublicKey{}, fmt.Errorf("%w: type %s with a key of %s", ErrKey, typ, key.algorithm)
	}
	return key, err
}

// methodDate reads a date of a verification method; the zero time if it has
// none.
func methodDate(v strictjson.Value, name string) (time.Time, error) {
	member := v.Get(name)
	if !member.Exists() {
		return time.Time{}, nil
	}
	at, err := datetime.Parse(member.Str())
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", member.Path(), err)
	}
	return at, nil
}
