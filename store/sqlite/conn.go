package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite"
	engine "modernc.org/sqlite/lib"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// conn is a connection, without database/sql in between: the store has one writer,
// and statements stay prepared. Contexts are looked at between statements only.
type conn struct {
	driver.Conn
	statements map[string]driver.Stmt
	open       bool // a transaction is
}

// connect opens a connection that asks for durability.
func connect(path string, o Options, write bool) (*conn, error) {
	pragmas := []string{"busy_timeout(10000)", "trusted_schema(0)", "cell_size_check(1)"}
	if path != Memory {
		pragmas = append(pragmas, "journal_mode(WAL)")
	}
	pragmas = append(pragmas, "synchronous("+synchronous(o)+")", "fullfsync(1)", "checkpoint_fullfsync(1)",
		"wal_autocheckpoint(4000)", "cache_size(-16384)")
	if !write {
		pragmas = append(pragmas, "query_only(1)")
	}
	// The first to open a file makes it one with a log beside it. Others are told that it is
	// busy meanwhile, at once: busy_timeout is not for that.
	for n := 0; ; n++ {
		c, err := dial(path, pragmas...)
		if code(err) != engine.SQLITE_BUSY || n == attempts {
			return c, err
		}
		time.Sleep(between)
	}
}

// attempts to open a file that others open take five seconds at most.
const (
	attempts = 200
	between  = 25 * time.Millisecond
)

func dial(path string, pragmas ...string) (*conn, error) {
	name := path
	if path != Memory {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		name = "file:" + (&url.URL{Path: filepath.ToSlash(full)}).EscapedPath()
	}
	c, err := (&sqlite3.Driver{}).Open(name + "?" + url.Values{"_pragma": pragmas}.Encode())
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, statements: map[string]driver.Stmt{}}, nil
}

func synchronous(o Options) string {
	if o.InsecureNoSync {
		return "OFF"
	}
	return "FULL"
}

func (c *conn) statement(query string) (driver.Stmt, error) {
	s := c.statements[query]
	if s == nil {
		var err error
		if s, err = c.Prepare(query); err != nil {
			return nil, err
		}
		c.statements[query] = s
	}
	return s, nil
}

// values are arguments as the driver wants them.
func values(args []any) []driver.Value {
	list := make([]driver.Value, len(args))
	for i, a := range args {
		if n, ok := a.(int); ok {
			a = int64(n)
		}
		list[i] = a
	}
	return list
}

// Send puts nothing off.
func (c *conn) Send(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	if row == nil {
		return c.exec(ctx, query, args...)
	}
	return c.query(ctx, query, args, row)
}

// Flush has nothing to do.
func (c *conn) Flush(context.Context) error { return nil }

func (c *conn) exec(ctx context.Context, query string, args ...any) error {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	s, err := c.statement(query)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 the other form has a goroutine for each statement
	_, err = s.Exec(values(args))
	return err
}

func (c *conn) query(ctx context.Context, query string, args []any, row func(sqlstore.Row) error) (err error) {
	if err := callctx.Err(ctx); err != nil {
		return err
	}
	s, err := c.statement(query)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 as above
	rows, err := s.Query(values(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	read := make([]driver.Value, len(rows.Columns()))
	given := make(sqlstore.Row, len(read))
	for {
		switch err := rows.Next(read); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		for i, v := range read {
			given[i] = v
		}
		if err := row(given); err != nil {
			return err
		}
	}
}

func (c *conn) Begin(ctx context.Context, write bool) error {
	query := "BEGIN"
	if write {
		query = "BEGIN IMMEDIATE"
	}
	err := c.exec(ctx, query)
	c.open = err == nil
	return err
}

// Alone has nothing to do: each statement is a transaction then.
func (c *conn) Alone(context.Context) error { return nil }

func (c *conn) Commit(context.Context) error {
	err := c.exec(context.Background(), "COMMIT")
	c.open = err != nil
	return err
}

// Rollback ends the transaction, if SQLite did not do so itself.
func (c *conn) Rollback() error {
	if c.open {
		_ = c.exec(context.Background(), "ROLLBACK")
	}
	c.open = false
	return nil
}

func (c *conn) Close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}

// one reads one value.
func (c *conn) one(ctx context.Context, query string) (value string, err error) {
	err = c.query(ctx, query, nil, func(r sqlstore.Row) error {
		value = fmt.Sprint(r[0])
		return nil
	})
	return value, err
}

// code is SQLite's primary result code.
func code(err error) int {
	var e *sqlite3.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// engineOf is what SQLite says otherwise than others.
func engineOf(path string, o Options) *sqlstore.Engine {
	e := &sqlstore.Engine{
		Name: "sqlite", Bytes: "BLOB", Clustered: "WITHOUT ROWID", Disk: true, Readers: readers,
		Version: "PRAGMA data_version",
		Connect: func(_ context.Context, write bool) (sqlstore.Conn, error) { return connect(path, o, write) },
		Again:   func(err error) bool { return code(err) == engine.SQLITE_BUSY },
		Sure:    func(err error) bool { return code(err) == engine.SQLITE_BUSY || code(err) == engine.SQLITE_FULL },
	}
	if path == Memory {
		e.Readers = 0
	}
	return e
}

// readers is how many may read at a time.
const readers = 4
