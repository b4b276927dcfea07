package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

const (
	day   = 24 * time.Hour
	grace = 2 * time.Minute // nothing is forgotten before it ended so long ago, unless there is no room
)

// Store is a database with a writer. It is safe for concurrent use.
type Store struct {
	engine  *Engine
	options store.Options
	space   int64  // the number of the namespace
	root    digest // of the namespace
	writer  digest // a name of its own

	conn    Conn              // the writer's; nil until it is needed
	queries map[string]string // the writer's
	readers chan *reader      // nil: readings wait for the writer

	records  int     // decisions of the last transaction
	latest   instant // the earliest of these
	earliest instant // of these
	updates  int64   // updates of documents that were written
	since    int     // decisions since something was forgotten

	known   known    // the writer's
	redo    redo     // the group that the writer makes
	drainer *drainer // nil: there are no groups
	tidying tidying  // what it is to do next
	// forgetting says that what it has found is not forgotten yet.
	forgetting bool
	// careful says that a row which should be new was there: rows are then written whether they are there or not.
	careful atomic.Bool
	lookups map[string]string // the queries of groups
	own     []*job            // of the writer: what callers who went away have left, and what has ended

	cache   *cache // nil: there is none, or a transaction has it
	ended   *work  // the last one that did not fail before its COMMIT
	refused refusals
	stats   stats
	gap     *store.Gap // nil: the store is not a restored copy

	queue     chan *job
	gathering *gathering
	stopping  chan struct{}
	stopped   chan struct{}
	once      sync.Once

	mu     sync.Mutex
	failed error // the disk did: nothing is written any more
	closed bool
}

// reader is a connection for readings, which is opened when it is needed.
type reader struct {
	conn    Conn
	queries map[string]string
}

// New brings a database to the newest schema and starts a writer on it.
func New(ctx context.Context, e *Engine, o store.Options) (*Store, error) {
	if err := errors.Join(callctx.Err(ctx), sensible(o)); err != nil {
		return nil, err
	}
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.Batch == 0 {
		o.Batch = 256
	}
	if o.KeepUnresolved == 0 {
		o.KeepUnresolved = 90 * day
	}
	if o.MaxClockDrift == 0 {
		o.MaxClockDrift = 2 * time.Minute
	}
	if o.KeepDecisions == 0 {
		o.KeepDecisions = 90 * day
	}
	if o.RefusedPerMinute == 0 {
		o.RefusedPerMinute = 600
	}
	if o.KeepRefused == 0 {
		o.KeepRefused = 50_000
	}
	if o.KeepRefused < 0 {
		o.KeepRefused, o.RefusedPerMinute = 0, -1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{
		engine: e, options: o, root: digestOf("namespace", o.Namespace), earliest: last,
		queries: map[string]string{}, lookups: map[string]string{},
		writer: newWriter(), queue: make(chan *job, o.Queue), gathering: newGathering(),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	if e.Readers > 0 {
		s.readers = make(chan *reader, e.Readers)
		for range e.Readers {
			s.readers <- &reader{queries: map[string]string{}}
		}
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	if e.Redo {
		s.drainer = newDrainer(s)
	}
	go s.run()
	return s, nil
}

// sensible reports an option that is out of its range.
func sensible(o store.Options) error {
	for _, x := range []struct {
		name string
		n    int64
		most int64
	}{
		{"Queue", int64(o.Queue), mostWaiting}, {"Batch", int64(o.Batch), mostWaiting},
		{"KeepUnresolved", int64(o.KeepUnresolved), math.MaxInt64},
		{"KeepDecisions", int64(o.KeepDecisions), math.MaxInt64},
	} {
		if x.n < 0 || x.n > x.most {
			return fmt.Errorf("store: Options.%s is %d, want 0 (the default) to %d", x.name, x.n, x.most)
		}
	}
	return nil
}

// mostWaiting is how many calls a queue has room for at most.
const mostWaiting = 1 << 20

func newWriter() (name digest) {
	_, _ = rand.Read(name[:]) // it does not fail
	return name
}

func (s *Store) begin(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.opening(ctx, func(t *tx) error { return newWork(s, t).forgetUpdates() }); err != nil {
		return err
	}
	if err := s.findSpace(ctx); err != nil {
		return err
	}
	return s.findGap(ctx)
}

// opening does something in one transaction while the store is opened. Another process may hold the lock to
// write: it is waited for as long as a call waits. What has begun takes its time, such as a migration.
func (s *Store) opening(ctx context.Context, do func(t *tx) error) error {
	waiting, give := context.WithCancel(ctx)
	defer give()
	late := time.AfterFunc(s.engine.most(), give)
	defer late.Stop()
	err := s.transaction(waiting, func(t *tx) error {
		late.Stop()
		return do(t)
	}, nil)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("another process has held the database for %v: %w", s.engine.most(), err)
	}
	return err
}

// findSpace finds the number of the namespace. One that has none gets one if it is the
// first, or if that is wished.
func (s *Store) findSpace(ctx context.Context) error {
	name := keyText(s.options.Namespace, mostAgent)
	return s.opening(ctx, func(t *tx) error {
		find := func() (bool, error) {
			return t.one("SELECT space FROM spaces WHERE name = ?", []any{name}, func(r Row) {
				s.space = r.Int(0)
			})
		}
		head := func() error {
			return t.exec("INSERT INTO redo_heads (space, number, token) VALUES (?, 0, 0) ON CONFLICT (space) DO NOTHING",
				s.space)
		}
		if found, err := find(); err != nil {
			return err
		} else if found { // an earlier version may have made it meanwhile, without a head
			return head()
		}
		if err := s.mayCreate(t); err != nil {
			if found, e := find(); found || e != nil { // another process has made it meanwhile
				return e
			}
			return err
		}
		if err := t.exec("INSERT INTO spaces (space, name) SELECT COALESCE(MAX(space), 0) + 1, ? FROM spaces",
			name); err != nil {
			return err
		}
		if _, err := find(); err != nil {
			return err
		}
		return head()
	})
}

// mayCreate refuses to make a namespace beside others, unless that is wished.
func (s *Store) mayCreate(t *tx) error {
	if s.options.CreateNamespace {
		return nil
	}
	const most = 20
	var names []string
	if err := t.each("SELECT name FROM spaces ORDER BY name"+limit(most+1), nil, func(r Row) error {
		names = append(names, fmt.Sprintf("%q", r.Text(0)))
		return nil
	}); err != nil || len(names) == 0 {
		return err
	}
	if len(names) > most {
		names[most] = "…"
	}
	return fmt.Errorf("%w: %q; it has %s", store.ErrNoNamespace, s.options.Namespace, strings.Join(names, ", "))
}

// Close ends the writer after what is waiting, and closes the database. Calls
// after it fail with ledger.unavailable.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		_ = s.countUnrecorded(context.Background()) // they are no more than counts
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		close(s.stopping)
		<-s.stopped
		if s.drainer != nil {
			s.drainer.stop()
		}
		err = s.disconnect()
	})
	return err
}

