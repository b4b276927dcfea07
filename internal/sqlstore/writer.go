package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/hostcall"
)

// job is a call that waits for the writer.
type job struct {
	ctx   context.Context
	run   func(w *work) error // an error is the engine's
	wants func(p *wanted)     // what it will read; may be nil
	after func() *job         // what to do when the caller went away while it was committed; may be nil
	group bool                // it may be done in a group; see redo.go
	apart bool                // it reads and writes nothing of the ledger's
	// forgets says that it forgets what the drainer has found.
	forgets bool
	sent    bool // with the last group, of which nothing was heard yet
	doubt   bool // it may have been committed before
	phase   atomic.Int32
	done    chan struct{} // nil: nobody waits
	err     error         // the engine's
}

// The phases of a job: whoever leaves the first decides.
const (
	waiting int32 = iota
	answered
	abandoned
)

// do hands a job to the writer and waits for it.
func (s *Store) do(j *job) error {
	if err := callctx.Err(j.ctx); err != nil {
		return err
	}
	j.done = make(chan struct{})
	if err := s.enqueue(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-j.ctx.Done():
		if j.phase.CompareAndSwap(waiting, abandoned) {
			return j.ctx.Err()
		}
		<-j.done
	}
	if j.err != nil {
		return unavailable(j.err)
	}
	return nil
}

func (s *Store) enqueue(j *job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return unavailable(errClosed)
	case s.failed != nil:
		return unavailable(s.failed)
	}
	select {
	case s.queue <- j:
		s.gathering.came(len(s.queue))
		return nil
	default:
		return unavailable(errors.New("sqlstore: too many calls are waiting"))
	}
}

// answer tells the caller. It returns whether the caller went away before.
func (j *job) answer(err error) (gone bool) {
	j.err = err
	if j.done == nil {
		return false
	}
	gone = !j.phase.CompareAndSwap(waiting, answered)
	close(j.done)
	return gone
}

// run is the writer.
func (s *Store) run() {
	defer close(s.stopped)
	for {
		batch := s.own
		if s.own = nil; len(batch) == 0 {
			select {
			case j := <-s.queue:
				batch = append(batch, j)
			case <-s.stopping:
				select {
				case j := <-s.queue: // what waits is done
					batch = append(batch, j)
				default:
					return
				}
			}
		}
		for more := true; more; { // who has been answered just now may have the next call ready
			n := len(s.queue)
			runtime.Gosched()
			more = len(s.queue) > n
		}
		s.gathering.wait(s.queue, callers(batch))
		for more := true; more && len(batch) < s.options.Batch; {
			select {
			case j := <-s.queue:
				batch = append(batch, j)
			default:
				more = false
			}
		}
		before := s.stats.committing.Load()
		s.batch(batch)
		took := time.Duration(s.stats.committing.Load() - before)
		s.gathering.expect(min(callers(batch)+len(s.queue), s.options.Batch), took)
	}
}

// callers is how many jobs somebody waits for.
func callers(batch []*job) (n int) {
	for _, j := range batch {
		n += flag(j.done != nil)
	}
	return n
}

// batch does jobs in a group, where there are such, and the others in one transaction, or, if
// that fails, each in its own.
func (s *Store) batch(batch []*job) {
	live := make([]*job, 0, len(batch))
	for _, j := range batch {
		if err := j.ctx.Err(); err != nil && !j.doubt {
			j.answer(err)
			continue
		}
		live = append(live, j)
	}
	if s.engine.Redo {
		live = s.group(live)
	}
	if len(live) == 0 {
		return
	}
	ctx, cancel := s.engine.patience(context.Background())
	defer cancel()
	s.records = 0
	kept := s.cache
	err := s.transaction(ctx, func(t *tx) error {
		last := kept
		kept = nil // it is good once
		return s.work(t, live, last)
	}, func() {
		for _, j := range live {
			j.doubt = true
		}
	})
	if err != nil && len(live) > 1 && s.conn != nil && s.healthy() {
		for _, j := range live {
			s.batch([]*job{j})
		}
		return
	}
	if err == nil {
		if s.cache = s.ended.keep(); s.ended.leads != nil {
			s.known.knows(s.ended.leads.number, s.ended.leads.token)
			s.known.cache, s.cache = s.cache, nil
		}
		s.ended = nil
	} else {
		s.records = 0
	}
	s.answer(live, err)
}

