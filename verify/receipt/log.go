package receipt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/filelock"
)

// Errors of this package; errors.Is finds them.
var (
	ErrInvalid  = errors.New("receipt: invalid")              // what was handed over does not hold
	ErrNotFound = errors.New("receipt: not found")            // the log has no such receipt
	ErrDamaged  = errors.New("receipt: the log is damaged")   // its files do not fit each other
	ErrFailed   = errors.New("receipt: the log has failed")   // the disk refused a write; open the log again
	ErrClosed   = errors.New("receipt: the log is closed")    // Close was called
	ErrInUse    = errors.New("receipt: the log is in use")    // another process has it open
	ErrInDoubt  = errors.New("receipt: perhaps it was kept")  // the caller went away; look for it with Find
	errNoSigner = errors.New("receipt: a log needs a Signer") // and its key
)

func fault(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInvalid, fmt.Errorf(format, args...))
}

func damage(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

// Options make a log.
type Options struct {
	// Origin names the log in its checkpoints and proofs, such as
	// "shop.example/receipts". Needed; whoever checks receipts must know it.
	Origin string
	// Signer signs the checkpoints with Ed25519; needed. A key of its own is
	// best: it is used for nothing else.
	Signer did.Signer
	// Key is the public half of Signer; needed.
	Key did.PublicKey
	// PublishEvery is how many receipts are written to the tiles at once. Until
	// then they are safe in the journal. Zero: 1,024.
	PublishEvery int
	// Unpublished hears why the tiles could not be written. Nothing is lost
	// then: the journal grows, and the next receipts try again. Nil: nobody.
	Unpublished func(error)
}

// Log is a transparency log of receipts in one folder. It is safe for
// concurrent use; one process at a time may have it open.
//
// The folder has the files of C2SP tlog-tiles, which any web server can hand
// out, and a journal of what is not in them yet.
type Log struct {
	o    Options
	disk disk
	lock func() // unlocks the folder; nil in tests
	note noteSigner

	turn    chan struct{} // whoever has put something in writes
	journal file          // of the turn
	end     int64         // of the journal, of the turn

	mu        sync.Mutex
	batch     *batch // what waits for its turn
	stopped   error  // ErrClosed, or why it failed
	edge      edge
	tail      [][]byte // entries from the bundle on that is not full on disk
	published int64
	spans     []span
	head      *Checkpoint // the newest one that was signed
}

// batch is what becomes durable at once.
type batch struct {
	entries [][]byte
	first   int64
	err     error
	done    chan struct{} // closed when it is on disk, or err says why it is not
}

// Open opens the log in a folder, and makes one in a folder that is empty or
// does not exist. What was being written when a process died is cut off;
// what was acknowledged is all there, or the log is ErrDamaged.
func Open(ctx context.Context, dir string, o Options) (*Log, error) {
	if ctx == nil {
		return nil, callctx.ErrNil
	}
	d := folder(dir)
	if err := d.makeFolders(dir); err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	unlock, err := filelock.Try(d.path(lockFile))
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	l, err := open(ctx, d, o)
	if err != nil {
		unlock()
		return nil, err
	}
	l.lock = unlock
	return l, nil
}

func open(ctx context.Context, d disk, o Options) (*Log, error) {
	if err := checkOrigin(o.Origin); err != nil {
		return nil, err
	}
	if o.Signer == nil || o.Key.IsZero() {
		return nil, errNoSigner
	}
	if o.PublishEvery < 0 {
		return nil, fmt.Errorf("receipt: PublishEvery is %d, want 0 (1,024) or more", o.PublishEvery)
	}
	if o.PublishEvery == 0 {
		o.PublishEvery = 1024
	}
	l := &Log{o: o, disk: d, turn: make(chan struct{}, 1)}
	l.note = noteSigner{name: o.Origin, hash: noteKeyHash(o.Origin, o.Key.Bytes()), signer: o.Signer}
	if err := l.load(); err != nil {
		return nil, err
	}
	// A signer with another key would write checkpoints that nobody can check. That the
	// newest one is signed says nothing of it: another process may have done that.
	v := l.view()
	if _, err := l.signAnew(ctx, v.tree()); err != nil {
		return nil, errors.Join(err, l.journal.Close())
	}
	return l, nil
}

// Key returns the verifier key of the log, in the form of C2SP signed-note:
// what readers need to check its checkpoints.
func (l *Log) Key() string {
	key, _ := LogKey(l.o.Origin, l.o.Key) // Open has checked both
	return key
}

// LogKey returns the verifier key of a log with that origin and key, as [Log.Key] does:
// for whoever knows the key from elsewhere, such as the DID document of the verifier.
func LogKey(origin string, key did.PublicKey) (string, error) {
	if err := checkOrigin(origin); err != nil {
		return "", err
	}
	text, err := note.NewEd25519VerifierKey(origin, key.Bytes())
	if err != nil {
		return "", fault("the key of the log: %w", err)
	}
	return text, nil
}

// Append adds a receipt and returns its place in the log. When it returns, the
// receipt is on disk. Callers that come at the same time share one write.
//
// If the context ends first the error is ErrInDoubt: the receipt may be in the
// log, or come into it with the next ones.
func (l *Log) Append(ctx context.Context, r *Receipt) (int64, error) {
	if ctx == nil {
		return -1, callctx.ErrNil
	}
	if r == nil || len(r.text) == 0 {
		return -1, fault("there is no receipt")
	}
	if len(r.text) > maxEntry {
		return -1, fault("the receipt has %d bytes, an entry of the log at most %d", len(r.text), maxEntry)
	}
	l.mu.Lock()
	if l.stopped != nil {
		defer l.mu.Unlock()
		return -1, l.stopped
	}
	if l.batch == nil {
		l.batch = &batch{done: make(chan struct{})}
	}
	b, k := l.batch, int64(len(l.batch.entries))
	b.entries = append(b.entries, []byte(r.text))
	l.mu.Unlock()

	select {
	case <-b.done:
	case l.turn <- struct{}{}:
		// Either it is this batch's turn now, or another caller wrote it.
		l.flush(ctx, b)
		<-l.turn
	case <-ctx.Done():
		return -1, fmt.Errorf("%w: %w", ErrInDoubt, ctx.Err())
	}
	if b.err != nil {
		return -1, b.err
	}
	return b.first + k, nil
}

// flush writes the batch that waits, if it is still b, or whichever it is if b
// is nil. The caller has the turn.
func (l *Log) flush(ctx context.Context, b *batch) {
	l.mu.Lock()
	if l.batch == nil || b != nil && l.batch != b {
		l.mu.Unlock()
		return
	}
	b, l.batch = l.batch, nil
	stopped := l.stopped
	l.mu.Unlock()
	defer close(b.done)
	if stopped != nil {
		b.err = stopped
		return
	}
	if b.err = l.write(b); b.err != nil {
		return
	}
	if l.unpublished() >= int64(l.o.PublishEvery) {
		// The receipts are safe whatever comes of it, and whoever's turn it is.
		if err := l.publish(context.WithoutCancel(ctx)); err != nil && l.o.Unpublished != nil {
			l.o.Unpublished(err)
		}
	}
}

// write makes a batch durable.
func (l *Log) write(b *batch) error {
	l.mu.Lock()
	b.first = l.edge.size
	l.mu.Unlock()
	var entries []byte
	for _, e := range b.entries {
		entries = appendEntry(entries, e)
	}
	text := appendFrame(nil, b.first, len(b.entries), entries)
	_, err := l.journal.WriteAt(text, l.end)
	if err == nil {
		err = l.journal.Sync()
	}
	if err != nil {
		// After a failed sync nobody knows what is on disk, and asking again
		// may lie. Only opening the log again reads it.
		return l.stop(fmt.Errorf("%w: %w", ErrFailed, err))
	}
	// See the journal's description: the mark tells a torn frame from a damaged
	// one. It needs no sync of its own.
	_, err = l.journal.WriteAt([]byte{stateAcknowledged}, l.end+4)
	if err != nil {
		return l.stop(fmt.Errorf("%w: %w", ErrFailed, err))
	}
	l.end += int64(len(text))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take(b.entries)
	return nil
}

// take adds entries that are durable. The caller has the lock, or nobody else
// knows the log yet.
func (l *Log) take(entries [][]byte) {
	for _, e := range entries {
		l.edge.add(tlog.RecordHash(e))
	}
	l.tail = append(l.tail, entries...)
}

func (l *Log) stop(why error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped == nil {
		l.stopped = why
	}
	return l.stopped
}

func (l *Log) unpublished() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.edge.size - l.published
}

