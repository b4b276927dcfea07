package refresh

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

// edition is one next edition in the making.
type edition struct {
	*Refresher
	old      *bundle.Contents
	now, end time.Time
	fresh    map[did.DID]*did.Document
	problems []error
}

// add renews one entry and appends it, or the old one. What nobody fetches is
// left out when it has ended; what could not be fetched stays, to be asked for
// again with every edition.
func (e *edition) add(ctx context.Context, to []bundle.Item, kind bundle.Kind, i int, it bundle.Item,
	renew func(context.Context, *bundle.Item) error) []bundle.Item {
	// Zero instants mean those of the old bundle, and must not become new.
	if it.FetchedAt.IsZero() {
		it.FetchedAt = e.old.Created
	}
	withBundle := it.UseBy.IsZero() || it.UseBy.Equal(e.old.ValidUntil)
	if withBundle {
		it.UseBy = e.old.ValidUntil
	}
	next := it
	var err error
	if renew != nil {
		if err = renew(ctx, &next); err == nil {
			next.FetchedAt = e.now
			next.UseBy = e.now.Add(it.UseBy.Sub(it.FetchedAt))
		}
	}
	if err != nil {
		next = it
	} else if withBundle || next.UseBy.After(e.end) {
		next.UseBy = e.end
	}
	if ends := e.ends(kind, next.Content); !ends.IsZero() && ends.Before(next.UseBy) {
		next.UseBy = ends
	}
	over := !e.now.Before(next.UseBy)
	switch until := next.UseBy.Format(time.RFC3339); {
	case over && renew == nil:
		e.problem(kind, i, fmt.Errorf("left out, of use only until %s", until))
		return to
	case over:
		e.problem(kind, i, fmt.Errorf("missing, of use only until %s: %w", until, err))
	case err != nil:
		e.problem(kind, i, err)
	}
	return append(to, next)
}

func (e *edition) problem(kind bundle.Kind, i int, err error) {
	e.problems = append(e.problems, fmt.Errorf("%s %d: %w", kind, i, err))
}

// ends is when a document is of no use any more by itself.
func (e *edition) ends(kind bundle.Kind, content []byte) time.Time {
	if kind == bundle.Anchors {
		return time.Time{}
	}
	end, err := bundle.Ends(kind, content, bundle.CreateOptions{Bounds: e.bounds, Formats: e.formats})
	if err != nil {
		return time.Time{} // what cannot be read is refused by bundle.Create
	}
	return end
}

func (e *edition) document(ctx context.Context, it *bundle.Item) error {
	held, err := did.DocumentParser{Bounds: e.bounds.DIDs}.Parse(it.Content)
	if err != nil {
		return err
	}
	doc, err := e.documents.Resolve(ctx, held.ID())
	if err != nil {
		return err
	}
	if doc == nil || doc.ID() != held.ID() {
		return fmt.Errorf("%w: the document of another was returned for %s", did.ErrInvalidDocument, held.ID())
	}
	e.fresh[doc.ID()] = doc
	it.Content = doc.Bytes()
	return nil
}

func (e *edition) list(ctx context.Context, it *bundle.Item) error {
	_, held, err := e.parse(it.Content)
	if err != nil {
		return err
	}
	fetched, err := e.lists.StatusList(ctx, held.ID)
	if err != nil {
		return err
	}
	if fetched == nil {
		return statuslist.ErrRetrieval
	}
	signed, l, err := e.parse(fetched.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", held.ID, err)
	}
	if err := e.takes(ctx, held, l, signed, it.Vouched); err != nil {
		return fmt.Errorf("%s: %w", held.ID, err)
	}
	it.Content, it.Vouched = fetched.Raw, len(signed.Proofs()) == 0
	return nil
}

func (e *edition) parse(raw []byte) (*credential.Signed, *statuslist.ListCredential, error) {
	signed, err := credential.Parser{Bounds: e.bounds.Documents, Formats: e.formats, StatusList: true}.Credential(raw)
	if err != nil {
		return nil, nil, err
	}
	l, err := statuslist.Parser{Bounds: e.bounds.Lists}.Credential(signed)
	return signed, l, err
}

// takes judges a list that was fetched in place of held.
func (e *edition) takes(ctx context.Context, held, l *statuslist.ListCredential, signed *credential.Signed, vouched bool) error {
	switch {
	case l.ID != held.ID:
		return fmt.Errorf("the list of %.200q was served", l.ID)
	case l.Issuer != held.Issuer:
		return fmt.Errorf("it has another issuer now, %.200q", l.Issuer)
	case l.AsOf.Before(held.AsOf):
		return fmt.Errorf("an older list was served, as of %s", l.AsOf.Format(time.RFC3339))
	case l.AsOf.After(e.now.Add(time.Second)): // now is in whole seconds
		return fmt.Errorf("a list from the future was served, as of %s", l.AsOf.Format(time.RFC3339))
	case !l.ValidUntil.IsZero() && !e.now.Before(l.ValidUntil):
		return fmt.Errorf("a list was served that ended %s", l.ValidUntil.Format(time.RFC3339))
	case vouched && len(signed.Proofs()) == 0:
		return nil // that nobody signed it is known, and vouched for
	}
	return signed.CheckProofs(ctx, did.ResolverFunc(e.key), did.AssertionMethod, e.now)
}

// key finds the documents that prove lists: those fetched for this edition, or
// fetched now.
func (e *edition) key(ctx context.Context, id did.DID) (*did.Document, error) {
	if doc := e.fresh[id]; doc != nil {
		return doc, nil
	}
	doc, err := did.KeyMethods().Resolve(ctx, id)
	if !errors.Is(err, did.ErrMethodNotSupported) {
		return doc, err
	}
	return e.documents.Resolve(ctx, id)
}
