package verifytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// TestResolver tests that an implementation of [did.Resolver] keeps its rules.
// fresh returns a resolver and the DIDs that it knows, two or more, and is
// called once per rule. A resolver that is also a [did.KeyResolver] is tested
// as that too. Run it with -race.
//
//	func TestMyResolver(t *testing.T) {
//		verifytest.TestResolver(t, func(t testing.TB) (did.Resolver, []did.DID) { ... })
//	}
func TestResolver(t *testing.T, fresh func(t testing.TB) (did.Resolver, []did.DID)) {
	check(t, func(t testing.TB) resolving {
		r, known := fresh(t)
		if len(known) < 2 {
			t.Fatalf("TestResolver needs two DIDs that the resolver knows, and has %d", len(known))
		}
		return resolving{r, known}
	}, resolverRules)
}

type resolving struct {
	did.Resolver
	known []did.DID
}

func (r resolving) document(tb testing.TB, id did.DID) *did.Document {
	tb.Helper()
	doc, err := r.Resolve(context.Background(), id)
	switch {
	case err != nil:
		tb.Fatalf("Resolve(%s) = %v, want its document", id, err)
	case doc == nil:
		tb.Fatalf("Resolve(%s) = nil, nil; want its document", id)
	case doc.ID() != id:
		tb.Errorf("Resolve(%s) = the document of %s", id, doc.ID())
	}
	return doc
}

// refuses checks that a DID is not resolved, or at least to its own document.
func (r resolving) refuses(tb testing.TB, id did.DID) {
	tb.Helper()
	doc, err := r.Resolve(context.Background(), id)
	switch {
	case err == nil && doc == nil:
		tb.Errorf("Resolve(%s) = nil, nil; want an error", id)
	case err == nil && (doc.ID() != id || id.IsZero()):
		tb.Errorf("Resolve(%s) = the document of %q", id, doc.ID())
	case err != nil && doc != nil:
		tb.Errorf("Resolve(%s) = a document and the error %v", id, err)
	case err != nil && !resolution(err):
		tb.Errorf("Resolve(%s) = %v, which wraps none of the errors of package did", id, err)
	}
}

// resolution reports whether err is one that a resolver may fail with.
func resolution(err error) bool {
	for _, target := range []error{did.ErrInvalidDID, did.ErrNotFound, did.ErrMethodNotSupported, did.ErrUnavailable, did.ErrInvalidDocument, did.ErrKey} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// strangers are DIDs that a resolver may or may not know, near the known ones.
func (r resolving) strangers() (out []did.DID) {
	texts := []string{"did:web:nobody.example", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:nosuchmethod:1", "did:jwk:e30"}
	for _, id := range r.known {
		s := id.String()
		texts = append(texts, s+":x", s+"x", s[:len(s)-1])
	}
	for _, s := range texts {
		if id, err := did.Parse(s); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// instants are those that a KeyResolver is asked about; a key with an end has
// one of them on each side of it, in the tests here.
var instants = []time.Time{{}, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}

var relationships = []did.Relationship{did.AssertionMethod, did.Authentication, did.CapabilityInvocation, did.CapabilityDelegation, did.KeyAgreement}

var resolverRules = []rule[resolving]{
	{"its document", "the document is that of the DID asked for, every time: a key of another party would pass for the issuer's",
		func(tb testing.TB, r resolving) {
			for range 2 {
				for _, id := range r.known {
					if first, again := r.document(tb, id), r.document(tb, id); !bytes.Equal(first.Bytes(), again.Bytes()) {
						tb.Errorf("Resolve(%s) says something else when it is asked again", id)
					}
				}
			}
		}},
	{"unknown", "what a resolver does not know is an error of package did and no document: nil without an error, or a bare error, tells the verifier nothing",
		func(tb testing.TB, r resolving) {
			for _, id := range r.strangers() {
				r.refuses(tb, id)
			}
			if id, err := did.Parse("did:nosuchmethod:1"); err == nil {
				if doc, err := r.Resolve(context.Background(), id); err == nil {
					tb.Errorf("Resolve(%s) = %v, want an error", id, doc)
				}
			}
		}},
	{"zero", "the zero DID names nobody", func(tb testing.TB, r resolving) {
		r.refuses(tb, did.DID{})
	}},
	{"at once", "any number may ask at once, and each gets the document that it asked for", func(tb testing.TB, r resolving) {
		wrong := make([]error, race)
		together(race, func(i int) {
			for k := range r.known {
				id := r.known[(i+k)%len(r.known)]
				if doc, err := r.Resolve(context.Background(), id); err != nil || doc == nil || doc.ID() != id {
					wrong[i] = fmt.Errorf("Resolve(%s) = %v, %w", id, doc, err)
				}
			}
		})
		for _, err := range wrong {
			if err != nil {
				tb.Fatalf("of %d at once, one got: %v", race, err)
			}
		}
	}},
	{"cancelled", "when the context is done a resolver may still answer from memory, but fails only with ErrUnavailable, and the next caller is served",
		func(tb testing.TB, r resolving) {
			id := r.known[0]
			doc, err := r.Resolve(cancelled(), id)
			switch {
			case err == nil && (doc == nil || doc.ID() != id):
				tb.Errorf("Resolve with a cancelled context = %v, nil; want the document or an error", doc)
			case err != nil && !errors.Is(err, did.ErrUnavailable):
				tb.Errorf("Resolve with a cancelled context = %v, want ErrUnavailable: nothing is known about the DID", err)
			}
			r.document(tb, id)
		}},
	{"keys as in the document", "a KeyResolver is only a quicker way: it finds the keys that the document has, for the purposes that it lists, and no others",
		func(tb testing.TB, r resolving) {
			kr, ok := r.Resolver.(did.KeyResolver)
			if !ok {
				return
			}
			for _, id := range r.known {
				doc := r.document(tb, id)
				names := []did.URL{did.URL{}}
				for _, m := range doc.Methods() {
					names = append(names, m.ID)
				}
				if nobody, err := id.URL("no-such-key"); err == nil {
					names = append(names, nobody)
				}
				for _, name := range names {
					for _, rel := range append(relationships, "", "nonsense") {
						for _, at := range instants {
							want, wantErr := doc.Key(name, rel, at)
							got, err := kr.ResolveKey(context.Background(), name, rel, at)
							if (err == nil) != (wantErr == nil) || got != want {
								tb.Errorf("ResolveKey(%s, %q, %s) = %s, %v; the document says %s, %v", name, rel, at, got, err, want, wantErr)
							}
							if err != nil && !resolution(err) {
								tb.Errorf("ResolveKey(%s, %q, %s) = %v, which wraps none of the errors of package did", name, rel, at, err)
							}
						}
					}
				}
			}
		}},
}