// disconnect closes every connection, after those who read.
func (s *Store) disconnect() error {
	var errs []error
	for range cap(s.readers) {
		if r := <-s.readers; r.conn != nil {
			errs = append(errs, r.conn.Close())
		}
	}
	if s.readers != nil {
		close(s.readers)
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
		s.conn = nil
	}
	return errors.Join(errs...)
}

// unavailable is what a call gets that could not be done.
func unavailable(err error) error {
	return &passport.Error{Code: verify.LedgerUnavailable, Detail: "the store did not answer", Err: err}
}

var errClosed = errors.New("sqlstore: the store is closed")

// usable says why nothing is read or written any more.
func (s *Store) usable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	return s.failed
}

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}

// reading does something in a transaction that writes nothing, and waits for the database
// no longer than the engine's patience lasts.
func (s *Store) reading(ctx context.Context, do func(w *work) error) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	bounded, cancel := s.engine.patience(ctx)
	defer cancel()
	return s.read(ctx, bounded, true, do)
}

// readingAll is reading of what may take long. It ends with the context alone.
func (s *Store) readingAll(ctx context.Context, do func(w *work) error) error {
	return s.read(ctx, ctx, true, do)
}

// readingApart is readingAll of what is not the ledger's.
func (s *Store) readingApart(ctx context.Context, do func(w *work) error) error {
	return s.read(ctx, ctx, false, do)
}

func (s *Store) read(ctx, bounded context.Context, ledger bool, do func(w *work) error) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	if s.readers == nil {
		// It does not go on without its caller: what it reads is the caller's.
		return s.do(&job{ctx: context.WithoutCancel(ctx), run: func(w *work) error { return do(newReading(s, w.tx)) }})
	}
	if err := s.usable(); err != nil {
		return unavailable(err)
	}
	var r *reader
	select {
	case r = <-s.readers:
	case <-bounded.Done():
		if err := ctx.Err(); err != nil {
			return err
		}
		return unavailable(bounded.Err()) // all that may read at a time wait for the database
	}
	if r == nil {
		return unavailable(errClosed)
	}
	defer func() { s.readers <- r }()
	ledger = ledger && s.engine.Redo
	err := s.readWith(bounded, r, ledger, do)
	if err != nil && bounded.Err() == nil && r.conn == nil { // it may have been cut while it was idle
		err = s.readWith(bounded, r, ledger, do)
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// readWith reads one state of the database. With groups it is one that has all of them that were answered before.
func (s *Store) readWith(ctx context.Context, r *reader, groups bool, do func(w *work) error) error {
	behind, err := s.readState(ctx, r, groups, do)
	if err != nil || behind == 0 {
		return err
	}
	if err := s.drainer.wait(ctx, behind); err != nil {
		return err
	}
	_, err = s.readState(ctx, r, false, do)
	return err
}

// readState reads what the tables say. behind is the number of the latest group that is not in them, if that matters:
// then nothing else was read.
func (s *Store) readState(
	ctx context.Context, r *reader, groups bool, do func(w *work) error,
) (behind int64, err error) {
	if r.conn == nil {
		if r.conn, err = s.engine.Connect(ctx, false); err != nil {
			r.conn = nil
			return 0, err
		}
	}
	defer func() {
		if lost := r.conn.Rollback(); lost != nil {
			_ = r.conn.Close() // it is of no use
			r.conn = nil
		}
	}()
	if err = r.conn.Begin(ctx, false); err != nil {
		return 0, err
	}
	t := &tx{Conn: r.conn, ctx: ctx, engine: s.engine, queries: r.queries, reading: true, sent: &s.stats.statements}
	if groups {
		if _, err = t.one("SELECT number FROM redo WHERE space = ? ORDER BY space DESC, number DESC LIMIT 1",
			[]any{s.space}, func(r Row) { behind = r.Int(0) }); err != nil || behind > 0 {
			return behind, err
		}
	}
	return 0, do(newReading(s, t))
}
