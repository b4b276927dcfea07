// Package postgres keeps state in a PostgreSQL database: any number of verifiers,
// on any number of machines, share what was seen and spent.
//
//	store, err := postgres.Open(ctx, "postgres://shop@db.internal/shop", postgres.Options{})
//	…
//	defer store.Close()
//	v, err := verify.New(verify.Config{Ledger: store.Ledger(), …})
//
// An act is one row of the table redo when it is answered, and is written into the other tables behind
// that: who looks at these in SQL sees what was drained so far, and all of it after [store.Store.Check],
// or any other reading through this package.
//
// A role that may create tables in the first schema of its search_path makes them, once,
// and changes them when a new version does. For any other role USAGE of the schema, and
// SELECT, INSERT, UPDATE and DELETE on its tables are enough. Behind pgbouncer in transaction
// mode say default_query_exec_mode=exec in the connection string.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
)

// Options configure [Open]. The zero value is good.
type Options struct {
	store.Options

	// Readers is how many connections may read at a time, beside the one that
	// writes and the one that drains. Zero: 4.
	Readers int

	// InsecureNoSync opens a database whose fsync, full_page_writes or
	// synchronous_commit is off: what was acknowledged, and with it what was spent, may
	// be lost. For tests and measurements. False: every answer is on the server's disk
	// before it is given.
	InsecureNoSync bool
}

// Store is an open database. Its methods are those of [store.Store]. It is safe for
// concurrent use.
type Store struct{ store.Store }

// Open opens the database of a connection string, in the form of libpq, and makes the
// tables where there are none. It fails if the server does not keep what it
// acknowledges (fsync, full_page_writes, and a synchronous_commit of on or
// remote_apply are looked at), if its encoding is another one than UTF8 or SQL_ASCII, and
// with [store.ErrNewer] if the database was used by a newer version. The settings are
// looked at again whenever it connects. No error shows the password, or a string that
// cannot be read; in a URL, an @ that is not the one before the host is written %40.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	e, err := engineOf(dsn, o)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.New(ctx, e, o.Options)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &Store{s}, nil
}

// often has rows cleared when one of twenty is dead, where PostgreSQL waits for one of five.
const often = "SET (autovacuum_vacuum_scale_factor = 0.05)"

// external keeps long values as they are, where PostgreSQL compresses them first, and whole keeps rows of up to 8 KB
// in one piece, where it takes those of more than 2 KB apart.
const (
	external = "SET STORAGE EXTERNAL"
	whole    = "SET (toast_tuple_target = 8160)"
)

// engineOf is what PostgreSQL says otherwise than others.
func engineOf(dsn string, o Options) (*sqlstore.Engine, error) {
	config, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	return &sqlstore.Engine{
		Name: "postgres", Bytes: "BYTEA", Numbered: true, Arrays: true, Vacuumed: often, Lock: " FOR UPDATE",
		Readers: o.Readers,
		Connect: func(ctx context.Context, write bool) (sqlstore.Conn, error) {
			c, err := o.connect(ctx, config.Copy(), write)
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		Redo: true, Again: again, Sure: sure, Uncompressed: external, Whole: whole,
		Made: "SELECT COUNT(*) FROM information_schema.tables " +
			"WHERE table_schema = current_schema() AND table_name = 'versions'",
		Clock: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000000 AS BIGINT)",
	}, nil
}
