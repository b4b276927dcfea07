package bundle

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

const (
	typeName = "SafeconductTrustBundle"
	version  = 1
)

// parsed is a bundle whose form was checked, and nothing else.
type parsed struct {
	doc     *credential.Document
	info    Info
	records []record
}

// record is an entry with its content.
type record struct {
	Entry
	at   credential.Value // the entry
	text string           // the content; "" for an anchor
	ends time.Time        // of the content by itself; zero: it has no end
}

// until ends the entry no later than its content.
func (r *record) until(ends time.Time) {
	r.ends = ends
	r.UseBy = identity{ends: ends}.until(r.UseBy)
}

func fault(c code.Code, path, format string, args ...any) *Error {
	return &Error{Code: c, Path: path, Detail: fmt.Sprintf(format, args...)}
}

// parse reads a bundle and checks everything that its own text decides: the
// closed schema, order of times, digests, no entry twice.
func parse(raw []byte, b Bounds) (*parsed, error) {
	doc, err := credential.ParseDocument(raw, b.caps())
	if err != nil {
		return nil, err
	}
	p := &parsed{doc: doc}
	root := doc.UnverifiedValue()
	if t := root.Get("type"); t.Str() != typeName {
		return nil, fault(code.EnvelopeUnsupported, "/type", "want %q, not %.80s", typeName, t.Raw())
	}
	if v, ok := root.Get("version").Int(); !ok || v != version {
		return nil, fault(code.EnvelopeUnsupported, "/version", "want %d, not %.80s", version, root.Get("version").Raw())
	}
	d := decoder{bounds: b}
	d.bundle(p, root)
	if d.err != nil {
		return nil, d.err
	}
	p.info.Digest = doc.Digest()
	return p, nil
}

// decoder keeps the first error, so that the rules read as a list.
type decoder struct {
	bounds Bounds
	err    error
}

func (d *decoder) fail(at credential.Value, format string, args ...any) {
	if d.err == nil {
		d.err = fault(code.EnvelopeMalformed, at.Path(), format, args...)
	}
}

func (d *decoder) bundle(p *parsed, root credential.Value) {
	in := &p.info
	arrays := map[Kind]credential.Value{}
	for name, v := range root.Members() {
		switch name {
		case "type", "version":
		case "id":
			in.ID = d.iri(v)
		case "issuer":
			in.Issuer = d.did(v)
		case "sequence":
			in.Sequence = d.sequence(v)
		case "audience":
			in.Audience = d.audience(v)
		case "created":
			in.Created = d.instant(v)
		case "validUntil":
			in.ValidUntil = d.instant(v)
		case "proof":
			d.proof(p, v)
		case string(DIDDocuments), string(StatusLists), string(Credentials), string(Anchors):
			arrays[Kind(name)] = v
		default:
			d.fail(v, "%.80q is not a member of a trust bundle", name)
		}
	}
	for _, name := range [...]string{"id", "issuer", "sequence", "created", "validUntil"} {
		if !root.Get(name).Exists() {
			d.fail(root, "%s is missing", name)
		}
	}
	if d.err == nil && !in.Created.Before(in.ValidUntil) {
		d.fail(root.Get("validUntil"), "validUntil is not after created")
	}
	for _, kind := range kinds {
		d.entries(p, kind, arrays[kind])
	}
}

// proof refuses options that would say a second time, and perhaps otherwise,
// what the members of the bundle say.
func (d *decoder) proof(p *parsed, v credential.Value) {
	for name, m := range v.Members() {
		switch name {
		case "type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue":
		default:
			d.fail(m, "the proof of a trust bundle has no %.80q", name)
		}
	}
	p.info.KeyID = p.doc.Proof().VerificationMethod
}

func (d *decoder) entries(p *parsed, kind Kind, v credential.Value) {
	if !v.Exists() || d.err != nil {
		return
	}
	if v.Kind() != strictjson.Array || v.Len() == 0 {
		d.fail(v, "want a list of entries that is not empty; leave it out if there are none")
		return
	}
	if n := len(p.records) + v.Len(); n > d.bounds.Entries {
		d.err = fault(code.EnvelopeTooLarge, v.Path(), "a bundle of %d entries, at most %d are allowed", n, d.bounds.Entries)
		return
	}
	seen := make(map[string]bool, v.Len())
	for item := range v.Items() {
		r := d.entry(p, kind, item)
		if d.err != nil {
			return
		}
		if seen[r.ID] {
			d.fail(item.Get("id"), "%.200q is listed twice", r.ID)
		}
		seen[r.ID] = true
		p.records = append(p.records, r)
		p.info.Entries = append(p.info.Entries, r.Entry)
	}
}

