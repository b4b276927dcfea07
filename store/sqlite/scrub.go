package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// ErrInUse says that the file could not be written anew, because somebody reads or writes it: ask again.
var ErrInUse = errors.New("sqlite: the file is in use: ask again")

// Scrub writes the file anew, without what was deleted or replaced in it: what an office has erased
// (Owners.Erase of package registry) is then not in its bytes any more, nor in the log beside it. It needs as much room
// on the disk again and keeps writers waiting meanwhile. It fails with [ErrInUse] while others hold on to the file. What
// the disk itself keeps of old blocks, and backups, are not reached.
func (s *Store) Scrub(ctx context.Context) (err error) {
	if s.path == Memory {
		return errors.New("sqlite: a store in memory has no file")
	}
	c, err := connect(s.path, s.options, true)
	if err != nil {
		return fmt.Errorf("sqlite: scrub: %w", err)
	}
	defer func() {
		if err = errors.Join(err, c.Close()); err != nil {
			err = fmt.Errorf("sqlite: scrub: %w", err)
		}
	}()
	if err := c.exec(ctx, "VACUUM"); err != nil {
		return errors.Join(ErrInUse, err)
	}
	busy, err := c.one(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil && busy != "0" {
		err = ErrInUse
	}
	return err
}
