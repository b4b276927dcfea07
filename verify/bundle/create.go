package bundle

import (
	"cmp"
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/multibase"
)

// CreateOptions say within what a bundle is made. The zero value is right.
type CreateOptions struct {
	Bounds  Bounds              // zero fields: their defaults; use those of the readers
	Formats []credential.Format // enveloping formats that lists and credentials may have; nil: none
	Now     func() time.Time    // for a zero Contents.Created; nil: time.Now
}

// Create makes a bundle and signs it. The signer becomes its issuer, and its
// key must be listed for assertionMethod. What readers would refuse is not
// signed; see [Open] for the codes.
//
// No entry promises more than its content: one that would be of use for longer
// ends with it, and one that has ended is missing; see [Info.EndsFirst] and
// [Info.Missing], which whoever makes a bundle should look at.
//
// Create does not judge what it is given: whether a document is really that of
// its DID, and whether a list is signed, is for the caller to have found out.
// Package refresh does so when it fetches.
func Create(ctx context.Context, signer did.Signer, c Contents, o CreateOptions) ([]byte, error) {
	if signer == nil {
		return nil, fault(code.RequestInvalid, "", "there is no signer")
	}
	bounds, err := o.Bounds.Resolve()
	if err != nil {
		return nil, &Error{Code: code.RequestInvalid, Err: err}
	}
	if c.Created.IsZero() {
		now := o.Now
		if now == nil {
			now = time.Now
		}
		c.Created = now()
	}
	c.Created, c.ValidUntil = c.Created.Truncate(time.Second), c.ValidUntil.Truncate(time.Second)
	// What the form allows and a reader would refuse all the same.
	if life := c.ValidUntil.Sub(c.Created); life > bounds.Lifetime {
		return nil, lifetimeExceeded(life, bounds)
	}
	w := &writer{contents: &c, issuer: signer.KeyID().DID().String(), bounds: &bounds, formats: o.Formats}
	w.bundle()
	if w.err != nil {
		return nil, w.err
	}
	doc, err := credential.SignDocument(ctx, signer, w.Buf, bounds.caps(), credential.SignOptions{Purpose: did.AssertionMethod})
	if err != nil {
		return nil, err
	}
	p, err := parse(doc.Bytes(), bounds)
	if err != nil {
		return nil, err
	}
	if err := new(Bundle).load(p, bounds, o.Formats); err != nil {
		return nil, err
	}
	return doc.Bytes(), nil
}

// writer writes the unsigned bundle.
type writer struct {
	jsonwrite.Writer
	contents *Contents
	issuer   string
	bounds   *Bounds
	formats  []credential.Format
	err      error
}

func (w *writer) bundle() {
	c := w.contents
	w.BeginObject()
	w.Member("type", typeName)
	w.Name("version")
	w.Int(version)
	w.Member("id", c.ID)
	w.Member("issuer", w.issuer)
	w.Strings("audience", c.Audience)
	w.Name("sequence")
	w.Int(c.Sequence)
	w.Member("created", datetime.Format(c.Created))
	w.Member("validUntil", datetime.Format(c.ValidUntil))
	w.items(DIDDocuments, c.DIDDocuments)
	w.items(StatusLists, c.StatusLists)
	w.items(Credentials, c.Credentials)
	w.anchors(c.Anchors)
	w.EndObject()
}

func (w *writer) items(kind Kind, items []Item) {
	if len(items) == 0 {
		return
	}
	w.Name(string(kind))
	w.BeginArray()
	for i := range items {
		w.item(kind, i, items[i])
	}
	w.EndArray()
}

func (w *writer) item(kind Kind, i int, it Item) {
	of, err := w.bounds.identify(kind, it.Content, w.formats)
	if err != nil {
		w.because(kind, i, err)
		return
	}
	w.BeginObject()
	useBy := it.UseBy
	if useBy.IsZero() {
		useBy = w.contents.ValidUntil
	}
	w.entry(of.id, cmp.Or(it.Source, of.id), multibase.Digest(it.Content), it.FetchedAt, of.until(useBy))
	if it.Vouched {
		w.Name("vouched")
		w.Bool(true)
	}
	w.Name("content")
	w.String(string(it.Content))
	w.EndObject()
}

func (w *writer) anchors(anchors []Anchor) {
	if len(anchors) == 0 {
		return
	}
	w.Name(string(Anchors))
	w.BeginArray()
	for i := range anchors {
		a := &anchors[i]
		var content jsonwrite.Writer
		appendAnchor(&content, &a.Anchor)
		v, err := credential.ParseValue(string(content.Buf))
		if err != nil {
			w.because(Anchors, i, err)
			return
		}
		w.BeginObject()
		w.entry(a.Issuer.String(), cmp.Or(a.Source, w.issuer), anchorDigest(v), a.FetchedAt, a.UseBy)
		w.Name("content")
		w.Raw(v.Raw())
		w.EndObject()
	}
	w.EndArray()
}

func (w *writer) entry(id, source, digest string, fetched, useBy time.Time) {
	if fetched.IsZero() {
		fetched = w.contents.Created
	}
	if useBy.IsZero() {
		useBy = w.contents.ValidUntil
	}
	w.Member("id", id)
	w.Member("source", source)
	w.Member("digest", digest)
	w.Member("fetchedAt", datetime.Format(fetched))
	w.Member("useBy", datetime.Format(useBy))
}

// because keeps the first error, with the place of the item it is about.
func (w *writer) because(kind Kind, i int, err error) {
	if w.err == nil {
		w.err = inEntry(kind, i, err)
	}
}
