// Package refresh makes the next edition of a trust bundle: it fetches DID
// documents and status lists again over the network.
//
//	r, err := refresh.New(refresh.Config{})
//	next, problems := r.Next(ctx, held.Contents())
//	raw, err := bundle.Create(ctx, signer, next, bundle.CreateOptions{})
//
// It runs where the network is: at the operator's, not at the verifier's. What
// it fetches is named by documents that others wrote, so it fetches as
// carefully as package didweb does: HTTPS, no redirects, public addresses only,
// caps on size and time.
package refresh

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/bundle"
)

// Config configures a [Refresher]. The zero Config is right for production.
type Config struct {
	// Web says how to fetch: over which authorities, in what time, with which
	// look-up.
	Web didweb.Config
	// Documents resolves DIDs; nil: did:web by Web, never from a cache.
	Documents did.Resolver
	// Lists fetches status lists; nil: over HTTPS by Web.
	Lists statuslist.Source

	Formats []credential.Format // enveloping formats that lists may have; nil: none
	Bounds  bundle.Bounds       // zero fields: their defaults
	Now     func() time.Time    // nil: time.Now
}

// Refresher makes next editions. It keeps nothing between them and is safe for
// concurrent use.
type Refresher struct {
	documents did.Resolver
	lists     statuslist.Source
	formats   []credential.Format
	bounds    bundle.Bounds
	now       func() time.Time
}

// New checks a configuration.
func New(c Config) (*Refresher, error) {
	b, err := c.Bounds.Resolve()
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r := &Refresher{documents: c.Documents, lists: c.Lists, formats: c.Formats, bounds: b, now: c.Now}
	if r.documents == nil {
		web, err := didweb.New(c.Web)
		if err != nil {
			return nil, err
		}
		r.documents = uncached{web}
	}
	if r.lists == nil {
		client, err := didweb.NewClient(c.Web)
		if err != nil {
			return nil, err
		}
		r.lists = statuslist.SourceFunc((&fetcher{client, b.Documents.EncodedListBytes + b.Documents.DocumentBytes, c.Now}).list)
	}
	return r, nil
}

// uncached asks the host every time.
type uncached struct{ web *didweb.Resolver }

func (u uncached) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	u.web.Forget(id)
	return u.web.Resolve(ctx, id)
}

// fetcher gets lists over HTTPS.
type fetcher struct {
	client *didweb.Client
	most   int
	now    func() time.Time
}

func (f *fetcher) list(ctx context.Context, url string) (*statuslist.Fetched, error) {
	at := f.now() // the list may change while it is on its way
	raw, err := f.client.Get(ctx, url, statuslist.MediaTypes(), f.most)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", statuslist.ErrRetrieval, err)
	}
	return &statuslist.Fetched{Raw: raw, At: at}, nil
}

// Next returns the contents of the edition after old: numbered one higher, made
// now, lasting as long as old did, every DID document and status list fetched
// anew. Change it as needed and give it to bundle.Create.
//
// What was fetched is of use for as long as what it replaces was. A list is
// taken only if it is the list of that URL, its proofs hold, one of them its
// issuer's, and it is not older than the one at hand. What could not be found, or
// was not taken, stays as it is, and is of use until its use-by. After that it
// is missing (see bundle.Info.Missing): it answers nothing any more, is asked for
// again with every edition, and comes back with the first that finds it. Each
// such entry is told in problems, every time.
//
// Credentials and anchors are the operator's decision and not fetched. One that
// ended with the old bundle ends with the new one; an earlier end stands.
func (r *Refresher) Next(ctx context.Context, old bundle.Contents) (next bundle.Contents, problems []error) {
	e := &edition{Refresher: r, old: &old, now: r.now().Truncate(time.Second)}
	next = old
	next.Sequence++
	next.Created, next.ValidUntil = e.now, e.now.Add(old.ValidUntil.Sub(old.Created))
	e.end = next.ValidUntil
	next.DIDDocuments, next.StatusLists, next.Credentials, next.Anchors = nil, nil, nil, nil
	// Documents first: their keys are those that prove the lists.
	e.fresh = map[did.DID]*did.Document{}
	for i, it := range old.DIDDocuments {
		next.DIDDocuments = e.add(ctx, next.DIDDocuments, bundle.DIDDocuments, i, it, e.document)
	}
	for i, it := range old.StatusLists {
		next.StatusLists = e.add(ctx, next.StatusLists, bundle.StatusLists, i, it, e.list)
	}
	for i, it := range old.Credentials {
		next.Credentials = e.add(ctx, next.Credentials, bundle.Credentials, i, it, nil)
	}
	for i, a := range old.Anchors {
		kept := e.add(ctx, nil, bundle.Anchors, i, bundle.Item{FetchedAt: a.FetchedAt, UseBy: a.UseBy}, nil)
		if len(kept) == 1 {
			a.UseBy, a.FetchedAt = kept[0].UseBy, kept[0].FetchedAt
			next.Anchors = append(next.Anchors, a)
		}
	}
	return next, e.problems
}
