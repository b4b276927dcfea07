package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
)

var (
	// errTables says that a call cannot be judged by what is known and by keys: what it needs is in the tables.
	errTables = errors.New("sqlstore: the tables are needed")
	// errMoved says that somebody else has written, or that a key that was taken for a new one is not.
	errMoved = errors.New("sqlstore: what was known is not true any more")
)

// guesses is how often a group is judged without the lock of the number. If others were faster each time, the lock
// is taken first.
const guesses = 2

// group does calls in one group, and returns those that need a transaction, which are not answered.
func (s *Store) group(batch []*job) (rest []*job) {
	s.hearDrainer(false)
	batch, s.own = append(s.own, batch...), nil // what it has found is true with what is known now
	if s.known.good && s.known.young.calls >= 16*s.engine.drainAt() {
		if t := s.toTidy(); t != nil {
			s.tidied(t, nil) // nor does it look for what has ended
		}
		return batch // the drainer does not get on: a transaction writes it all
	}
	if !slices.ContainsFunc(batch, (*job).inGroup) {
		return batch
	}
	ctx, cancel := s.engine.patience(context.Background())
	defer cancel()
	for n := range guesses + 1 {
		rest, err := s.tryGroup(ctx, batch, n)
		switch {
		case err == nil:
			waits := func(j *job) bool { return slices.Contains(rest, j) }
			s.answerGroup(slices.DeleteFunc(slices.Clone(batch), waits))
			return rest
		case errors.Is(err, errMoved):
			s.stats.overtaken.Add(1)
			continue
		case !errors.Is(err, errTables): // it may have been written
			s.hangUp()
			s.known.forget()
			s.stats.retried.Add(1)
			for _, j := range batch {
				j.doubt = j.doubt || j.sent
			}
		}
		break
	}
	return batch
}

// inGroup reports whether a job may be done in a group.
func (j *job) inGroup() bool { return j.group && !j.doubt }

// tryGroup judges calls, and writes what they change. rest are those that need a transaction, and those that come
// behind one of these and bear on the same.
func (s *Store) tryGroup(ctx context.Context, batch []*job, n int) (rest []*job, err error) {
	if s.conn == nil {
		if s.conn, err = s.engine.Connect(ctx, true); err != nil {
			s.conn = nil
			return nil, err
		}
		s.known.forget()
	}
	t := &tx{
		Conn: s.conn, ctx: ctx, engine: s.engine, queries: s.lookups, reading: true, keys: true,
		sent: &s.stats.statements,
	}
	if n < guesses {
		return s.judge(t, batch, n > 0)
	}
	if err := s.conn.Begin(ctx, true); err != nil {
		return nil, err
	}
	t.locked = true
	rest, err = s.judgeLocked(t, batch)
	if err == nil {
		return rest, s.conn.Commit(ctx)
	}
	if lost := s.conn.Rollback(); lost != nil {
		return nil, errors.Join(lost, s.conn.Close()) // it is of no use
	}
	return nil, err
}

// judgeLocked is judge under the lock of the number.
func (s *Store) judgeLocked(t *tx, batch []*job) (rest []*job, err error) {
	lock := "SELECT number FROM redo_heads WHERE space = ?" + s.engine.Lock
	if err := t.look(lock, []any{s.space}, nil); err != nil {
		return nil, err
	}
	return s.judge(t, batch, true)
}

// judge judges calls by what is known, and writes what they change.
func (s *Store) judge(t *tx, batch []*job, again bool) (rest []*job, err error) {
	k := &s.known
	if token := k.token; again || !k.good {
		if err := s.catchUp(t); err != nil {
			return nil, err
		}
		if again && !t.locked && k.token == token { // nobody has moved it: what was taken for new is not
			return nil, errTables
		}
	}
	w := newWork(s, t)
	w.known, w.cache = k, k.cache
	k.cache = nil // it is good once
	if err := t.alone(); err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(batch), func(j *job) bool { return !j.inGroup() })
	if err := w.prefetch(own); err != nil {
		return nil, err
	}
	for _, j := range batch {
		err := errTables
		if j.inGroup() && !w.allWait {
			err = j.run(w)
		}
		j.sent = false
		switch {
		case errors.Is(err, errTables):
			rest = append(rest, j)
			w.allWait = w.allWait || j.doubt || !j.group && !j.apart
		case err != nil:
			return nil, err
		}
	}
	switch body := newRedo(w, &s.redo); {
	case body != nil:
		for _, j := range own {
			j.sent = !slices.Contains(rest, j)
		}
		if err = w.appendRedo(body); err == nil {
			k.young.calls += len(batch) - len(rest)
		}
	case len(rest) < len(batch) && !t.locked:
		err = w.confirm()
	}
	if errors.Is(err, errMoved) {
		k.cache = w.undone()
	}
	if err != nil {
		return nil, err
	}
	k.cache = w.keep()
	s.records, s.latest = w.records, w.earliest
	return rest, nil
}

