package verifytest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/safeconduct/safeconduct/did"
)

// Web is where the did:web documents of a [World] are: a [did.Resolver] that
// needs no network. It is safe for concurrent use.
type Web struct {
	tb      testing.TB
	mu      sync.Mutex
	hosts   map[did.DID]*WebHost
	lookups int
}

// WebHost is a party with a did:web document, which has one key, "#key-1".
type WebHost struct {
	web *Web
	id  did.DID

	// guarded by web.mu
	signer did.Signer
	doc    *did.Document
	fail   error
}

// Host returns the party at a host name, such as "issuer.example", and
// publishes its document if there is none yet. The key is listed for
// assertions and for authentication.
func (w *Web) Host(name string) *WebHost {
	w.tb.Helper()
	id, err := did.Parse("did:web:" + name)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.mu.Lock()
	h := w.hosts[id]
	if h == nil {
		h = &WebHost{web: w, id: id}
		w.hosts[id] = h
	}
	fresh := h.doc == nil && h.fail == nil
	w.mu.Unlock()
	if fresh {
		h.Rotate("key of " + name)
	}
	return h
}

// DID returns the identifier, did:web:<host>.
func (h *WebHost) DID() did.DID { return h.id }

// Signer returns the signer with the key that is published now. One that was
// taken before a rotation goes on signing with the old key.
func (h *WebHost) Signer() did.Signer {
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	return h.signer
}

// Rotate publishes another key under the same key id: what the old one signed
// no longer holds. The name makes the key, as with [Key]; with no
// relationships it is for assertions and authentication.
func (h *WebHost) Rotate(name string, rels ...did.Relationship) {
	tb := h.web.tb
	tb.Helper()
	if len(rels) == 0 {
		rels = []did.Relationship{did.AssertionMethod, did.Authentication}
	}
	key := Key(name)
	kid, err := h.id.URL("key-1")
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := did.NewSigner(kid, key.PrivateKey())
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := did.NewDocument(did.DocumentOptions{ID: h.id, Keys: []did.DocumentKey{{Fragment: "key-1", Key: key.PublicKey(), Relationships: rels}}})
	if err != nil {
		tb.Fatal(err)
	}
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	h.signer, h.doc = signer, doc
}

// Put publishes any document in the host's place, even another party's; nil
// makes the resolver answer without a document.
func (h *WebHost) Put(doc *did.Document) {
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	h.doc = doc
}

// Fail makes every look-up of the host fail; nil mends it.
func (h *WebHost) Fail(err error) {
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	h.fail = err
}

// Document returns what is published.
func (h *WebHost) Document() *did.Document {
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	return h.doc
}

// Lookups returns how often a document was asked for, of all hosts together.
func (w *Web) Lookups() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lookups
}

// Resolve implements [did.Resolver].
func (w *Web) Resolve(_ context.Context, id did.DID) (*did.Document, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lookups++
	h := w.hosts[id]
	if h == nil {
		return nil, fmt.Errorf("%w: nothing is published for %s", did.ErrNotFound, id)
	}
	if h.fail != nil {
		return nil, h.fail
	}
	return h.doc, nil
}

var _ did.Resolver = (*Web)(nil)
