package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// conn is a connection. What is sent waits until its answer is wanted, and goes to
// the server together: a transaction has few round trips.
type conn struct {
	*pgx.Conn
	waiting  []statement
	settings string // a query that makes the settings of a transaction; "": they are made for good
	alone    bool   // there is no transaction
}

type statement struct {
	query string
	args  []any
	row   func(sqlstore.Row) error
}

const closing = 5 * time.Second

func (o *Options) connect(ctx context.Context, config *pgx.ConnConfig, write bool) (*conn, error) {
	c, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, without(config, err)
	}
	registerArrays(c.TypeMap())
	opened := &conn{Conn: c, settings: "SELECT " + readable}
	err = opened.check(ctx, o, write)
	if err == nil && write {
		err = opened.prepareSettings(ctx, planning)
	}
	if err == nil {
		err = opened.settle(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// readable has strings of bytes come as they are read here, where they come as text: a role may have asked for another
// form, and a group of acts could be written, and not be read again.
const readable = "set_config('bytea_output', 'hex', true)"

// Who does not hear us any more gives back its locks: the server waits longer than we do, and
// not for ever.
const waiting = "SELECT set_config('statement_timeout', '60s', true), " +
	"set_config('idle_in_transaction_session_timeout', '60s', true), set_config('array_nulls', 'on', true), " + readable

// planning are settings of the planner, which not every server knows. A plan is made once, most
// of them while tables are small, and is kept: left alone, a server makes many of them anew each
// time, because the arrays are shorter than it believes, and that was a fifth of its work. So
// every row is found by an index, also where a small table would be read as a whole. What has no
// index is read as a whole still; its price is then a high one, for which nothing is compiled.
var planning = map[string]string{
	"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_bitmapscan": "off", "jit": "off",
}

// prepareSettings writes the query of the settings, with those of a list that the server knows.
func (c *conn) prepareSettings(ctx context.Context, list map[string]string) error {
	rows, err := c.Query(ctx, "SELECT name FROM UNNEST(CAST($1 AS TEXT[])) AS list (name) "+
		"WHERE current_setting(name, true) IS NOT NULL ORDER BY name", slices.Collect(maps.Keys(list)))
	if err != nil {
		return err
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	c.settings = waiting
	for _, name := range known {
		c.settings += ", set_config('" + name + "', '" + list[name] + "', true)"
	}
	return err
}

// settle makes the settings for good where the connection is one to the server itself. Behind a pooler the next
// transaction may be on another connection, and this one somebody else's, so they are made for each: that one does not
// say whom it has at the other end.
func (c *conn) settle(ctx context.Context) error {
	var server uint32
	if err := c.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&server); err != nil || server != c.PgConn().PID() {
		return err
	}
	_, err := c.Exec(ctx, strings.ReplaceAll(c.settings, ", true)", ", false)"))
	c.settings = ""
	return err
}

// check looks at the encoding, and at the settings that durability needs: those of this
// session, on this server, which may be another one than last time.
func (c *conn) check(ctx context.Context, o *Options, write bool) error {
	if !write {
		return nil
	}
	// Others cannot hold every text, and what was acknowledged could not be written into the tables.
	var encoding string
	if err := c.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" && encoding != "SQL_ASCII" {
		return fmt.Errorf("postgres: the encoding of the database is %s, want UTF8: it cannot hold every text", encoding)
	}
	if o.InsecureNoSync {
		return nil
	}
	for name, good := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on remote_apply",
	} {
		var got string
		if err := c.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&got); err != nil {
			return err
		}
		if !strings.Contains(" "+good+" ", " "+got+" ") {
			return fmt.Errorf("postgres: the server's %s is %s, want %s: what is acknowledged would not be durable", name, got,
				strings.ReplaceAll(good, " ", " or "))
		}
	}
	return nil
}

func (c *conn) Begin(ctx context.Context, write bool) error {
	c.waiting, c.alone = nil, false
	mode := "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
	if !write {
		mode = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if err := c.Send(ctx, mode, nil, nil); err != nil || c.settings == "" {
		return err
	}
	return c.Send(ctx, c.settings, nil, nil)
}

// Alone begins statements that the server takes as one transaction for each Flush.
func (c *conn) Alone(context.Context) error {
	c.waiting, c.alone = nil, true
	return nil
}

// Send puts everything off.
func (c *conn) Send(_ context.Context, query string, args []any, row func(sqlstore.Row) error) error {
	c.waiting = append(c.waiting, statement{query, args, row})
	return nil
}

// Flush sends what waits and reads the answers.
func (c *conn) Flush(ctx context.Context) error { return c.send(ctx, nil) }

// send sends what waits. last reads the answer to the last statement.
func (c *conn) send(ctx context.Context, last func(pgx.BatchResults) error) (err error) {
	list := c.waiting
	if c.waiting = nil; len(list) == 0 {
		return nil
	}
	if c.alone && c.settings != "" {
		list = slices.Insert(list, 0, statement{query: c.settings})
	}
	var batch pgx.Batch
	for i := range list {
		batch.Queue(list[i].query, list[i].args...)
	}
	results := c.SendBatch(ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for i := range list {
		switch {
		case i == len(list)-1 && last != nil:
			err = last(results)
		case list[i].row == nil:
			_, err = results.Exec()
		default:
			err = each(results, list[i].row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func each(results pgx.BatchResults, row func(sqlstore.Row) error) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errRolledBack says that the server has answered ROLLBACK to COMMIT.
var errRolledBack = errors.New("postgres: the server rolled back instead of committing")

func (c *conn) Commit(ctx context.Context) error {
	c.waiting = append(c.waiting, statement{query: "COMMIT"})
	return c.send(ctx, func(results pgx.BatchResults) error {
		tag, err := results.Exec()
		if err == nil && tag.String() != "COMMIT" {
			err = errRolledBack
		}
		return err
	})
}

func (c *conn) Rollback() error {
	c.waiting = nil
	if c.IsClosed() {
		return errors.New("postgres: the connection is closed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err := c.Conn.Exec(ctx, "ROLLBACK")
	return err
}

func (c *conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return c.Conn.Close(ctx)
}

// state is the SQLSTATE of an error of the server's, "" if it is another error.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// again reports whether an error says that two transactions met.
func again(err error) bool {
	switch state(err) {
	case "40001", "40P01", // serialization failure, deadlock
		"23505", // a row that both have made
		"55P03": // a lock that somebody else has
		return true
	}
	return false
}

// sure reports whether an error of COMMIT says that nothing was committed: the server
// refused a statement. When it is shut down nobody knows.
func sure(err error) bool {
	if errors.Is(err, errRolledBack) {
		return true
	}
	switch s := state(err); {
	case len(s) != 5:
		return false
	default:
		return strings.Contains("0A 22 23 25 2D 40 42 54 55", s[:2])
	}
}
