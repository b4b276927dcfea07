package statuslist

import (
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ParseEntry reads one credentialStatus entry. The schema is closed and every
// member has one form: an unknown type or member, an index that is not a
// canonical decimal string, a wrong number of messages are all refused with
// status.invalid, and so never taken for "not revoked".
func ParseEntry(v credential.Value) (Entry, error) {
	e := Entry{Size: 1}
	if v.Kind() != strictjson.Object {
		return Entry{}, fail(ErrMalformed, v.Path(), "a status entry is an object, not %s", v.Kind())
	}
	typ := v.Get("type")
	k, ok := e.ofType(typ.Str())
	switch {
	case !typ.Exists():
		return Entry{}, fail(ErrMalformed, v.Path(), "a status entry without type")
	case typ.Kind() != strictjson.String:
		return Entry{}, fail(ErrMalformed, typ.Path(), "the type of a status entry is %s, want one text: %s", typ.Kind(), namesWith(entrySuffix))
	case !ok:
		return Entry{}, fail(ErrMalformed, typ.Path(), "status type %.80s, want %s", typ.Raw(), namesWith(entrySuffix))
	}
	for name, m := range v.Members() {
		if err := e.member(name, m, k); err != nil {
			return Entry{}, err
		}
	}
	for _, name := range []string{"statusPurpose", "statusListCredential", "statusListIndex"} {
		if !v.Get(name).Exists() {
			return Entry{}, fail(ErrMalformed, v.Path(), "a status entry without %s", name)
		}
	}
	if e.check("") != nil {
		return Entry{}, e.check(v.Path()) // to make a path costs memory
	}
	return e, nil
}

const entrySuffix = "Entry" // of an entry's type

// ofType sets the encoding of an entry by its type.
func (e *Entry) ofType(typ string) (*kind, bool) {
	name, ok := strings.CutSuffix(typ, entrySuffix)
	if !ok {
		return nil, false
	}
	for i, k := range kinds {
		if k.name == name {
			e.Encoding = Encoding(i)
			return k, true
		}
	}
	return nil, false
}

func (e *Entry) member(name string, m strictjson.Value, k *kind) (err error) {
	switch name {
	case "type":
		return nil
	case "id":
		e.ID, err = text(m)
		if err == nil && e.ID == "" {
			err = fail(ErrMalformed, m.Path(), "an empty id")
		}
		return err
	case "statusPurpose":
		var s string
		s, err = text(m)
		e.Purpose = Purpose(s)
		return err
	case "statusListCredential":
		e.URL, err = text(m)
		return err
	case "statusListIndex":
		e.Index, err = parseIndex(m)
		return err
	}
	if k.maxSize > 1 && name == "statusSize" {
		n, ok := m.Int()
		if !ok || n < 1 || n > int64(k.maxSize) {
			return fail(ErrMalformed, m.Path(), "statusSize %.40s, want an integer from 1 to %d", m.Raw(), k.maxSize)
		}
		e.Size = int(n)
		return nil
	}
	if k.texts {
		switch name {
		case "statusMessage":
			e.Messages, err = parseMessages(m)
			return err
		case "statusReference":
			e.References, err = parseReferences(m)
			return err
		}
	}
	return fail(ErrMalformed, m.Path(), "%.80q is not a member of %sEntry", name, k.name)
}

func text(v strictjson.Value) (string, error) {
	s, ok := v.LookupStr()
	if !ok {
		return "", fail(ErrMalformed, v.Path(), "want a string, not %s", v.Kind())
	}
	return s, nil
}

// parseIndex reads the one spelling of an index: decimal digits in a string,
// without sign, leading zero or exponent.
func parseIndex(v strictjson.Value) (int, error) {
	s, err := text(v)
	if err != nil {
		return 0, err
	}
	if s == "" || s[0] == '0' && len(s) > 1 || strings.Trim(s, "0123456789") != "" {
		return 0, fail(ErrMalformed, v.Path(), "statusListIndex %.40q, want a decimal number without sign or leading zero", s)
	}
	n, err := strconv.Atoi(s)
	if err != nil || n >= maxEntries {
		return 0, fail(ErrRange, v.Path(), "statusListIndex %.40s, want at most %d", s, maxEntries-1)
	}
	return n, nil
}

// parseMessages returns the messages by status value. Each value has one. What
// else its object has is for others to read (section 2.1).
func parseMessages(v strictjson.Value) ([]string, error) {
	if v.Kind() != strictjson.Array || v.Len() == 0 || v.Len() > 1<<MaxSize {
		return nil, fail(ErrMalformed, v.Path(), "statusMessage, want an array of 2 to %d messages", 1<<MaxSize)
	}
	out, seen := make([]string, v.Len()), make([]bool, v.Len())
	for item := range v.Items() {
		if item.Kind() != strictjson.Object || !item.Get("status").Exists() || !item.Get("message").Exists() {
			return nil, fail(ErrMalformed, item.Path(), "want an object with status and message")
		}
		status, err := text(item.Get("status"))
		if err != nil {
			return nil, err
		}
		message, err := text(item.Get("message"))
		if err != nil {
			return nil, err
		}
		digits, ok := strings.CutPrefix(status, "0x")
		n, err := strconv.ParseUint(digits, 16, 8)
		switch {
		case !ok || err != nil || len(digits) > 2:
			return nil, fail(ErrMalformed, item.Path(), "status %.40q, want \"0x\" and one or two hexadecimal digits", status)
		case int(n) >= len(out):
			return nil, fail(ErrMalformed, item.Path(), "status %s of %d messages", status, len(out))
		case seen[n]:
			return nil, fail(ErrMalformed, item.Path(), "status %s is listed twice", status)
		}
		out[n], seen[n] = message, true
	}
	return out, nil
}

func parseReferences(v strictjson.Value) ([]string, error) {
	if v.Kind() == strictjson.Array {
		if v.Len() == 0 {
			return nil, fail(ErrMalformed, v.Path(), "an empty array of references")
		}
		out := make([]string, 0, v.Len())
		for item := range v.Items() {
			s, err := text(item)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	}
	s, err := text(v)
	if err != nil {
		return nil, err
	}
	return []string{s}, nil
}
