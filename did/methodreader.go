package did

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// methodReader reads the verification methods of a document. What is wrong
// with one of them is kept with it and spoils no other. What makes it uncertain
// which key is meant refuses the document.
type methodReader struct {
	doc   *Document
	texts []strictjson.Value // of doc.methods, one for one
	most  int
	count int         // of methods, those that were repeated included
	open  []reference // that no method answered to
}

// reference is a string in a relationship.
type reference struct {
	url  string
	at   place
	rels relSet
}

// place is where something is in a document: an item of a list of that name, or
// with index -1 the list itself.
type place struct {
	list  string
	index int
}

// String returns the place as a JSON Pointer (RFC 6901).
func (p place) String() string {
	if p.index < 0 {
		return "/" + p.list
	}
	return "/" + p.list + "/" + strconv.Itoa(p.index)
}

// read reads verificationMethod, then the relationships, whose strings refer to
// it and whose objects are methods of their own.
func (r *methodReader) read(root strictjson.Value) error {
	err := r.each(root, "verificationMethod", func(v strictjson.Value, at place) error { return r.add(v, at, 0) })
	if err != nil {
		return err
	}
	top := len(r.doc.methods) // what follows is embedded, and not to be referred to
	for _, rel := range relationships {
		err := r.each(root, string(rel), func(v strictjson.Value, at place) error {
			if ref, ok := v.LookupStr(); ok {
				r.refer(reference{r.doc.resolve(ref), at, rel.bit()}, top)
				return nil
			}
			return r.add(v, at, rel.bit())
		})
		if err != nil {
			return err
		}
	}
	if err := r.readOld(root); err != nil {
		return err
	}
	for _, ref := range r.open {
		r.keep(method{at: ref.at, rels: ref.rels, err: fmt.Errorf(
			"%w: it refers to %.128q, which is not in the verificationMethod of this document", ErrKey, ref.url)}, strictjson.Value{})
	}
	return nil
}

// each calls f for every item of a list, and tells it where that is. null is
// nothing; anything else that is not an array is listed and never used.
func (r *methodReader) each(root strictjson.Value, name string, f func(v strictjson.Value, at place) error) error {
	list := root.Get(name)
	switch list.Kind() {
	case strictjson.Invalid, strictjson.Null:
	case strictjson.Array:
		at := place{name, 0}
		for v := range list.Items() {
			if err := f(v, at); err != nil {
				return err
			}
			at.index++
		}
	default:
		r.keep(method{at: place{name, -1}, rels: Relationship(name).bit(), err: fmt.Errorf(
			"%w: it is %s, want an array", ErrKey, list.Kind())}, list)
	}
	return nil
}

// refer lists a method of verificationMethod for a relationship. A reference
// to a key of another document is allowed, and no key of this one is meant.
func (r *methodReader) refer(ref reference, top int) {
	for i := range r.doc.methods[:top] {
		if m := &r.doc.methods[i]; !m.id.IsZero() && m.id.String() == ref.url {
			m.rels |= ref.rels
			return
		}
	}
	if len(r.open) < r.most {
		r.open = append(r.open, ref)
	}
}

// add reads one method. It fails if the document has too many, or another one
// of the same id.
func (r *methodReader) add(v strictjson.Value, at place, rels relSet) error {
	if r.count == r.most {
		return fmt.Errorf("it has more than %d verification methods, which is the most that are allowed", r.most)
	}
	r.count++
	m := r.doc.readMethod(v)
	m.at, m.rels = at, rels
	if i := r.find(m.id); i >= 0 {
		if !bytes.Equal(r.canonical(v), r.canonical(r.texts[i])) {
			return fmt.Errorf("%w: two different verification methods have the id %s, at %s and %s", ErrKey, m.id, r.doc.methods[i].at, at)
		}
		r.doc.methods[i].rels |= rels
		return nil
	}
	r.keep(m, v)
	return nil
}

// find returns where the method of this id is; -1 if there is none.
func (r *methodReader) find(id URL) int {
	if id.IsZero() {
		return -1
	}
	return slices.IndexFunc(r.doc.methods, func(m method) bool { return m.id == id })
}

