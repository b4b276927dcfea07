package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Engine is what one database says otherwise than the others. Everything else is
// the same SQL for all of them.
type Engine struct {
	Name string

	// Bytes is the type of a string of bytes; Clustered follows a table that is
	// kept in the order of its primary key, "" if the engine has no word for it.
	Bytes, Clustered string

	// Uncompressed follows ALTER TABLE … ALTER COLUMN of a column whose values are not worth compressing, Whole ALTER
	// TABLE of a table whose rows are not to be taken apart as long as they fit into a page; "" if the engine has no
	// word for that.
	Uncompressed, Whole string

	// Redo says that acts are judged by what the writer knows, and written into the tables behind their answers. For
	// engines that wait for a server with each statement.
	Redo bool

	// Drain is after how many calls of groups what they have changed is written into the tables. Who is behind by four
	// times as much waits for it, and who is by 16 times writes it in a transaction.
	// Zero: 256.
	Drain int

	// Vacuumed follows ALTER TABLE of a table whose old rows the engine is to clear away
	// sooner than it usually does; "" if it has no word for that. A server that does not
	// know the word is left as it is.
	Vacuumed string

	// Made is a query for how many tables there are of the name versions where the store
	// makes its own; "" if it costs nothing to ask for a table that is there already. A
	// server wants the right to make tables even then.
	Made string

	// Numbered writes parameters as $1, $2 instead of ?.
	Numbered bool

	// Arrays says that a parameter may be an array, so that one statement of few
	// parameters takes any number of rows.
	Arrays bool

	// Lock follows a SELECT of rows that will be written, such as " FOR UPDATE".
	Lock string

	// Disk says that the database is a file of this process: after a COMMIT that
	// failed nobody knows what is on the disk, and the store writes no more. Else
	// what was not answered is done again, on another connection.
	Disk bool

	// Readers is how many connections may read at a time. Zero: readings wait for
	// the writer.
	Readers int

	// Patience is how long a call waits for the database at most, whatever its
	// context says.
	// Zero: 30 seconds.
	Patience time.Duration

	// Connect opens a connection.
	Connect func(ctx context.Context, write bool) (Conn, error)

	// Again reports whether an error says that the transaction took nothing and may
	// be tried again: the database was locked, or two transactions met.
	Again func(error) bool

	// Sure reports whether an error of a COMMIT says that nothing was committed.
	Sure func(error) bool

	// Version is a query for a number that changes when another connection has committed; ""
	// if there is none, and so every transaction reads what it needs.
	Version string

	// Clock is a query for the server's clock, in nanoseconds since 1970; "" if
	// there is no server.
	Clock string
}

const patience = 30 * time.Second

const drainAt = 256

func (e *Engine) drainAt() int {
	if e.Drain <= 0 {
		return drainAt
	}
	return e.Drain
}

// patience bounds a piece of work. What ends by it is not the caller's doing, and is told
// as a store that did not answer.
func (e *Engine) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, e.most())
}

func (e *Engine) most() time.Duration {
	if e.Patience <= 0 {
		return patience
	}
	return e.Patience
}

// Conn is a connection with at most one transaction. One goroutine makes use of
// it at a time.
type Conn interface {
	// Begin begins a transaction: one that takes locks to write, or one that
	// reads one state of the database.
	Begin(ctx context.Context, write bool) error
	// Alone begins statements without a transaction: what a Flush sends is committed by it.
	Alone(ctx context.Context) error
	// Send executes a statement, and calls row, which may be nil, for each of its rows.
	// A row is the callee's until it returns, and row makes no use of the connection. An
	// engine may put it off until the next Flush or Commit, which then has its error.
	Send(ctx context.Context, query string, args []any, row func(Row) error) error
	// Flush does what was put off.
	Flush(ctx context.Context) error
	Commit(ctx context.Context) error
	// Rollback ends the transaction. After an error the connection is of no use.
	Rollback() error
	Close() error
}

// Row is a row that was read.
type Row []any

// Int returns a column that is a number; NULL is 0.
func (r Row) Int(i int) int64 {
	switch v := r[i].(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case int:
		return int64(v)
	}
	return 0
}

// Bool returns a column that is a number as a bool.
func (r Row) Bool(i int) bool { return r.Int(i) != 0 }

// Text returns a column that is a text.
func (r Row) Text(i int) string {
	s, _ := r[i].(string)
	return untext(s)
}

