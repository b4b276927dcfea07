package packs

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// schema is what a member of the context must look like: the part of JSON Schema
// that packs use.
type schema struct {
	kind       strictjson.Kind // Invalid: anything
	integer    bool
	enum       []string
	pattern    *regexp.Regexp // RE2: linear in the text
	format     string         // "", date, date-time, uri
	minLength  int            // characters of a text, items of an array
	maxLength  int            // -1: any
	minimum    *number
	maximum    *number
	members    []member // of an object
	required   []string
	others     *schema // of members that are not listed; nil: anything
	items      *schema
	maxMembers int // -1: any
}

type member struct {
	name string
	schema
}

var kinds = map[string]strictjson.Kind{
	"string": strictjson.String, "integer": strictjson.Number, "number": strictjson.Number,
	"boolean": strictjson.Bool, "array": strictjson.Array, "object": strictjson.Object,
}

// readSchema reads the schema of one member.
func readSchema(v credential.Value, depth int) (s schema, err error) {
	s.maxLength, s.maxMembers = -1, -1
	bad := func(m credential.Value, what string) error {
		return fmt.Errorf("%s: want %s", m.Path(), what)
	}
	if v.Kind() != strictjson.Object || depth > maxSchemaDepth {
		return s, bad(v, fmt.Sprintf("a schema as an object, nested at most %d deep", maxSchemaDepth))
	}
	for name, m := range v.Members() {
		n, isCount := m.Int()
		isCount = isCount && n >= 0
		switch name {
		case "type":
			ok := false
			if s.kind, ok = kinds[m.Str()]; !ok {
				return s, bad(m, "string, integer, number, boolean, array or object")
			}
			s.integer = m.Str() == "integer"
		case "enum":
			if s.enum, err = readTexts(m); err != nil {
				return s, err
			}
		case "pattern":
			if s.pattern, err = regexp.Compile(m.Str()); err != nil || len(m.Str()) > 200 {
				return s, bad(m, "a regular expression of RE2, of at most 200 bytes")
			}
		case "format":
			if s.format = m.Str(); !slices.Contains([]string{"date", "date-time", "uri"}, s.format) {
				return s, bad(m, "date, date-time or uri")
			}
		case "minLength", "minItems", "maxLength", "maxItems", "maxProperties":
			if !isCount {
				return s, bad(m, "a count")
			}
			switch name {
			case "maxProperties":
				s.maxMembers = int(n)
			case "maxLength", "maxItems":
				s.maxLength = int(n)
			default:
				s.minLength = int(n)
			}
		case "minimum", "maximum":
			bound, ok := parseNumber(m.Raw())
			if m.Kind() != strictjson.Number || !ok {
				return s, bad(m, "a number")
			}
			if name == "minimum" {
				s.minimum = &bound
			} else {
				s.maximum = &bound
			}
		case "members":
			for inner, mm := range m.Members() {
				one, err := readSchema(mm, depth+1)
				if err != nil {
					return s, err
				}
				s.members = append(s.members, member{inner, one})
			}
		case "required":
			if s.required, err = readTexts(m); err != nil {
				return s, err
			}
		case "others", "items":
			if always, ok := m.Bool(); ok && always && name == "others" {
				continue
			}
			one, err := readSchema(m, depth+1)
			if err != nil {
				return s, err
			}
			if name == "items" {
				s.items = &one
			} else {
				s.others = &one
			}
		default:
			return s, bad(m, "no member of that name: a schema has none")
		}
	}
	return s, nil
}

const maxSchemaDepth = 6

func readTexts(v credential.Value) (out []string, err error) {
	if v.Kind() != strictjson.Array {
		return nil, fmt.Errorf("%s: want an array of texts", v.Path())
	}
	for item := range v.Items() {
		s, ok := item.LookupStr()
		if !ok {
			return nil, fmt.Errorf("%s: want a text", item.Path())
		}
		out = append(out, s)
	}
	return out, nil
}

