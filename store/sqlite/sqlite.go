// Package sqlite keeps state in one file: what a verifier has seen and what was
// spent survives the process. Several processes on one machine may share the file;
// for more machines there is PostgreSQL.
//
//	store, err := sqlite.Open(ctx, "/var/lib/shop/ledger.db", sqlite.Options{})
//	…
//	defer store.Close()
//	v, err := verify.New(verify.Config{Ledger: store.Ledger(), …})
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	engine "modernc.org/sqlite/lib"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/sqlstore"
	"github.com/safeconduct/safeconduct/store"
)

// Options configure [Open]. The zero value is good.
type Options struct {
	store.Options

	// InsecureNoSync acknowledges what is not on the disk yet: after a power failure it
	// may be lost, and with it what was spent. For tests and measurements. False:
	// every answer is on the disk before it is given.
	InsecureNoSync bool
}

// Store is an open file. Its methods are Backup, Scrub and those of [store.Store]. It is safe for
// concurrent use.
type Store struct {
	store.Store
	path    string
	options Options
}

// Memory is the path of a store that lives in memory, for tests.
const Memory = ":memory:"

// Open opens the file of that path, and makes it where there is none, for its owner
// alone. It fails for what is not a regular file; for a file, a folder around it, or a
// file of SQLite's beside it that others may write or that is another user's; for one
// that another program has made; with [store.ErrNewer] for one of a newer version, and
// with [store.ErrDamaged] for one that is damaged; nothing is repaired. The folder must be on
// a local disk: locks do not work on network file systems.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if err := callctx.Err(ctx); err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", path, err)
	}
	if path != Memory {
		if err := own(path); err != nil {
			return nil, fmt.Errorf("sqlite: %s: %w", path, err)
		}
		if err := look(ctx, path, o); err != nil {
			return nil, fmt.Errorf("sqlite: %s: %w", path, err)
		}
	}
	s, err := sqlstore.New(ctx, engineOf(path, o), o.Options)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", path, err)
	}
	return &Store{s, path, o}, nil
}

// Check implements [store.Store]. It also has the engine hold every index against its
// table, which takes as long again.
func (s *Store) Check(ctx context.Context) error {
	if s.path == Memory {
		return s.Store.Check(ctx)
	}
	return errors.Join(s.Store.Check(ctx), with(s.path, func(c *conn) error {
		sound, err := c.one(ctx, "PRAGMA integrity_check(1)")
		if err == nil && sound != "ok" {
			err = fmt.Errorf("%w: %s", store.ErrDamaged, sound)
		}
		return err
	}, "query_only(1)", "busy_timeout(10000)"))
}

// own makes sure that there is a file, and whose it is.
func own(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := private(path); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return own(path) // another process was faster
		}
		if err != nil {
			return err
		}
		return f.Close()
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is a %s, want a regular file", info.Mode().Type())
	}
	return private(path)
}

// application marks the file as ours: "scon".
const application = "1935896430"

// look looks at the file before anything is changed in it, and whether the engine
// does what durability needs.
func look(ctx context.Context, path string, o Options) error {
	ours := false
	if err := with(path, func(c *conn) error {
		// In this order: another process that makes the file marks it before it makes tables.
		tables, err := c.one(ctx, "SELECT COUNT(*) FROM sqlite_schema")
		if err != nil {
			return err
		}
		id, err := c.one(ctx, "PRAGMA application_id")
		if ours = id == application; err != nil || ours || tables == "0" {
			return err
		}
		return errors.New("it is a database of another program")
	}, "query_only(1)", "busy_timeout(10000)"); err != nil {
		return err
	}
	c, err := connect(path, o, true)
	if err != nil {
		return damaged(err)
	}
	return errors.Join(damaged(checked(ctx, c, ours, o)), c.Close())
}

// with opens the file with these pragmas alone.
func with(path string, do func(c *conn) error, pragmas ...string) error {
	c, err := dial(path, pragmas...)
	if err != nil {
		return damaged(err)
	}
	return errors.Join(damaged(do(c)), c.Close())
}

// checked reads back what was asked for, and checks the file.
func checked(ctx context.Context, c *conn, ours bool, o Options) error {
	want := map[string]string{"synchronous": "2", "journal_mode": "wal"}
	if o.InsecureNoSync {
		want["synchronous"] = "0"
	}
	for name, value := range want {
		got, err := c.one(ctx, "PRAGMA "+name)
		if err != nil {
			return err
		}
		if !strings.EqualFold(got, value) {
			return fmt.Errorf("PRAGMA %s is %s, want %s: the engine or the file system does not do what durability needs",
				name, got, value)
		}
	}
	if !ours {
		if err := c.exec(ctx, "PRAGMA application_id = "+application); err != nil {
			return err
		}
	}
	sound, err := c.one(ctx, "PRAGMA quick_check(1)")
	if err == nil && sound != "ok" {
		err = fmt.Errorf("%w: %s", store.ErrDamaged, sound)
	}
	return err
}

// damaged tells an error that says so from others, such as that there is no room.
func damaged(err error) error {
	if c := code(err); c == engine.SQLITE_CORRUPT || c == engine.SQLITE_NOTADB {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return err
}