func (r *methodReader) keep(m method, v strictjson.Value) {
	r.doc.methods = append(r.doc.methods, m)
	r.texts = append(r.texts, v)
}

// canonical writes a method in one way, whatever the order of its members and
// whether its id and its controller are relative; without its context, which is
// not data.
func (r *methodReader) canonical(v strictjson.Value) []byte {
	edits := []jcs.Edit{{Name: "@context"}}
	for _, name := range [...]string{"controller", "id"} {
		if text, ok := v.Get(name).LookupStr(); ok {
			edits = append(edits, jcs.Edit{Name: name, Text: jcs.AppendString(nil, r.doc.resolve(text))})
		}
	}
	return jcs.AppendEdited(nil, v, edits...)
}

// readOld lists the methods under the name that verificationMethod had before
// DID Core 1.0, for the sake of whoever looks for a key there. They are never
// used, and so do not get in the way of those that are.
func (r *methodReader) readOld(root strictjson.Value) error {
	if root.Get("publicKey").Kind() != strictjson.Array {
		return nil
	}
	from := len(r.doc.methods)
	err := r.each(root, "publicKey", func(v strictjson.Value, at place) error {
		if r.find(r.doc.readMethod(v).id) >= 0 {
			return nil
		}
		return r.add(v, at, 0)
	})
	if err != nil {
		return err
	}
	old := r.doc.methods[from:]
	for i := range old {
		old[i].key = PublicKey{}
		old[i].err = fmt.Errorf("%w: it is listed as publicKey, the name before DID Core 1.0, want verificationMethod", ErrKey)
	}
	r.open = slices.DeleteFunc(r.open, func(ref reference) bool {
		for i := range old {
			if !old[i].id.IsZero() && old[i].id.String() == ref.url {
				old[i].rels |= ref.rels
				return true
			}
		}
		return false
	})
	return nil
}

// resolve makes a relative reference whole, against the DID of the document
// (DID Core 1.0, section 3.2.2): nothing at all, or a fragment. Others would
// lead out of the document, and are left as they are.
func (d *Document) resolve(ref string) string {
	if ref == "" || ref[0] == '#' {
		return d.id.String() + ref
	}
	return ref
}

// readMethod reads one method, without its place and its relationships. The
// first thing that makes it unusable is its err.
func (d *Document) readMethod(v strictjson.Value) method {
	if v.Kind() != strictjson.Object {
		return method{err: fmt.Errorf("%w: it is %s, want a verification method", ErrKey, v.Kind())}
	}
	var m method
	name, named := v.Get("id").LookupStr()
	id, idErr := ParseURL(d.resolve(name))
	typ, typed := v.Get("type").LookupStr()
	controller, controlled := v.Get("controller").LookupStr()
	controller = d.resolve(controller)
	var expiresErr, revokedErr error
	m.expires, expiresErr = methodDate(v, "expires")
	m.revoked, revokedErr = methodDate(v, "revoked")
	m.typ = typ
	if named && idErr == nil {
		m.id = id
	}
	if controlled {
		m.controller, _ = Parse(controller) // another kind of identifier is not ours either
	}
	switch {
	case !named:
		m.err = fmt.Errorf("%w: it has no string member id", ErrKey)
	case idErr != nil:
		m.err = fmt.Errorf("%w: id: %w", ErrKey, idErr)
	case id.DID() != d.id:
		m.err = fmt.Errorf("%w: it belongs to the document of %s, not to that of %s", ErrKey, id.DID(), d.id)
	case !typed:
		m.err = fmt.Errorf("%w: it has no string member type", ErrKey)
	case !controlled:
		m.err = fmt.Errorf("%w: it has no string member controller", ErrKey)
	case m.controller != d.id:
		m.err = fmt.Errorf("%w: its controller is %.128q, want %s", ErrKey, controller, d.id)
	case expiresErr != nil:
		m.err = expiresErr
	case revokedErr != nil:
		m.err = revokedErr
	default:
		m.key, m.err = methodKeyMaterial(typ, v)
	}
	return m
}