// holds reports whether a value fits, and if not, which value does not.
func (s *schema) holds(v credential.Value) (bad credential.Value, ok bool) {
	if s.kind != strictjson.Invalid && v.Kind() != s.kind {
		return v, false
	}
	switch v.Kind() {
	case strictjson.String:
		return v, s.text(v.Str())
	case strictjson.Number:
		return v, s.number(v.Raw())
	case strictjson.Array:
		if n := v.Len(); n < s.minLength || s.maxLength >= 0 && n > s.maxLength {
			return v, false
		}
		if s.items != nil {
			for item := range v.Items() {
				if bad, ok := s.items.holds(item); !ok {
					return bad, false
				}
			}
		}
	case strictjson.Object:
		return s.object(v)
	}
	return credential.Value{}, true
}

func (s *schema) object(v credential.Value) (bad credential.Value, ok bool) {
	if s.maxMembers >= 0 && v.Len() > s.maxMembers {
		return v, false
	}
	for _, name := range s.required {
		if !v.Get(name).Exists() {
			return v, false
		}
	}
	for name, m := range v.Members() {
		of := s.others
		for i := range s.members {
			if s.members[i].name == name {
				of = &s.members[i].schema
				break
			}
		}
		if of != nil {
			if bad, ok := of.holds(m); !ok {
				return bad, false
			}
		}
	}
	return credential.Value{}, true
}

func (s *schema) text(t string) bool {
	if s.minLength > 0 || s.maxLength >= 0 {
		// Bytes are at least as many as characters: most texts need no count.
		if n := len(t); n < s.minLength || s.maxLength >= 0 && n > s.maxLength {
			if n = utf8.RuneCountInString(t); n < s.minLength || n > s.maxLength {
				return false
			}
		} else if s.minLength > 1 && utf8.RuneCountInString(t) < s.minLength {
			return false
		}
	}
	switch {
	case s.enum != nil && !slices.Contains(s.enum, t), s.pattern != nil && !s.pattern.MatchString(t):
		return false
	}
	switch s.format {
	case "date":
		_, err := time.Parse(time.DateOnly, t)
		return err == nil
	case "date-time":
		_, err := datetime.Parse(t)
		return err == nil
	case "uri":
		scheme, rest, ok := strings.Cut(t, ":")
		return ok && scheme != "" && rest != "" && isLetter(scheme[0]) && strings.Trim(scheme, schemeBytes) == "" &&
			isURIText(withoutLiteral(rest))
	}
	return true
}

// withoutLiteral takes the address in brackets out of an authority such as
// //[::1]:80, the one place where brackets may be.
func withoutLiteral(t string) string {
	authority, ok := strings.CutPrefix(t, "//")
	if !ok {
		return t
	}
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	address, port, ok := strings.Cut(host, "]")
	_, err := netip.ParseAddr(strings.TrimPrefix(address, "["))
	if !ok || err != nil || !strings.HasPrefix(host, "[") || port != "" && port[0] != ':' {
		return t
	}
	at := len(t) - len(strings.TrimPrefix(t, "//")) + len(authority) - len(host)
	return t[:at] + t[at+len(address)+1:]
}

// isURIText reports whether a text has only what RFC 3986 has in a URI: no byte
// beyond ASCII, a '%' with its two digits, one '#'.
func isURIText(t string) bool {
	fragments := 0
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c <= ' ', c >= 0x7f, strings.IndexByte("\"<>[\\]^`{|}", c) >= 0:
			return false
		case c == '%' && (i+2 >= len(t) || !isHex(t[i+1]) || !isHex(t[i+2])):
			return false
		case c == '#':
			fragments++
		}
	}
	return fragments <= 1
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

const schemeBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."

func (s *schema) number(raw string) bool {
	n, ok := parseNumber(raw)
	if !ok || s.integer && n.scale > 0 {
		return false
	}
	if s.minimum != nil {
		if order, known := n.compare(*s.minimum); !known || order < 0 {
			return false
		}
	}
	if s.maximum != nil {
		if order, known := n.compare(*s.maximum); !known || order > 0 {
			return false
		}
	}
	return true
}
