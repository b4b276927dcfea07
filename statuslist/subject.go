package statuslist

import (
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// subject reads the list itself. The schema is closed: a member that is not
// known could change what the bits mean.
func (l *ListCredential) subject(s credential.Value, k *kind) (err error) {
	path := s.Path()
	switch typ := s.Get("type"); {
	case !typ.Exists():
		return fail(ErrVerification, path, "the list itself has no type, want %s", k.name)
	case typ.Kind() != strictjson.String:
		return fail(ErrVerification, typ.Path(), "the type of the list itself is %s, want the text %q alone", typ.Kind(), k.name)
	case typ.Str() != k.name:
		return fail(ErrVerification, typ.Path(), "the list itself is of type %.80q, want %s", typ.Str(), k.name)
	}
	for _, name := range []string{"statusPurpose", "encodedList"} {
		if !s.Get(name).Exists() {
			return fail(ErrMalformed, path, "a list without %s", name)
		}
	}
	for name, m := range s.Members() {
		switch {
		case name == "id" || name == "type" || name == "name" || name == "description":
			// for people and for graphs
		case name == "statusPurpose":
			err = l.purposes(m, k)
		case name == "encodedList":
			err = l.encodedList(m, k)
		case name == "ttl" && k.vc.ttl:
			err = l.ttl(m)
		default:
			err = fail(ErrMalformed, m.Path(), "%.80q is not a member of %s", name, k.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// purposes reads one purpose, or, where the kind has it, an array of them.
func (l *ListCredential) purposes(m credential.Value, k *kind) error {
	add := func(v credential.Value) error {
		s, err := text(v)
		if err != nil {
			return err
		}
		if s == "" || slices.Contains(l.Purposes, Purpose(s)) {
			return fail(ErrMalformed, v.Path(), "statusPurpose %.80q is empty or is listed twice", s)
		}
		l.Purposes = append(l.Purposes, Purpose(s))
		return nil
	}
	if !k.vc.manyPurposes || m.Len() == 0 {
		return add(m) // refuses what is not a string
	}
	for item := range m.Items() {
		if err := add(item); err != nil {
			return err
		}
	}
	if len(l.Purposes) == 0 {
		return fail(ErrMalformed, m.Path(), "want a purpose or an array of purposes, not %s", m.Kind())
	}
	return nil
}

func (l *ListCredential) encodedList(m credential.Value, k *kind) error {
	s, err := text(m)
	if err != nil {
		return err
	}
	if l.bits, err = k.unpack(s, 1, l.caps); err != nil {
		return at(err, m.Path())
	}
	// What a status size of 1 finds too short is too short for every size.
	if bits := len(l.bits) * 8; bits < MinEntries {
		return at(tooShort(bits), m.Path())
	}
	return nil
}

// at says where in the document an error of the list stands.
func at(err error, path string) error {
	if e, ok := err.(*code.Error); ok {
		e.Path = path
	}
	return err
}

// ttl reads milliseconds. However odd the number, it can only make a cache
// fetch earlier than its own rules would.
func (l *ListCredential) ttl(m credential.Value) error {
	n, ok := m.Int()
	if !ok {
		return fail(ErrMalformed, m.Path(), "ttl %.40s, want an integer of milliseconds", m.Raw())
	}
	l.HasTTL = true
	l.TTL = maxTTL
	if n < maxTTL.Milliseconds() {
		l.TTL = time.Duration(max(n, 0)) * time.Millisecond
	}
	return nil
}

// maxTTL is the age beyond which no configuration takes a list.
var maxTTL = maximum.StatusAge
