package statuslist

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/datetime"
)

// ErrOlder is wrapped by the error of a [Target] that has a later edition of
// the list already.
var ErrOlder = errors.New("statuslist: a later edition is published already")

// Edition is one list as it was signed once, in one encoding. It never
// changes, so it may be served while the next one is made.
type Edition struct {
	Encoding Encoding
	URL      string // where it belongs, and its id
	// Number counts the editions of the publisher, from 1. The encodings of one
	// [Publisher.Publish] share a number.
	Number     int
	AsOf       time.Time     // the instant for which it speaks
	ValidUntil time.Time     // in whole seconds
	TTL        time.Duration // after which caches should ask again; 0 is not stated
	MediaType  string        // to serve it under
	Raw        []byte        // the signed bytes; not to be written to
}

// replaces reports whether the edition may replace old, the bytes that are at
// its URL now, nil if there are none: an error if old is a later edition, same
// if it is this one. Only what the bytes say counts.
func (e *Edition) replaces(old []byte) (same bool, err error) {
	list, err := ReadUnverified(e.Raw)
	if err != nil {
		return false, misuse(err, "what is to be put at %.200s cannot be read as a list", e.URL)
	}
	if list.ID != e.URL {
		return false, misuse(nil, "the list of %.200s cannot be put at %.200s", list.ID, e.URL)
	}
	if bytes.Equal(old, e.Raw) {
		return true, nil
	}
	there, err := ReadUnverified(old)
	if err != nil {
		return false, nil // not a list: it is of no use to anybody
	}
	if !list.AsOf.After(there.AsOf) {
		return false, misuse(ErrOlder, "the edition as of %s does not replace the one as of %s at %.200s",
			datetime.Exact(list.AsOf), datetime.Exact(there.AsOf), e.URL)
	}
	return false, nil
}

// CacheControl returns the value of the HTTP header Cache-Control with which
// the edition should be served: HTTP caches then keep it no longer than TTL
// says, and ask about it every time when it says nothing.
func (e *Edition) CacheControl() string {
	if e.TTL < time.Second {
		return "no-cache"
	}
	return "public, max-age=" + strconv.FormatInt(int64(e.TTL/time.Second), 10)
}

// Editions are the encodings of one edition, in the order of the constants.
type Editions []*Edition

// Static returns the editions as a [Source] in memory.
func (es Editions) Static() Static {
	s := make(Static, len(es))
	for _, e := range es {
		s[e.URL] = &Fetched{Raw: e.Raw, At: e.AsOf}
	}
	return s
}

// PutTo puts every edition on the target. It stops at the first error; what it
// did before stays.
func (es Editions) PutTo(ctx context.Context, t Target) error {
	for _, e := range es {
		if err := t.Put(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Target is where an issuer puts lists for verifiers to get: [Dir], [Memory].
//
// Put replaces what is at the edition's URL. It refuses an edition that is not
// later than the one that it has, with an error that wraps [ErrOlder], so that
// two publishers that overtake each other cannot undo a revocation. To put the
// same bytes again is not an error. It refuses, with request.invalid, bytes that
// are not a list with that URL as its id. Nothing is verified. Implementations
// are safe for concurrent use.
type Target interface {
	Put(ctx context.Context, e *Edition) error
}

// Memory keeps the newest edition of each list in memory: a [Target] for the
// issuer and a [Source] for verifiers in the same process, or behind an HTTP
// server. The zero Memory is empty and ready to use.
type Memory struct {
	mu    sync.RWMutex
	lists map[string]*Fetched
}

var (
	_ Target = (*Memory)(nil)
	_ Source = (*Memory)(nil)
	_ Target = Dir("")
	_ Source = Dir("")
)

// Put keeps an edition. See [Target].
func (m *Memory) Put(ctx context.Context, e *Edition) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var old []byte
	if f := m.lists[e.URL]; f != nil {
		old = f.Raw
	}
	if same, err := e.replaces(old); same || err != nil {
		return err
	}
	if m.lists == nil {
		m.lists = map[string]*Fetched{}
	}
	m.lists[e.URL] = &Fetched{Raw: e.Raw, At: e.AsOf}
	return nil
}

// StatusList returns the list at url.
func (m *Memory) StatusList(ctx context.Context, url string) (*Fetched, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return Static(m.lists).StatusList(ctx, url)
}