// confirm finds out whether what calls were judged by that change nothing is still true.
func (w *work) confirm() error {
	if err := w.alone(); err != nil {
		return err
	}
	still := false
	// What is written waits for a standby, and so does what it confirms.
	if err := w.look("UPDATE redo_heads SET token = token WHERE space = ? AND number = ? AND token = ? RETURNING number",
		[]any{w.s.space, w.known.number, w.known.token}, func(Row) error { still = true; return nil }); err != nil {
		return err
	}
	if err := w.met(w.flush()); err != nil {
		return err
	}
	if !still {
		return errMoved
	}
	return nil
}

// met says of an error of another transaction's doing, which has taken nothing, that somebody else has written.
func (w *work) met(err error) error {
	if err != nil && w.engine.Again(err) && !w.locked {
		return errMoved
	}
	return err
}

// appendRedo writes a group, if the number is the one that is known, what was taken for new is, and
// no clock is far from the server's.
func (w *work) appendRedo(body []byte) error {
	s, k, token := w.s, w.known, rand.Int64()
	if err := w.alone(); err != nil {
		return err
	}
	query := "WITH head AS (UPDATE redo_heads SET number = number + 1, token = ? " +
		"WHERE space = ? AND number = ? AND token = ?"
	args := []any{token, s.space, k.number, k.token}
	for _, a := range []struct {
		table, key string
		keys       [][]byte
	}{
		{"holds", "hold", w.absent.holds}, {"nonces", "nonce", w.absent.nonces},
		{"intents", "intent", w.absent.intents},
	} {
		if len(a.keys) > 0 {
			query += " AND NOT EXISTS (SELECT 1 FROM " + a.table + " WHERE " + a.key +
				" = ANY(" + w.array(column{kind: ofBytes}) + "))"
			args = append(args, a.keys)
		}
	}
	if drift := s.options.MaxClockDrift; drift > 0 && w.earliestAct <= w.latestAct {
		query += " AND (" + w.engine.Clock + ") BETWEEN ? AND ?"
		args = append(args, int64(w.latestAct.Add(-drift)), int64(w.earliestAct.Add(drift)))
	}
	query += " RETURNING number) INSERT INTO redo (space, number, before, body) " +
		"SELECT ?, number, ?, ? FROM head RETURNING number"
	args = append(args, s.space, k.token, body)
	written := false
	if err := w.look(query, args, func(Row) error { written = true; return nil }); err != nil {
		return err
	}
	began, noTime := s.clock()
	if err := w.met(w.flush()); err != nil {
		return err
	}
	if ended, failed := s.clock(); noTime == nil && failed == nil {
		s.stats.committing.Add(int64(ended.Sub(began)))
	}
	s.stats.transactions.Add(1)
	if !written {
		return errMoved
	}
	k.number, k.token = k.number+1, token
	for _, t := range redoTables {
		t.keep(k, w)
	}
	k.young.top = k.number
	return nil
}

// answerGroup answers those who were done, and lets the drainer begin if it is time.
func (s *Store) answerGroup(jobs []*job) {
	s.answer(jobs, nil)
	k := &s.known
	if k.young.calls < s.engine.drainAt() {
		return
	}
	if k.young.calls >= 4*s.engine.drainAt() {
		s.hearDrainer(true)
	}
	if s.drainer.pending == nil {
		s.drain()
	}
}

// drain lets the drainer begin, which has nothing to do.
func (s *Store) drain() {
	k, upTo := &s.known, int64(0)
	if k.good {
		if k.old == nil {
			k.old, k.young = k.young, newImages()
		}
		upTo = k.old.top
	}
	s.drainer.begin(upTo, s.toTidy())
}

// hearDrainer takes note of what the drainer has done.
func (s *Store) hearDrainer(wait bool) {
	a, err := s.drainer.heard(wait)
	if a == nil {
		return
	}
	if err != nil {
		s.stats.retried.Add(1)
	}
	k := &s.known
	if err == nil && k.old != nil {
		k.old, k.left = nil, a.left
	}
	switch {
	case a.tidy == nil:
	case err != nil:
		s.putBack(a.tidy)
	default:
		s.tidied(a.tidy, a.left)
	}
	if k.old != nil { // it goes on until the server answers; what is answered is in the table redo
		s.drain()
	}
	s.tidyNow()
}

// hangUp closes the writer's connection: what was sent may still be on its way.
func (s *Store) hangUp() {
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}
