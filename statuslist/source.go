package statuslist

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Fetched is a list as it was got: bytes that nobody has looked into.
//
// It never changes: the same pointer stands for the same bytes for ever, so
// that a reader may keep what it made of them.
type Fetched struct {
	Raw  []byte    // the list credential, secured; not to be written to
	At   time.Time // when the bytes were got from where they are published
	ETag string    // what its host calls these bytes, to ask whether they changed; "" if it did not say
}

// Source hands over list credentials by URL. It judges neither signature nor
// age: that is done with every list, wherever it is from. Implementations are
// safe for concurrent use and fail with status.unavailable when they have no
// list; if they know that there is none, the error wraps [ErrNotFound].
type Source interface {
	StatusList(ctx context.Context, url string) (*Fetched, error)
}

// SourceFunc makes a function a [Source].
type SourceFunc func(ctx context.Context, url string) (*Fetched, error)

// StatusList calls f.
func (f SourceFunc) StatusList(ctx context.Context, url string) (*Fetched, error) { return f(ctx, url) }

// Static is a fixed set of lists by URL. The nil Static has none. It is safe
// for concurrent use as long as nobody writes to it.
type Static map[string]*Fetched

// StatusList returns the list at url.
func (s Static) StatusList(_ context.Context, url string) (*Fetched, error) {
	if f := s[url]; f != nil {
		return f, nil
	}
	return nil, unavailable(ErrNotFound, url, "there is no such list")
}

// unavailable is the refusal of a source. Its cause, which may be nil, can be
// found with errors.Is beside ErrRetrieval.
func unavailable(cause error, url, detail string) error {
	e := fail(ErrRetrieval, "", "%s: %.200s", detail, url)
	e.Code = code.StatusUnavailable
	if cause != nil {
		e.Err = &retrievalError{cause}
	}
	return e
}

type retrievalError struct{ cause error }

func (e *retrievalError) Error() string   { return ErrRetrieval.Error() + ": " + e.cause.Error() }
func (e *retrievalError) Unwrap() []error { return []error{ErrRetrieval, e.cause} }