// Bytes returns a column of bytes; NULL is nil.
func (r Row) Bytes(i int) []byte {
	b, _ := r[i].([]byte)
	return b
}

func (r Row) instant(i int) instant { return instant(r.Int(i)) }
func (r Row) digest(i int) (d digest) {
	copy(d[:], r.Bytes(i))
	return d
}

// schema puts the words of the engine into statements of the schema.
func (e *Engine) schema(text string) string {
	words := []string{" BYTES", " " + e.Bytes, ") CLUSTERED", ") " + e.Clustered}
	for word, is := range e.tunings() {
		words = append(words, word, " "+is)
	}
	return strings.NewReplacer(words...).Replace(text)
}

// tunings are the words at the end of statements that everything works without.
func (e *Engine) tunings() map[string]string {
	return map[string]string{" VACUUMED": e.Vacuumed, " UNCOMPRESSED": e.Uncompressed, " WHOLE": e.Whole}
}

// tuning reports whether a statement of the schema is one of these, and whether the engine has a word for it.
func (e *Engine) tuning(statement string) (is, has bool) {
	for word, says := range e.tunings() {
		if strings.HasSuffix(statement, word) {
			return true, says != ""
		}
	}
	return false, false
}

// query writes a query as the engine wants it.
func (e *Engine) query(text string) string {
	text = strings.ReplaceAll(text, "/*lock*/", e.Lock)
	if !e.Numbered {
		return text
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, more := strings.Cut(text, "?")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}

// tx is a transaction.
type tx struct {
	Conn
	ctx     context.Context
	engine  *Engine
	queries map[string]string // as the engine wants them
	reading bool              // it takes no locks
	sent    *atomic.Int64     // counts statements
	asked   bool              // rows were asked for that may not have come yet
	keys    bool              // it looks for keys only: what is in the tables may be old
	locked  bool              // it is a transaction that has the lock of the number
}

// alone begins statements that are a transaction for each flush, where there is none yet.
func (t *tx) alone() error {
	if t.locked {
		return nil
	}
	return t.Alone(t.ctx)
}

func (t *tx) text(query string) string {
	text, ok := t.queries[query]
	if !ok {
		if text = query; t.reading {
			text = strings.ReplaceAll(text, "/*lock*/", "")
		}
		text = t.engine.query(text)
		t.queries[query] = text
	}
	return text
}

func (t *tx) exec(query string, args ...any) error { return t.ask(query, args, nil) }

// ask calls row for each row of a query, at the latest when the next one is answered.
func (t *tx) ask(query string, args []any, row func(Row) error) error {
	if t.keys {
		return errTables
	}
	return t.look(query, args, row)
}

// look is ask for what a group may ask, too: it does not matter whether rows that groups have changed are in the
// tables.
func (t *tx) look(query string, args []any, row func(Row) error) error {
	t.sent.Add(1)
	t.asked = t.asked || row != nil
	if err := t.Send(t.ctx, t.text(query), args, row); err != nil {
		return fmt.Errorf("%.60s…: %w", query, err)
	}
	return nil
}

// flush waits for what was sent.
func (t *tx) flush() error {
	t.asked = false
	return t.Flush(t.ctx)
}

// answers waits for rows, if some were asked for. What else was sent goes with what follows.
func (t *tx) answers() error {
	if !t.asked {
		return nil
	}
	return t.flush()
}

// each calls row for each row of a query.
func (t *tx) each(query string, args []any, row func(Row) error) error {
	if err := t.ask(query, args, row); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return fmt.Errorf("%.60s…: %w", query, err)
	}
	return nil
}

// one reads one row; false if there is none.
func (t *tx) one(query string, args []any, row func(Row)) (found bool, err error) {
	err = t.each(query, args, func(r Row) error {
		if !found {
			row(r)
		}
		found = true
		return nil
	})
	return found && err == nil, err
}

// limit ends a query that returns so many rows, always as many. SQLite prepares a
// statement anew each time that a parameter of its limit is bound.
func limit(rows int) string { return " LIMIT " + strconv.Itoa(rows) }

// insertInto is an INSERT of one row.
func insertInto(table string, columns ...string) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (?" +
		strings.Repeat(", ?", len(columns)-1) + ")"
}

// updateOf is an UPDATE of the row of a key, which is the last column.
func updateOf(table string, columns ...string) string {
	last := len(columns) - 1
	return "UPDATE " + table + " SET " + strings.Join(columns[:last], " = ?, ") + " = ? WHERE " + columns[last] + " = ?"
}
