package credential

import (
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// decoder reads the data model out of a tree. It keeps the first error, so
// that the rules read as a list.
type decoder struct {
	maxStatus int
	err       error
	room      *room // where lists are put; may be nil
}

// room is where a document has its short lists: in one piece of memory with it. What does not
// fit is made apart.
type room struct {
	texts   [5]string
	objects [3]Value
	proof   [1]proof

	usedTexts, usedObjects uint8
}

// list returns an empty list with room for n texts and no more.
func (r *room) list(n int) []string {
	if r == nil {
		return make([]string, 0, n)
	}
	return roomFor(r.texts[:], &r.usedTexts, n)
}

// values is list of values.
func (r *room) values(n int) []Value {
	if r == nil {
		return make([]Value, 0, n)
	}
	return roomFor(r.objects[:], &r.usedObjects, n)
}

// roomFor returns an empty list with room for n and no more, of what is not used yet.
func roomFor[T any](space []T, used *uint8, n int) []T {
	at := int(*used)
	if n > len(space)-at {
		return make([]T, 0, n)
	}
	*used += uint8(n)
	return space[at : at : at+n]
}

// one returns a list of one proof, which is zero.
func (r *room) one() []proof {
	if r == nil {
		return make([]proof, 1)
	}
	return r.proof[:]
}

func (d *decoder) fail(at Value, format string, args ...any) {
	if d.err == nil {
		d.err = malformed(at, format, args...)
	}
}

// credential reads VC-DATA-MODEL-2.0 section 4, or the same section of 1.1.
func (d *decoder) credential(c *Credential, root Value, contextURLs []string, claims bool) {
	c.Context = contextURLs
	c.Version = 2
	if len(contextURLs) > 0 && contextURLs[0] == ContextV1 {
		c.Version = 1
	}
	for name, v := range root.Members() {
		switch name {
		case "@context", "proof":
		case "id":
			c.ID = d.iri(v)
		case "type":
			c.Type = d.types(v)
		case "issuer":
			c.Issuer = d.issuer(v)
		case "name":
			c.Name = d.text(v)
		case "description":
			c.Description = d.text(v)
		case "validFrom", "validUntil", "issuanceDate", "expirationDate":
			d.date(c, name, v)
		case "credentialSubject":
			c.Subjects = d.objects(v)
			for _, s := range c.Subjects {
				if id := s.Get("id"); id.Exists() {
					d.iri(id)
				}
			}
		case "credentialStatus":
			c.Status = d.typed(v, false)
			if len(c.Status) > d.maxStatus {
				d.tooLarge(v, "credentialStatus", len(c.Status), d.maxStatus)
			}
		case "credentialSchema":
			c.Schema = d.typed(v, true)
		case "refreshService":
			c.RefreshService = d.typed(v, false)
		case "termsOfUse":
			c.TermsOfUse = d.typed(v, false)
		case "evidence":
			c.Evidence = d.typed(v, false)
		case "relatedResource":
			c.RelatedResource = d.relatedResources(v)
		default:
			if !claims || !registeredClaim(name) {
				c.Extra = append(c.Extra, Member{name, v})
			}
		}
	}
	switch {
	case len(c.Type) == 0:
		d.fail(root, "type is missing, want one that contains %s", TypeCredential)
	case !c.HasType(TypeCredential):
		d.fail(root.Get("type"), "type does not contain %s", TypeCredential)
	case c.HasType(TypePresentation):
		d.fail(root.Get("type"), "a credential is not a %s as well", TypePresentation)
	case c.Issuer.ID == "":
		d.fail(root, "issuer is missing")
	case len(c.Subjects) == 0:
		d.fail(root, "credentialSubject is missing")
	case c.Version == 1 && c.ValidFrom.IsZero():
		d.fail(root, "issuanceDate is missing, VC 1.1 requires it")
	case !c.ValidFrom.IsZero() && !c.ValidUntil.IsZero() && c.ValidUntil.Before(c.ValidFrom):
		d.fail(root, "the end of validity %s comes before its beginning %s", datetime.Format(c.ValidUntil), datetime.Format(c.ValidFrom))
	default:
		checkRelated(d, c)
	}
}

func (d *decoder) tooLarge(at Value, what string, got, max int) {
	if d.err == nil {
		d.err = fault(code.EnvelopeTooLarge, at.Path(), "%d entries of %s, at most %d are allowed", got, what, max)
	}
}

// date reads the member of the version's own name; the other version's name
// is as unknown as any other.
func (d *decoder) date(c *Credential, name string, v Value) {
	from, until := "validFrom", "validUntil"
	if c.Version == 1 {
		from, until = "issuanceDate", "expirationDate"
	}
	switch name {
	case from:
		c.ValidFrom = d.instant(v)
	case until:
		c.ValidUntil = d.instant(v)
	default:
		d.fail(v, "%s is not a member of VC %d credentials, want %s or %s", name, c.Version, from, until)
	}
}

func (d *decoder) instant(v Value) time.Time {
	s, ok := v.LookupStr()
	if !ok {
		d.fail(v, "want an instant as a string, not %s", v.Kind())
		return time.Time{}
	}
	t, err := datetime.Parse(s)
	if err != nil {
		d.fail(v, "%v", err)
	}
	return t
}

func (d *decoder) iri(v Value) string {
	s, ok := v.LookupStr()
	switch {
	case !ok:
		d.fail(v, "want an absolute IRI as a string, not %s", v.Kind())
	case !contexts.IsAbsoluteIRI(s):
		d.fail(v, "%.80q is not an absolute IRI", s)
	}
	return s
}

// types reads type: one string or an array of distinct strings.
func (d *decoder) types(v Value) []string {
	if s, ok := v.LookupStr(); ok && s != "" {
		return append(d.room.list(1), s)
	}
	if v.Kind() != strictjson.Array || v.Len() == 0 {
		d.fail(v, "want a type name or a list of them, not %s", describe(v))
		return nil
	}
	list, ok := d.room.distinct(v)
	if !ok {
		d.failTypes(v)
		return nil
	}
	return list
}

// failTypes says what is wrong with the first of a list of type names that is none, or is there
// twice.
func (d *decoder) failTypes(v Value) {
	var out distinct
	for item := range v.Items() {
		s := item.Str()
		if s == "" {
			d.fail(item, "want a type name, not %s", describe(item))
			return
		}
		if !out.add(s) {
			d.fail(item, "type %.80q is listed twice", s)
			return
		}
	}
}

// distinct reads a list of strings. It reports false if one is empty, none at all or there twice:
// then whoever asks says so, or reads the list in another way.
func (r *room) distinct(list Value) (texts []string, ok bool) {
	out := distinct{list: r.list(list.Len())}
	for item := range list.Items() {
		if s := item.Str(); s == "" || !out.add(s) {
			return nil, false
		}
	}
	return out.list, true
}

// distinct is a list of strings of which none is there twice.
type distinct struct {
	list []string
	many map[string]struct{} // the same, where a look through the list would be slow
}

const fewStrings = 16

// add reports whether s was not there yet.
func (x *distinct) add(s string) bool {
	switch {
	case len(x.list) < fewStrings:
		if slices.Contains(x.list, s) {
			return false
		}
	case x.many == nil:
		x.many = make(map[string]struct{}, cap(x.list))
		for _, known := range x.list {
			x.many[known] = struct{}{}
		}
		fallthrough
	default:
		if _, known := x.many[s]; known {
			return false
		}
		x.many[s] = struct{}{}
	}
	x.list = append(x.list, s)
	return true
}

func (d *decoder) issuer(v Value) (is Issuer) {
	if v.Kind() != strictjson.Object {
		is.ID = d.iri(v)
		return is
	}
	for name, m := range v.Members() {
		switch name {
		case "id":
			is.ID = d.iri(m)
		case "name":
			is.Name = d.text(m)
		case "description":
			is.Description = d.text(m)
		default:
			is.Extra = append(is.Extra, Member{name, m})
		}
	}
	if is.ID == "" {
		d.fail(v, "an issuer object needs an id")
	}
	return is
}

// text checks a name or description: a string, a language value object, or an
// array of such objects (VC-DATA-MODEL-2.0 section 11.1).
func (d *decoder) text(v Value) Value {
	switch v.Kind() {
	case strictjson.String:
	case strictjson.Object:
		if !v.Get("@value").Exists() {
			d.fail(v, "a language value object needs @value")
		}
		for name, m := range v.Members() {
			if name != "@value" && name != "@language" && name != "@direction" {
				d.fail(m, "%.80q is not a member of a language value object", name)
			} else if m.Kind() != strictjson.String {
				d.fail(m, "want a string, not %s", m.Kind())
			}
		}
	case strictjson.Array:
		for item := range v.Items() {
			if item.Kind() != strictjson.Object {
				d.fail(item, "want a language value object, not %s", item.Kind())
				break
			}
			d.text(item)
		}
	default:
		d.fail(v, "want a string or a language value object, not %s", v.Kind())
	}
	return v
}

// objects reads one object or an array of objects, none of them empty.
func (d *decoder) objects(v Value) []Value {
	switch {
	case v.Kind() == strictjson.Object && v.Len() > 0:
		return append(d.room.values(1), v)
	case v.Kind() != strictjson.Array || v.Len() == 0:
		d.fail(v, "want an object or a list of objects, not %s", describe(v))
		return nil
	}
	out := d.room.values(v.Len())
	for item := range v.Items() {
		if item.Kind() != strictjson.Object || item.Len() == 0 {
			d.fail(item, "want an object with members, not %s", describe(item))
			return nil
		}
		out = append(out, item)
	}
	return out
}

// typed reads objects that each need a type, and an id where asked for.
func (d *decoder) typed(v Value, needID bool) []Value {
	out := d.objects(v)
	for _, o := range out {
		switch t := o.Get("type"); {
		case !t.Exists():
			d.fail(o, "type is missing")
		case t.Kind() != strictjson.String || t.Str() == "": // one name needs no list
			d.types(t)
		}
		switch id := o.Get("id"); {
		case id.Exists():
			d.iri(id)
		case needID:
			d.fail(o, "id is missing")
		}
	}
	return out
}

func describe(v Value) string {
	switch {
	case v.Kind() == strictjson.Array && v.Len() == 0:
		return "an empty array"
	case v.Kind() == strictjson.Object && v.Len() == 0:
		return "an empty object"
	case v.Kind() == strictjson.String && v.Str() == "":
		return "an empty string"
	}
	return v.Kind().String()
}
