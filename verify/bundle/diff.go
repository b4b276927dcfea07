package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
)

// Change is one difference between two bundles.
type Change struct {
	Kind   Kind   // "" for the bundle itself
	ID     string // of the entry; of the bundle
	What   string // "added", "removed", "changed", "renewed" (fetched again, with the same content) or "missing"
	Detail string // what differs, for people; may be empty
}

// String returns the change as one line: "didDocuments
// did:web:issuer.example changed: key #2026 removed".
func (c Change) String() string {
	s := c.ID + " " + c.What
	if c.Kind != "" {
		s = string(c.Kind) + " " + s
	}
	if c.Detail != "" {
		s += ": " + c.Detail
	}
	return s
}

// Diff tells what new has that old has not, and the other way round: first the
// bundle itself, then anchors, DID documents, status lists and credentials, each
// in the order of their ids. It is nil for two bundles that say the same. A nil
// bundle is an empty one.
func Diff(old, new *Bundle) []Change {
	var out []Change
	switch {
	case old == nil && new == nil:
		return nil
	case old == nil:
		old = &Bundle{}
		out = append(out, Change{ID: new.info.ID, What: "added", Detail: extent(&new.info)})
	case new == nil:
		new = &Bundle{}
		out = append(out, Change{ID: old.info.ID, What: "removed", Detail: extent(&old.info)})
	default:
		if detail := headDiff(&old.info, &new.info); detail != "" {
			out = append(out, Change{ID: new.info.ID, What: "changed", Detail: detail})
		}
	}
	for _, kind := range [...]Kind{Anchors, DIDDocuments, StatusLists, Credentials} {
		was, is := entriesOf(old, kind), entriesOf(new, kind)
		for _, id := range unionOfIDs(was, is) {
			a, b := was[id], is[id]
			c := Change{Kind: kind, ID: id, What: "changed"}
			switch {
			case a == nil:
				c.What = "added"
			case b == nil:
				c.What = "removed"
			case a.Digest != b.Digest || a.Vouched != b.Vouched:
				c.Detail = new.contentDiff(old, kind, id)
			case *a == *b && !new.info.missing(b):
				continue
			default:
				c.What, c.Detail = "renewed", renewal(a, b)
			}
			if b != nil && new.info.missing(b) {
				until := "of use only until " + datetime.Format(b.UseBy)
				if c.What == "changed" { // whatever else is said of it
					until = c.Detail + ", " + until
				}
				c.What, c.Detail = "missing", until
			}
			out = append(out, c)
		}
	}
	return out
}

func entriesOf(b *Bundle, kind Kind) map[string]*Entry {
	m := make(map[string]*Entry)
	for i := range b.info.Entries {
		if e := &b.info.Entries[i]; e.Kind == kind {
			m[e.ID] = e
		}
	}
	return m
}

func unionOfIDs(a, b map[string]*Entry) []string {
	var ids []string
	for id := range a {
		ids = append(ids, id)
	}
	for id := range b {
		if a[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// differences collects "x a → b" for what is not the same.
type differences []string

func (d *differences) add(name, a, b string) {
	if a != b {
		*d = append(*d, fmt.Sprintf("%s %s → %s", name, orNone(a), orNone(b)))
	}
}

func (d differences) String() string { return strings.Join(d, ", ") }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func extent(in *Info) string {
	return fmt.Sprintf("sequence %d, valid until %s", in.Sequence, datetime.Format(in.ValidUntil))
}

func headDiff(a, b *Info) string {
	var d differences
	d.add("id", a.ID, b.ID)
	d.add("issuer", a.Issuer.String(), b.Issuer.String())
	d.add("sequence", fmt.Sprint(a.Sequence), fmt.Sprint(b.Sequence))
	d.add("audience", strings.Join(a.Audience, " "), strings.Join(b.Audience, " "))
	d.add("valid until", datetime.Format(a.ValidUntil), datetime.Format(b.ValidUntil))
	return d.String()
}

func renewal(a, b *Entry) string {
	var d differences
	d.add("fetched", datetime.Format(a.FetchedAt), datetime.Format(b.FetchedAt))
	d.add("use by", datetime.Format(a.UseBy), datetime.Format(b.UseBy))
	d.add("source", a.Source, b.Source)
	return d.String()
}

// contentDiff tells what is different in an entry that both bundles have.
func (b *Bundle) contentDiff(old *Bundle, kind Kind, id string) string {
	var d differences
	switch kind {
	case DIDDocuments:
		if id, err := did.Parse(id); err == nil {
			return keyDiff(old.documents[id].doc, b.documents[id].doc)
		}
	case StatusLists:
		was, is := old.lists[id], b.lists[id]
		d.add("as of", datetime.Format(was.asOf), datetime.Format(is.asOf))
		d.add("proof", proofOf(was), proofOf(is))
		if len(d) == 0 {
			return "another edition as of the same instant"
		}
	case Credentials:
		d.add("digest", old.credentials[id].digest, b.credentials[id].digest)
	case Anchors:
		x, y := old.anchorOf(id), b.anchorOf(id)
		d.add("types", scope(x.Types, "agent passports"), scope(y.Types, "agent passports"))
		d.add("actions", scope(x.Actions, "any"), scope(y.Actions, "any"))
		d.add("ceilings", scope(x.Ceilings, "any"), scope(y.Ceilings, "any"))
		d.add("regions", scope(x.Regions, "any"), scope(y.Regions, "any"))
		d.add("assurance at most", cmp.Or(string(x.MaxAssurance), "L0"), cmp.Or(string(y.MaxAssurance), "L0"))
	}
	return d.String()
}

// proofOf tells who answers for a list.
func proofOf(l *list) string {
	if l.vouched {
		return "the bundle's own word"
	}
	return "the issuer's"
}

func (b *Bundle) anchorOf(id string) *anchor {
	for i := range b.anchors {
		if b.anchors[i].Issuer.String() == id {
			return &b.anchors[i]
		}
	}
	return &anchor{}
}

// scope tells a list that is absent, which means something else, from one that
// is empty.
func scope[T any](list []T, absent string) string {
	if list == nil {
		return absent
	}
	return fmt.Sprint(list)
}

// keyDiff tells which keys came, went, or are listed for something else. A
// method goes by its whole URL, but for those of the document's own DID: another
// one may have the same fragment.
func keyDiff(a, b *did.Document) string {
	describe := func(d *did.Document) map[string]string {
		m := make(map[string]string)
		for _, k := range d.Methods() {
			name := k.ID.String()
			switch {
			case k.ID.IsZero():
				name = k.Path // not a key, and without a name
			case k.ID.DID() == d.ID():
				name = strings.TrimPrefix(name, d.ID().String())
			}
			m[name] += fmt.Sprintln(k.Type, k.Controller, k.Relationships, k.Expires, k.Revoked, material(d, k))
		}
		return m
	}
	was, is := describe(a), describe(b)
	var out []string
	for name := range was {
		switch now, ok := is[name]; {
		case !ok:
			out = append(out, "key "+name+" removed")
		case now != was[name]:
			out = append(out, "key "+name+" changed")
		}
	}
	for name := range is {
		if _, ok := was[name]; !ok {
			out = append(out, "key "+name+" added")
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		return "the same keys, other text"
	}
	return strings.Join(out, ", ")
}

// material is the key itself, if it may be used for anything, ended or not.
func material(d *did.Document, m did.Method) string {
	for _, rel := range m.Relationships {
		if key, err := d.Key(m.ID, rel, time.Unix(0, 0)); err == nil {
			return fmt.Sprintf("%x", key.Bytes())
		}
	}
	return fmt.Sprint(m.Err)
}
