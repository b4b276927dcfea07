package sqlstore

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// rowsOfCall is how many rows a call of another writer is taken for.
const rowsOfCall = 8

// drainer writes groups into the tables, on a connection of its own. One goroutine of the store's is one.
type drainer struct {
	s        *Store
	conn     Conn
	queries  map[string]string
	pending  *draining      // the writer's, who has not heard of it yet
	asked    chan *draining // the writer's
	waits    chan *draining // of those who read
	stopping chan struct{}
	stopped  chan struct{}
	most     int64 // so many groups go into one transaction; 0: all
	tried    int64 // so many have
}

// wellAgain is of how many groups at a time a drainer that has got through so many takes all again.
const wellAgain = 1024

// draining asks for all groups up to a number.
type draining struct {
	upTo int64
	tidy *tidying   // what is to be done then; may be nil
	left *leftovers // what it has found
	done chan error // has room for one
}

func newDrainer(s *Store) *drainer {
	d := &drainer{
		s: s, queries: map[string]string{}, asked: make(chan *draining, 1), waits: make(chan *draining),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	go d.run()
	return d
}

func (d *drainer) run() {
	defer close(d.stopped)
	for failed := 0; ; {
		var a *draining
		select {
		case a = <-d.asked:
		case a = <-d.waits:
		case <-d.stopping:
			if d.conn != nil {
				_ = d.conn.Close()
			}
			return
		}
		ctx, cancel := d.s.engine.patience(context.Background())
		err := d.drain(ctx, a.upTo)
		if err == nil && a.tidy != nil {
			a.left = d.tidy(ctx, a.tidy)
		}
		cancel()
		if a.done <- err; err == nil {
			failed = 0
			continue
		}
		failed = min(failed+1, 5)
		pause(context.Background(), failed) // the writer asks again at once
	}
}

// begin begins a piece of work for the writer, who has no other one under way.
func (d *drainer) begin(upTo int64, t *tidying) {
	d.pending = &draining{upTo: upTo, tidy: t, done: make(chan error, 1)}
	d.asked <- d.pending // there is room: it had no other one
}

// heard returns what the writer has begun, and what became of it, if that is known, or is waited for.
func (d *drainer) heard(wait bool) (a *draining, err error) {
	if a = d.pending; a == nil {
		return nil, nil
	}
	if wait {
		err = <-a.done
	} else {
		select {
		case err = <-a.done:
		default:
			return nil, nil
		}
	}
	d.pending = nil
	return a, err
}

// wait writes all groups up to a number, and waits for that.
func (d *drainer) wait(ctx context.Context, upTo int64) error {
	a := &draining{upTo: upTo, done: make(chan error, 1)}
	select {
	case d.waits <- a:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.stopping:
		return errClosed
	}
	select {
	case err := <-a.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the drainer, after it has written what the writer has left, if the server answers.
func (d *drainer) stop() {
	left := 0
	for _, i := range d.s.known.images() {
		if i != nil {
			left += i.calls
		}
	}
	if left > 0 {
		_ = d.wait(context.Background(), math.MaxInt64) // what it cannot write stays in the table redo
	}
	close(d.stopping)
	<-d.stopped
}

// drain writes all groups up to a number into the tables, in one transaction; in several, if they take longer together
// than anybody waits, or are larger than a server takes: what was done by then stays done. Several processes may do so
// at once: each row of redo is taken by one of them, and those who come later wait for that one.
func (d *drainer) drain(ctx context.Context, upTo int64) error {
	for {
		last, err := d.part(ctx, upTo)
		switch {
		case err == nil:
			if d.most *= 2; d.most > wellAgain {
				d.most = 0
			}
			if last >= upTo {
				return nil
			}
		case d.tried == 0:
			return err
		default:
			if d.most = max(1, d.tried/2); d.tried == 1 || ctx.Err() != nil {
				return err
			}
		}
	}
}

// part is drain in one transaction, which may be enough. last is up to where there are none left.
func (d *drainer) part(ctx context.Context, upTo int64) (last int64, err error) {
	for n := range attempts {
		if n > 0 {
			d.s.stats.retried.Add(1)
			pause(ctx, n)
		}
		fresh := d.conn == nil
		if last, err = d.try(ctx, upTo); err == nil || ctx.Err() != nil {
			return last, err
		}
		// Once more after a COMMIT of which nobody knows what became: what it has written is not there any more.
		if d.s.engine.Again(err) {
			d.s.careful.Store(true)
		} else if fresh || d.conn != nil {
			return 0, err
		}
	}
	return 0, err
}

func (d *drainer) try(ctx context.Context, upTo int64) (last int64, err error) {
	d.tried, last = 0, upTo
	err = d.transaction(ctx, func(w *work) error {
		if d.most > 0 {
			if _, err := w.one("SELECT number FROM redo WHERE space = ? ORDER BY space, number LIMIT 1", []any{d.s.space},
				func(r Row) { last = min(upTo, r.Int(0)+d.most-1) }); err != nil {
				return err
			}
		}
		err := w.drain(last, nil)
		d.tried = w.groups
		return err
	})
	if err == nil {
		d.s.careful.Store(false)
	}
	return last, err
}

// transaction does something in one transaction on the drainer's connection.
func (d *drainer) transaction(ctx context.Context, do func(w *work) error) (err error) {
	if d.conn == nil {
		if d.conn, err = d.s.engine.Connect(ctx, true); err != nil {
			d.conn = nil
			return err
		}
	}
	defer func() {
		if err == nil {
			return
		}
		if lost := d.conn.Rollback(); lost != nil {
			_ = d.conn.Close() // it is of no use
			d.conn = nil
		}
	}()
	if err := d.conn.Begin(ctx, true); err != nil {
		return err
	}
	t := &tx{Conn: d.conn, ctx: ctx, engine: d.s.engine, queries: d.queries, sent: &d.s.stats.statements}
	if err := do(newWork(d.s, t)); err != nil {
		return err
	}
	return d.conn.Commit(ctx)
}

// drain takes groups out of redo, and writes them into the tables. They are told to a history, which may be nil.
func (w *work) drain(upTo int64, h *history) error {
	type group struct {
		number, before int64
		body           []byte
	}
	var groups []group
	if err := w.each("DELETE FROM redo WHERE space = ? AND number <= ? RETURNING number, before, body",
		[]any{w.s.space, upTo}, func(r Row) error {
			groups = append(groups, group{r.Int(0), r.Int(1), slices.Clone(r.Bytes(2))})
			return nil
		}); err != nil {
		return err
	}
	// A DELETE tells its rows in the order in which it met them.
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.number, b.number) })
	w.groups = int64(len(groups))
	var list []redone
	for _, g := range groups {
		begins := len(list)
		var err error
		if list, err = appendRedone(list, g.body); err != nil {
			return err
		}
		if h != nil {
			h.add(g.number, g.before, list[begins:])
		}
	}
	return w.applyRedo(list)
}
