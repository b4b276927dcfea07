package passport

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// reader takes typed values out of a tree and keeps the first error, so that
// decoding reads as a list of members.
type reader struct {
	maxItems int
	err      error
	pool
	facet int // the row of the last facet that was read
}

// newReader returns a reader of lists of at most that many items; zero means
// the default.
func newReader(items int) reader {
	if items == 0 {
		items = limits.Default().AuthorityItems
	}
	return reader{maxItems: items, facet: -1}
}

func (r *reader) fail(at credential.Value, format string, args ...any) {
	if r.err == nil {
		r.err = invalid(at.Path(), format, args...)
	}
}

// because records err as found at a place of the document.
func (r *reader) because(place credential.Value, err error) {
	if r.err == nil && err != nil {
		r.err = below(place.Path(), err)
	}
}

func (r *reader) unknown(at credential.Value, name, of string) {
	r.fail(at, "%.80q is not a member of %s", name, of)
}

func (r *reader) text(v credential.Value) string {
	s, ok := v.LookupStr()
	if !ok || s == "" {
		r.fail(v, "want a string that is not empty, not %s", v.Kind())
	}
	return s
}

func (r *reader) oneOf(v credential.Value, want ...string) string {
	s := r.text(v)
	for _, w := range want {
		if s == w {
			return s
		}
	}
	r.fail(v, "%.80q is not one of %q", s, append([]string(nil), want...)) // so that only an error costs memory
	return s
}

// word reads a text that something is decided on: visible characters only.
func (r *reader) word(v credential.Value) string {
	s := r.text(v)
	if !contexts.IsVisibleText(s) {
		r.fail(v, "%.80q has white space, control, invisible or unassigned characters", s)
	}
	return s
}

func (r *reader) iri(v credential.Value) string {
	s := r.text(v)
	if !contexts.IsAbsoluteIRI(s) {
		r.fail(v, "%.80q is not an absolute IRI", s)
	}
	return s
}

// passportID reads the identifier of a passport.
func (r *reader) passportID(v credential.Value) string {
	s := r.iri(v)
	if !isPassportID(s) {
		r.fail(v, "%.80q is not the id of a passport: it does not end in a ULID in upper case", s)
	}
	return s
}

func (r *reader) did(v credential.Value) did.DID {
	d, err := did.Parse(r.text(v))
	r.because(v, err)
	return d
}

func (r *reader) digest(v credential.Value) string {
	s := r.text(v)
	if _, err := multibase.DecodeDigest(s); err != nil {
		r.fail(v, "%.80q is not a SHA-256 multihash in multibase base64url (uEi…)", s)
	}
	return s
}

func (r *reader) instant(v credential.Value) time.Time {
	t, err := datetime.Parse(r.text(v))
	r.because(v, err)
	return t
}

func (r *reader) count(v credential.Value) int {
	n, ok := v.Int()
	if !ok || n < 0 || n > 1<<20 {
		r.fail(v, "want a small whole number, not %.40s", v.Raw())
		return 0
	}
	return int(n)
}

// items checks that v is a list with something in it and not too much.
func (r *reader) items(v credential.Value) bool {
	switch {
	case v.Kind() != strictjson.Array:
		r.fail(v, "want a list, not %s", v.Kind())
	case v.Len() == 0:
		r.fail(v, "a list that is stated is not empty; leave the member out")
	default:
		return r.notTooMany(v)
	}
	return false
}

// notTooMany holds a list or an object to the bound on lists of authority.
func (r *reader) notTooMany(v credential.Value) bool {
	if v.Len() > r.maxItems && r.err == nil {
		r.err = &Error{Code: code.EnvelopeTooLarge, Path: v.Path(), Detail: fmt.Sprintf("%d items, at most %d are allowed", v.Len(), r.maxItems)}
	}
	return r.err == nil
}

// texts reads a list of distinct strings, each of which check accepts.
func (r *reader) texts(v credential.Value, check func(string) error) []string {
	if !r.items(v) {
		return nil
	}
	out := r.list(v.Len())
	for item := range v.Items() {
		s := r.text(item)
		if check != nil {
			r.because(item, check(s))
		}
		for _, o := range out {
			if o == s {
				r.fail(item, "%.80q is listed twice", s)
			}
		}
		out = append(out, s)
	}
	return out
}

// object checks that v is an object with members in it.
func (r *reader) object(v credential.Value, what string) bool {
	switch {
	case v.Kind() != strictjson.Object:
		r.fail(v, "want %s as an object, not %s", what, v.Kind())
	case v.Len() == 0:
		r.fail(v, "%s without members says nothing; leave it out", what)
	}
	return r.err == nil
}

// free takes an object whose content is nobody's business here; it may be
// empty.
func (r *reader) free(v credential.Value, what string) credential.Value {
	if v.Kind() != strictjson.Object {
		r.fail(v, "want %s as an object, not %s", what, v.Kind())
	}
	return v
}

// bound reads an integer from 0 up.
func (r *reader) bound(v credential.Value) int64 {
	n, ok := v.Int()
	if !ok || n < 0 {
		r.fail(v, "want a whole number from 0 to 2^53-1, not %.40s", v.Raw())
	}
	return n
}
