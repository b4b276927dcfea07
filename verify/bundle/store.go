package bundle

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// Store holds the newest bundle of one series and refuses older ones. It
// answers as that bundle does; while it has none, it knows nothing. It is safe
// for concurrent use, and asking it takes no lock.
//
// Its memory ends with the process. With Options.Marks a restart brings no older
// bundle back; a bundle that accept refuses leaves no mark.
//
// A verify.Verifier keeps the anchors that it was made with. Where they may
// change make a new one for each bundle, in Accept.
type Store struct {
	options Options
	current atomic.Pointer[Bundle]

	mu     sync.Mutex // held while a bundle is put
	accept func(old, next *Bundle) error
}

var (
	_ did.KeyResolver         = (*Store)(nil)
	_ statuslist.Source       = (*Store)(nil)
	_ verify.AcceptanceSource = (*Store)(nil)
)

// NewStore returns an empty store for bundles that these options believe.
//
// If accept is not nil, it is called with the bundle held (nil at first) and
// the next one, which takes its place if accept returns nil. It is where a
// person may look at [Diff], and where a new Verifier is made. No two calls
// overlap; it must not call Put.
func NewStore(o Options, accept func(old, next *Bundle) error) (*Store, error) {
	if _, err := o.check(); err != nil {
		return nil, err
	}
	return &Store{options: o, accept: accept}, nil
}

// Put opens a bundle and, if it is newer than the one held, puts it in its
// place. The very same bundle again changes nothing. Beside the errors of
// [Open]: status.rolled_back for a lower sequence number, and for another
// bundle under the same; anchor.untrusted_issuer for another series or signer
// than those of the first; any error of accept. After an error the store holds
// what it held before.
func (s *Store) Put(ctx context.Context, raw []byte) (*Bundle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := open(ctx, raw, s.options)
	if err != nil {
		return nil, err
	}
	old := s.current.Load()
	if old != nil {
		a, b := &old.info, &next.info
		switch {
		case a.ID != b.ID || a.Issuer != b.Issuer:
			return nil, &Error{Code: code.AnchorUntrustedIssuer, Path: "/id",
				Detail: "a bundle of another series or signer", Limit: a.ID + " of " + a.Issuer.String(), Actual: b.ID + " of " + b.Issuer.String()}
		case b.Sequence < a.Sequence:
			return nil, rolledBack(b.Sequence, a.Sequence)
		case b.Sequence == a.Sequence && b.Digest == a.Digest:
			return old, nil
		case b.Sequence == a.Sequence:
			return nil, &Error{Code: code.StatusRolledBack, Path: "/sequence",
				Detail: "another bundle of the same sequence number was seen before", Limit: a.Digest, Actual: b.Digest}
		}
		next.keep(old)
	}
	if s.accept != nil {
		if err := s.accept(old, next); err != nil {
			return nil, err
		}
	}
	if err := s.options.mark(ctx, &next.info); err != nil {
		return nil, err
	}
	s.current.Store(next)
	return next, nil
}

// keep takes over the lists that did not change, so that readers need not parse
// them again.
func (b *Bundle) keep(old *Bundle) {
	for url, l := range b.lists {
		if o := old.lists[url]; o != nil && o.fetched.At.Equal(l.fetched.At) && string(o.fetched.Raw) == string(l.fetched.Raw) {
			l.fetched = o.fetched
		}
	}
}

// Bundle returns the bundle held, nil if there is none.
func (s *Store) Bundle() *Bundle { return s.current.Load() }

// Resolve is [Bundle.Resolve] of the bundle held.
func (s *Store) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	if b := s.current.Load(); b != nil {
		return b.Resolve(ctx, id)
	}
	return nil, fmt.Errorf("%w: %s: there is no trust bundle yet", did.ErrUnavailable, id)
}

// ResolveKey is [Bundle.ResolveKey] of the bundle held.
func (s *Store) ResolveKey(ctx context.Context, id did.URL, rel did.Relationship, at time.Time) (did.PublicKey, error) {
	if b := s.current.Load(); b != nil {
		return b.ResolveKey(ctx, id, rel, at)
	}
	return did.PublicKey{}, fmt.Errorf("%w: %s: there is no trust bundle yet", did.ErrUnavailable, id)
}

// StatusList is [Bundle.StatusList] of the bundle held.
func (s *Store) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	if b := s.current.Load(); b != nil {
		return b.StatusList(ctx, url)
	}
	return nil, &Error{Code: code.StatusUnavailable, Detail: "there is no trust bundle yet", Actual: url, Err: statuslist.ErrRetrieval}
}

// Vouched is [Bundle.Vouched] of the bundle held; false where there is none. A
// list that came out of an earlier bundle is not vouched for any more.
func (s *Store) Vouched(f *statuslist.Fetched) bool {
	b := s.current.Load()
	return b != nil && b.Vouched(f)
}

// Sibling is [Bundle.Sibling] of the bundle held.
func (s *Store) Sibling(ctx context.Context, id, digest string) ([]byte, error) {
	if b := s.current.Load(); b != nil {
		return b.Sibling(ctx, id, digest)
	}
	return nil, &Error{Code: code.StatusUnavailable, Detail: "there is no trust bundle yet", Actual: id}
}

// Acceptances is [Bundle.Acceptances] of the bundle held; none where there is none.
func (s *Store) Acceptances(ctx context.Context, principal string) ([][]byte, error) {
	if b := s.current.Load(); b != nil {
		return b.Acceptances(ctx, principal)
	}
	return nil, nil
}
