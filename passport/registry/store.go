package registry

import (
	"context"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// Store keeps what an office knows. The stores of packages store/sqlite and
// store/postgres have one; registrytest has the tests that it must pass. It is
// safe for concurrent use.
type Store interface {
	// View calls f with one state of the store, in which nothing can be changed.
	View(ctx context.Context, f func(Tx) error) error
	// Update calls f in a transaction. If f returns an error nothing is changed, and
	// Update returns that error. If f returns nil, all that it changed is durable when
	// Update returns nil. f may be called again, from the beginning, where two
	// transactions met: its only effects beside the transaction are variables that it
	// sets anew each time. It does not sign, and does not wait for anybody.
	Update(ctx context.Context, f func(Tx) error) error
}

// inContext is the store of an office, which no call of it reaches without a context.
type inContext struct{ Store }

func (s inContext) View(ctx context.Context, f func(Tx) error) error {
	if ctx == nil {
		return noContext()
	}
	return s.Store.View(ctx, f)
}

func (s inContext) Update(ctx context.Context, f func(Tx) error) error {
	if ctx == nil {
		return noContext()
	}
	return s.Store.Update(ctx, f)
}

func noContext() *Error {
	return &Error{Code: BadRequest, Member: "ctx", Detail: "it is needed", Err: callctx.ErrNil}
}

// Tx is a transaction. It is used by one goroutine, until the function returns that
// it was made for.
type Tx interface {
	// Get returns a document; one of version 0 if there is none.
	Get(kind, id string) (Doc, error)
	// Put writes a document in place of its version before, which is Doc.Version: 0
	// for a new one. It fails with [ErrChanged] if the store has another version,
	// and with a [*Taken] if a unique key is another document's.
	Put(d Doc) error
	// Delete removes a document of a version, with its keys. It fails with
	// [ErrChanged] if the store has another version. Whoever puts it again begins with
	// version 1 again, so what is deleted must not come back as something else.
	Delete(d Doc) error
	// Find returns documents by a key, in the order of their ids. It does not see
	// what the transaction itself has put or deleted: it finds what was there before, as
	// it was. Get and Put do see that, and so do unique keys: one that a document has
	// given up or got in this transaction is free, or taken, at once.
	Find(q Query) ([]Doc, error)
	// Append adds an entry to a stream, and returns its number: 1 for the first, and
	// no gaps. Entries of a stream are seen in the order of their numbers: whoever
	// sees one has seen all before it, or never will.
	Append(stream string, body []byte) (number int64, err error)
	// Read returns at most limit entries of a stream behind a number.
	Read(stream string, after int64, limit int) ([]Entry, error)
	// Last returns the newest entry of a stream; number 0 if there is none. What the
	// transaction appends then has the next number, or the transaction is not committed.
	Last(stream string) (Entry, error)
	// Trim forgets the entries of a stream up to a number, but never the newest one, so
	// that numbers go on. Transactions after this one do not read them.
	Trim(stream string, upTo int64) error
}

// Doc is a document of a store.
type Doc struct {
	Kind, ID string
	Version  int64 // 0: there is none; the store counts them
	Keys     []Key // by which it is found
	Body     []byte
}

// Key is what a document is found by.
type Key struct {
	Name, Value string
	Unique      bool // no other document of the kind has it; Find does not look for it
}

// Query asks for documents that have a key.
type Query struct {
	Kind        string
	Name, Value string
	After       string // the id behind which to begin; "": at the beginning
	Newest      bool   // the order of ids is from the highest down
	Limit       int
}

// Entry is an entry of a stream.
type Entry struct {
	Number int64
	Body   []byte
}
