package did

import (
	"context"
	"fmt"
	"time"
)

// A Resolver finds the document of a DID. Implementations are safe for
// concurrent use, return a document whose ID is the DID asked for, and fail
// with an error that wraps one of [ErrInvalidDID], [ErrNotFound],
// [ErrMethodNotSupported], [ErrUnavailable], [ErrInvalidDocument], [ErrKey].
type Resolver interface {
	Resolve(ctx context.Context, id DID) (*Document, error)
}

// ResolverFunc makes a function a [Resolver].
type ResolverFunc func(ctx context.Context, id DID) (*Document, error)

// Resolve calls f.
func (f ResolverFunc) Resolve(ctx context.Context, id DID) (*Document, error) { return f(ctx, id) }

// A KeyResolver is what a [Resolver] may also be, if it can find one key for
// less than the price of a document. The key is checked as [Document.Key]
// checks it.
type KeyResolver interface {
	Resolver
	ResolveKey(ctx context.Context, id URL, rel Relationship, at time.Time) (PublicKey, error)
}

// ResolveKey returns the public key that id names, if its document lists it for
// rel and it may be used at that instant; see [Document.Key]. A nil Resolver knows nobody ([ErrNotFound]). A document that is not that
// of the DID in id is refused, whatever the resolver says.
func ResolveKey(ctx context.Context, r Resolver, id URL, rel Relationship, at time.Time) (PublicKey, error) {
	if r, ok := r.(KeyResolver); ok {
		return r.ResolveKey(ctx, id, rel, at)
	}
	doc, err := resolve(ctx, r, id.DID())
	if err != nil {
		return PublicKey{}, err
	}
	return doc.Key(id, rel, at)
}

// resolve asks r and does not take its word for the document's identity.
func resolve(ctx context.Context, r Resolver, id DID) (*Document, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("%w: the zero DID names nobody", ErrInvalidDID)
	}
	if r == nil {
		return nil, fmt.Errorf("%w: %s: no resolver is configured", ErrNotFound, id)
	}
	doc, err := r.Resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	if doc == nil {
		return nil, fmt.Errorf("%w: %s: the resolver returned no document", ErrNotFound, id)
	}
	if doc.ID() != id {
		return nil, fmt.Errorf("%w: %w: the document of %s was returned for %s", ErrInvalidDocument, ErrKey, doc.ID(), id)
	}
	return doc, nil
}

// A Mux resolves each DID by the resolver of its method, such as "web". A
// method without one is [ErrMethodNotSupported], so the nil Mux resolves
// nothing. It is safe for concurrent use as long as nobody writes to it.
type Mux map[string]Resolver

var _ KeyResolver = Mux(nil)

// Resolve asks the resolver of id's method.
func (m Mux) Resolve(ctx context.Context, id DID) (*Document, error) {
	r, err := m.pick(id)
	if err != nil {
		return nil, err
	}
	return resolve(ctx, r, id)
}

// ResolveKey asks the resolver of id's method, as the function [ResolveKey]
// does.
func (m Mux) ResolveKey(ctx context.Context, id URL, rel Relationship, at time.Time) (PublicKey, error) {
	r, err := m.pick(id.DID())
	if err != nil {
		return PublicKey{}, err
	}
	return ResolveKey(ctx, r, id, rel, at)
}

func (m Mux) pick(id DID) (Resolver, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("%w: the zero DID names nobody", ErrInvalidDID)
	}
	r := m[id.Method()]
	if r == nil {
		return nil, fmt.Errorf("%w: %q of %s", ErrMethodNotSupported, id.Method(), id)
	}
	return r, nil
}

// Static resolves the documents it was made of and nothing else: every other
// DID is [ErrNotFound]. It is immutable and safe for concurrent use; the zero
// Static knows nobody.
type Static struct{ documents map[DID]*Document }

var _ Resolver = (*Static)(nil)

// NewStatic returns a Static of these documents. Nil documents and two
// documents of one DID are an error.
func NewStatic(documents ...*Document) (*Static, error) {
	s := &Static{documents: make(map[DID]*Document, len(documents))}
	for i, doc := range documents {
		if doc == nil || doc.ID().IsZero() {
			return nil, fmt.Errorf("%w: document %d of the static set is empty", ErrInvalidDocument, i)
		}
		if s.documents[doc.ID()] != nil {
			return nil, fmt.Errorf("%w: %s has two documents in the static set", ErrInvalidDocument, doc.ID())
		}
		s.documents[doc.ID()] = doc
	}
	return s, nil
}

// Resolve returns the document of id. It needs neither ctx nor time.
func (s *Static) Resolve(_ context.Context, id DID) (*Document, error) {
	if s != nil && s.documents[id] != nil {
		return s.documents[id], nil
	}
	return nil, fmt.Errorf("%w: %s is not in the static set", ErrNotFound, id)
}
