package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// Backup writes a copy of the store as it is at one moment to a new file, while the
// store is in use. When it returns the copy is on the disk. A copy that is opened
// later does not know what happened since: see AfterRestore in store.Options.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if s.path == Memory {
		return errors.New("sqlite: a store in memory has no backup")
	}
	if err := callctx.Err(ctx); err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	// SQLite would write over an empty file; a copy is never written over.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	c, err := connect(s.path, s.options, false)
	if err != nil {
		return fmt.Errorf("sqlite: backup: %w", errors.Join(err, os.Remove(path)))
	}
	defer func() {
		if err = errors.Join(err, c.Close()); err != nil {
			err = fmt.Errorf("sqlite: backup: %w", err)
		}
	}()
	if err := s.vacuum(ctx, c, path); err != nil {
		return errors.Join(err, os.Remove(path)) // half a copy is none
	}
	for _, name := range []string{path, filepath.Dir(path)} {
		if err := synced(name); err != nil {
			return err
		}
	}
	return nil
}

// vacuum writes the copy, for its owner alone.
func (s *Store) vacuum(ctx context.Context, c *conn, path string) error {
	if err := c.exec(ctx, "PRAGMA query_only(0)"); err != nil { // the copy is written
		return err
	}
	return c.query(ctx, "VACUUM INTO ?", []any{path}, func(sqlstore.Row) error { return nil })
}

func synced(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
