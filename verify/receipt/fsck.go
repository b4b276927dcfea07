package receipt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// BrokenLeaf says which entry of a log is the first that does not fit. It is
// ErrDamaged.
type BrokenLeaf struct {
	Index int64
	Err   error
}

// Error names the entry.
func (e *BrokenLeaf) Error() string { return fmt.Sprintf("receipt: entry %d: %v", e.Index, e.Err) }

// Unwrap makes it ErrDamaged.
func (e *BrokenLeaf) Unwrap() []error { return []error{ErrDamaged, e.Err} }

// Fsck reads all of a published log, as anybody can who has a copy of its
// files, and checks every entry and every tile against its checkpoint. check
// judges each receipt, for example with [Receipt.Check]; nil judges none. It returns the
// checkpoint, or ErrDamaged; a *BrokenLeaf names the first entry that does not
// fit.
//
// Only the files of C2SP tlog-tiles are read, not the journal: see Publish.
func Fsck(ctx context.Context, log fs.FS, key string, check func(*Receipt) error) (*Checkpoint, error) {
	if ctx == nil {
		return nil, callctx.ErrNil
	}
	p, err := OpenPublished(log, key)
	if err != nil {
		return nil, err
	}
	c := p.head
	var e edge
	for n := int64(0); n*tileWidth < c.Size; n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		width := widthIn(c.Size, 0, n)
		if err := checkBundle(log, &e, n, width, check); err != nil {
			return nil, err
		}
	}
	if err := checkUpperTiles(log, &e, c.Size); err != nil {
		return nil, err
	}
	if root := e.root(); root != c.Root {
		return nil, damage("the entries have the root %s, the checkpoint %s", root, tlog.Hash(c.Root))
	}
	return c, nil
}

// checkBundle checks one bundle of entries against its tile, and adds it to
// the tree.
func checkBundle(log fs.FS, e *edge, n int64, width int, check func(*Receipt) error) error {
	data, err := fs.ReadFile(log, tilePath(-1, n, width))
	if err != nil {
		return &BrokenLeaf{n * tileWidth, err}
	}
	entries, err := splitBundle(data, width)
	if err != nil {
		return &BrokenLeaf{n * tileWidth, err}
	}
	tile, err := fs.ReadFile(log, tilePath(0, n, width))
	if err != nil {
		return &BrokenLeaf{n * tileWidth, err}
	}
	hashes, err := splitHashes(tile, width)
	if err != nil {
		return &BrokenLeaf{n * tileWidth, err}
	}
	for i, whole := range [][]byte{data, tile} {
		if err := checkSmaller(log, i-1, n, width, whole); err != nil {
			return &BrokenLeaf{n * tileWidth, err}
		}
	}
	for i, entry := range entries {
		index := n*tileWidth + int64(i)
		if tlog.RecordHash(entry) != hashes[i] {
			return &BrokenLeaf{index, errors.New("the entry is not the one that the tile has")}
		}
		r, err := Parse(entry)
		if err == nil && check != nil {
			err = check(r)
		}
		if err != nil {
			return &BrokenLeaf{index, err}
		}
		e.add(hashes[i])
	}
	return nil
}

// checkUpperTiles compares the tiles above the leaves with what the leaves
// give.
func checkUpperTiles(log fs.FS, e *edge, size int64) error {
	for level := 1; size>>(tileHeight*level) > 0; level++ {
		for n := int64(0); n*tileWidth < size>>(tileHeight*level); n++ {
			width := widthIn(size, level, n)
			data, err := fs.ReadFile(log, tilePath(level, n, width))
			if err != nil {
				return damage("tile %d of level %d: %w", n, level, err)
			}
			if string(data) != string(joinHashes(e.tile(level, n, width))) {
				return damage("tile %d of level %d does not fit those below it", n, level)
			}
			if err := checkSmaller(log, level, n, width, data); err != nil {
				return damage("%w", err)
			}
		}
	}
	return nil
}

// checkSmaller compares what the log has had in place of a tile or bundle when it was
// smaller, for readers with a checkpoint of then: each has the beginning of it. Who hands out
// files without a list of them has none of these.
func checkSmaller(log fs.FS, level int, n int64, width int, whole []byte) error {
	list, err := fs.ReadDir(log, partialFolder(level, n))
	if err != nil {
		return nil
	}
	for _, f := range list {
		has, err := strconv.Atoi(f.Name())
		if err != nil || has >= width {
			continue // it is this one, or is ahead of the checkpoint
		}
		name := tilePath(level, n, has)
		data, err := fs.ReadFile(log, name)
		if err != nil {
			return err
		}
		if level < 0 {
			_, err = splitBundle(data, has)
		} else {
			_, err = splitHashes(data, has)
		}
		if err == nil && !bytes.HasPrefix(whole, data) {
			err = errors.New("it does not begin what the log has now")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