func (d *decoder) entry(p *parsed, kind Kind, v credential.Value) record {
	r := record{Entry: Entry{Kind: kind}, at: v}
	if v.Kind() != strictjson.Object {
		d.fail(v, "want an entry, not %s", v.Kind())
		return r
	}
	for name, m := range v.Members() {
		switch name {
		case "id":
			r.ID = d.iri(m)
		case "source":
			r.Source = d.iri(m)
		case "digest":
			r.Digest = m.Str()
		case "fetchedAt":
			r.FetchedAt = d.instant(m)
		case "useBy":
			r.UseBy = d.instant(m)
		case "content":
			d.content(&r, m)
		case "vouched":
			if yes, _ := m.Bool(); !yes || kind != StatusLists {
				d.fail(m, "vouched is true, on a status list without a proof, or absent")
			}
			r.Vouched = true
		default:
			d.fail(m, "%.80q is not a member of an entry", name)
		}
	}
	for _, name := range [...]string{"id", "source", "digest", "fetchedAt", "useBy", "content"} {
		if !v.Get(name).Exists() {
			d.fail(v, "%s is missing", name)
		}
	}
	if d.err != nil {
		return r
	}
	if want := digest(&r); r.Digest != want {
		d.err = &Error{Code: code.EnvelopeMalformed, Path: v.Path() + "/digest", Detail: "the content has another digest", Limit: want, Actual: r.Digest}
	}
	switch in := &p.info; {
	case r.FetchedAt.After(in.Created):
		d.fail(v.Get("fetchedAt"), "fetched after the bundle was created")
	case kind == Anchors && !in.Created.Before(r.UseBy):
		d.fail(v.Get("useBy"), "of no use any more when the bundle was created")
	case r.UseBy.After(in.ValidUntil):
		d.fail(v.Get("useBy"), "useBy is after the end of the bundle")
	}
	return r
}

func (d *decoder) content(r *record, m credential.Value) {
	want := strictjson.String
	if r.Kind == Anchors {
		want = strictjson.Object
	}
	if m.Kind() != want {
		d.fail(m, "want %s, not %s", want, m.Kind())
	}
	r.text = m.Str()
	r.Bytes = len(r.text)
	if r.Kind == Anchors {
		r.Bytes = len(m.Raw())
	}
}

// digest is over the bytes of a document, over the JCS form of an anchor.
func digest(r *record) string {
	if r.Kind == Anchors {
		return anchorDigest(r.at.Get("content"))
	}
	return multibase.Digest([]byte(r.text))
}

func anchorDigest(content credential.Value) string {
	return multibase.Digest(jcs.Append(nil, content))
}

func (d *decoder) iri(v credential.Value) string {
	s := v.Str()
	if len(s) > d.bounds.Documents.IRIBytes || !contexts.IsAbsoluteIRI(s) {
		d.fail(v, "want an absolute IRI of at most %d bytes", d.bounds.Documents.IRIBytes)
	}
	return s
}

func (d *decoder) did(v credential.Value) did.DID {
	id, err := did.Parse(v.Str())
	if err != nil {
		d.fail(v, "%v", err)
	}
	return id
}

func (d *decoder) sequence(v credential.Value) int64 {
	n, ok := v.Int()
	if !ok || n < 1 {
		d.fail(v, "want a whole number from 1 to 2^53-1")
	}
	return n
}

// audience reads a list of distinct IRIs.
func (d *decoder) audience(v credential.Value) (out []string) {
	if v.Kind() != strictjson.Array || v.Len() == 0 {
		d.fail(v, "want a list that is not empty; leave it out if the bundle is for everybody")
	}
	if v.Len() > d.bounds.AuthorityItems {
		d.err = fault(code.EnvelopeTooLarge, v.Path(), "a list of %d items, at most %d are allowed", v.Len(), d.bounds.AuthorityItems)
		return nil
	}
	for item := range v.Items() {
		s := d.iri(item)
		for _, o := range out {
			if o == s {
				d.fail(item, "%.200q is listed twice", s)
			}
		}
		out = append(out, s)
	}
	return out
}

func (d *decoder) instant(v credential.Value) time.Time {
	t, err := datetime.Parse(v.Str())
	if err != nil {
		d.fail(v, "%v", err)
	}
	return t
}