// Size returns how many receipts the log has.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.edge.size
}

// Checkpoint signs what the log is now.
func (l *Log) Checkpoint(ctx context.Context) (*Checkpoint, error) {
	if ctx == nil {
		return nil, callctx.ErrNil
	}
	return l.sign(ctx)
}

// sign returns a checkpoint of the newest tree.
func (l *Log) sign(ctx context.Context) (*Checkpoint, error) {
	v := l.view()
	return l.signTree(ctx, v.tree())
}

func (l *Log) signTree(ctx context.Context, tree tlog.Tree) (*Checkpoint, error) {
	l.mu.Lock()
	head := l.head
	l.mu.Unlock()
	if head != nil && head.Size == tree.N {
		return head, nil
	}
	return l.signAnew(ctx, tree)
}

func (l *Log) signAnew(ctx context.Context, tree tlog.Tree) (*Checkpoint, error) {
	s := l.note
	s.ctx = ctx
	text, err := note.Sign(&note.Note{Text: checkpointText(l.o.Origin, tree)}, s)
	if err != nil {
		return nil, fmt.Errorf("receipt: signing the checkpoint: %w", err)
	}
	c, err := OpenCheckpoint(text, l.Key())
	if err != nil {
		return nil, fmt.Errorf("receipt: the Signer does not sign with the Key of the log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == nil || l.head.Size < c.Size {
		l.head = c
	}
	return c, nil
}

// Publish writes what the journal has into the tiles, and a checkpoint of the
// whole log. Close does the same; so does Append after each PublishEvery
// receipts.
func (l *Log) Publish(ctx context.Context) error {
	if ctx == nil {
		return callctx.ErrNil
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	l.flush(ctx, nil)
	l.mu.Lock()
	stopped := l.stopped
	l.mu.Unlock()
	if stopped != nil {
		return stopped
	}
	return l.publish(ctx)
}

// Close publishes and closes the log. It waits for receipts that are being
// written. A second Close does nothing.
func (l *Log) Close(ctx context.Context) error {
	if ctx == nil {
		return callctx.ErrNil
	}
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.flush(ctx, nil)
	l.mu.Lock()
	stopped := l.stopped
	l.stopped = ErrClosed
	l.mu.Unlock()
	if errors.Is(stopped, ErrClosed) {
		return nil
	}
	var err error
	if stopped == nil {
		err = l.publish(ctx)
	}
	err = errors.Join(err, l.journal.Close())
	if l.lock != nil {
		l.lock()
	}
	return err
}

// exists reads a file that may not be there.
func exists(data []byte, err error) ([]byte, bool, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return data, err == nil, err
}