// answer tells those whose jobs were done, and puts what is to be done next into own: for those who went away
// meanwhile, and for what has ended.
func (s *Store) answer(jobs []*job, err error) {
	for _, j := range jobs {
		if j.forgets {
			s.forgetting = false // also if it has failed: it is looked for again
		}
		if gone := j.answer(err); gone && err == nil && j.after != nil {
			if a := j.after(); a != nil {
				s.own = append(s.own, a)
			}
		}
	}
	if err == nil {
		s.stats.calls.Add(int64(len(jobs)))
	}
	if s.records > 0 {
		s.since, s.earliest, s.records = s.since+s.records, min(s.earliest, s.latest), 0
	}
	if s.since >= s.seldom(every) || s.since >= every && s.refused.due(s.options.KeepRefused) {
		// One call with a wrong instant, or a clock that is ahead, makes nobody forget.
		at, _ := s.clock() // where there is none, nothing is so old that it is forgotten
		before := min(s.earliest, instantOf(at)).Add(-grace)
		if s.drainer != nil {
			s.tidyLater(before, atOnce*s.since)
		} else {
			s.own = append(s.own, s.tidy(before, atOnce*every)...)
		}
		s.since, s.earliest = 0, last
	}
}

// attempts is how often a transaction is tried that met another one.
const attempts = 100

// transaction does something in one transaction, and again where it met another
// one. Where it is not known whether it was committed it calls doubt and does it
// again, too, which finds out; a nil doubt says that doing it twice does no harm.
func (s *Store) transaction(ctx context.Context, do func(t *tx) error, doubt func()) (err error) {
	s.cache = nil // what it changes is not in it
	doubted := false
	for n := range attempts {
		if n > 0 {
			s.stats.retried.Add(1)
			pause(ctx, n)
		}
		if !s.healthy() {
			return s.failed
		}
		fresh := s.conn == nil
		committing, e := s.try(ctx, do)
		switch err = e; {
		case err == nil:
			s.careful.Store(false)
			return nil
		case ctx.Err() != nil:
			return err
		case s.engine.Again(err), doubted && s.conn == nil:
			s.careful.Store(true)
		case committing && !s.engine.Sure(err):
			if s.engine.Disk {
				// What a failed sync has left in memory is not known. Only who opens the
				// file again, and checks it, knows what is on the disk.
				s.fail(err)
				return err
			}
			doubted = true
			if doubt != nil {
				doubt()
			}
		case s.conn == nil && !fresh: // it was cut while it was idle, or before the COMMIT
		default:
			return err
		}
	}
	return err
}

func (s *Store) healthy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed == nil
}

// pause waits for those whom a transaction met, longer from time to time.
func pause(ctx context.Context, n int) {
	most := min(time.Millisecond<<min(n, 8), 250*time.Millisecond)
	t := time.NewTimer(time.Duration(rand.Int64N(int64(most)) + 1))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// try does something in one transaction. committing says that the error is that of
// the COMMIT. A connection that is of no use any more is closed.
func (s *Store) try(ctx context.Context, do func(t *tx) error) (committing bool, err error) {
	if s.conn == nil {
		if s.conn, err = s.engine.Connect(ctx, true); err != nil {
			s.conn = nil
			return false, err
		}
	}
	defer func() {
		if err == nil {
			return
		}
		if lost := s.conn.Rollback(); lost != nil {
			_ = s.conn.Close() // it is of no use
			s.conn = nil
		}
	}()
	if err = s.conn.Begin(ctx, true); err != nil {
		return false, err
	}
	t := &tx{Conn: s.conn, ctx: ctx, engine: s.engine, queries: s.queries, sent: &s.stats.statements}
	if err = do(t); err != nil {
		return false, err
	}
	began, noTime := s.clock()
	err = s.conn.Commit(ctx)
	if ended, failed := s.clock(); noTime == nil && failed == nil {
		s.stats.committing.Add(int64(ended.Sub(began)))
	}
	s.stats.transactions.Add(1)
	return true, err
}

// clock reads the host's clock. One that panics must not end the goroutine of the writer, and with it the process.
func (s *Store) clock() (at time.Time, err error) {
	err = hostcall.Try("the clock of the store", func() { at = s.options.Now() })
	return at, err
}

// work does jobs.
func (s *Store) work(t *tx, jobs []*job, last *cache) error {
	w := newWork(s, t)
	if err := w.recall(last); err != nil {
		return err
	}
	ledger := s.engine.Redo && slices.ContainsFunc(jobs, func(j *job) bool { return !j.apart })
	if ledger {
		if err := w.lead(); err != nil {
			return err
		}
	}
	if err := w.prefetch(jobs); err != nil {
		return err
	}
	for _, j := range jobs {
		if w.doubt = j.doubt; w.doubt {
			w.touch = true
		}
		if err := j.run(w); err != nil {
			return err
		}
	}
	if err := w.end(); err != nil {
		return err
	}
	if ledger {
		if err := w.led(); err != nil {
			return err
		}
	}
	s.records, s.latest, s.ended = w.records, w.earliest, w
	return nil
}
