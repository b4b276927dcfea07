package did

import (
	"fmt"
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

// method is one verification method, or what stands where one is wanted.
type method struct {
	id               URL   // zero if it has none that can be asked for
	at               place // where the document has it
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
	for _, end := range [...]struct {
		name string
		at   time.Time
	}{{"expires", m.expires}, {"revoked", m.revoked}} {
		if !end.at.IsZero() && (at.IsZero() || !at.Before(end.at)) {
			return PublicKey{}, fmt.Errorf("%w: %s has %s %s", ErrKey, m.id, end.name, end.at.Format(time.RFC3339))
		}
	}
	if m.rels&rel.bit()&signing == 0 {
		return PublicKey{}, fmt.Errorf("%w: %s is asked for %q, listed for %q", ErrRelationship, m.id, rel,
			m.rels.list())
	}
	return m.key, nil
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
		return PublicKey{}, fmt.Errorf("%w: type %.64q is not one of %s, %s, %s and %s", ErrKey, typ,
			typeMultikey, typeJWK, typeJWK2020, names(func(row *algorithm) string { return row.method }))
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
	text, ok := member.LookupStr()
	if !ok {
		return time.Time{}, fmt.Errorf("%w: %s is %s, want a string such as 2026-01-02T15:04:05Z",
			ErrKey, name, member.Kind())
	}
	at, err := datetime.Parse(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s: %w", ErrKey, name, err)
	}
	return at, nil
}
