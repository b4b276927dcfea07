package receipt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
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
	first := n * tileWidth
	data, has, err := tileFiles{log}.read(-1, n, width)
	if err != nil {
		return &BrokenLeaf{first, err}
	}
	tile, tileHas, err := tileFiles{log}.read(0, n, width)
	if err != nil {
		return &BrokenLeaf{first, err}
	}
	entries, short := splitBegin(data, has)
	hashes, few := splitHashes(tile, tileHas)
	if few != nil {
		hashes, _ = splitHashes(tile[:len(tile)/tlog.HashSize*tlog.HashSize], len(tile)/tlog.HashSize)
	}
	broken := brokenEntry(entries, hashes, width, check)
	if broken.Err == nil {
		// Whatever is behind the last one does not belong to it.
		broken = BrokenLeaf{int64(width) - 1, cmp.Or(short, few)}
	} else if int(broken.Index) == min(len(entries), len(hashes)) {
		broken.Err = cmp.Or(short, few)
	}
	for i, whole := range [][]byte{data, tile} {
		at, err := checkSmaller(log, i-1, n, width, whole)
		if err != nil && (broken.Err == nil || int64(at) < broken.Index) {
			broken = BrokenLeaf{int64(at), err}
		}
	}
	if broken.Err != nil {
		broken.Index += first
		return &broken
	}
	for _, h := range hashes[:width] {
		e.add(h)
	}
	return nil
}

var errNotThere = errors.New("the entry or its hash is not there")

// brokenEntry returns the first entry of a bundle that does not fit, counted from its
// beginning; without an error if there is none.
func brokenEntry(entries [][]byte, hashes []tlog.Hash, width int, check func(*Receipt) error) BrokenLeaf {
	for i := range width {
		if i >= len(entries) || i >= len(hashes) {
			return BrokenLeaf{int64(i), errNotThere}
		}
		if tlog.RecordHash(entries[i]) != hashes[i] {
			return BrokenLeaf{int64(i), errors.New("the entry is not the one that the tile has")}
		}
		r, err := Parse(entries[i])
		if err == nil && check != nil {
			err = check(r)
		}
		if err != nil {
			return BrokenLeaf{int64(i), err}
		}
	}
	return BrokenLeaf{}
}

// checkUpperTiles compares the tiles above the leaves with what the leaves
// give.
func checkUpperTiles(log fs.FS, e *edge, size int64) error {
	for level := 1; size>>(tileHeight*level) > 0; level++ {
		for n := int64(0); n*tileWidth < size>>(tileHeight*level); n++ {
			width := widthIn(size, level, n)
			data, has, err := tileFiles{log}.read(level, n, width)
			if err != nil {
				return damage("tile %d of level %d: %w", n, level, err)
			}
			own := joinHashes(e.tile(level, n, width))
			if len(data) != has*tlog.HashSize || !bytes.HasPrefix(data, own) {
				return damage("tile %d of level %d does not fit those below it", n, level)
			}
			if _, err := checkSmaller(log, level, n, width, data); err != nil {
				return damage("%w", err)
			}
		}
	}
	return nil
}

// checkSmaller compares what the log has had in place of a tile or bundle when it was
// smaller, for readers with a checkpoint of then: each has the beginning of it. Who hands out
// files without a list of them has none of these. at is the first of its hashes or entries
// that does not fit.
func checkSmaller(log fs.FS, level int, n int64, width int, whole []byte) (at int, err error) {
	list, _ := fs.ReadDir(log, partialFolder(level, n))
	for _, f := range list {
		has, notOne := strconv.Atoi(f.Name())
		if notOne != nil || has < 1 || has >= width {
			continue // it is this one, or is ahead of the checkpoint
		}
		name := tilePath(level, n, has)
		data, bad := fs.ReadFile(log, name)
		same := 0 // that many are as they are now
		if bad == nil {
			same, bad = sameBegin(level, has, data, whole)
		}
		if same = min(same, has-1); bad != nil && (err == nil || same < at) {
			at, err = same, fmt.Errorf("%s: %w", name, bad)
		}
	}
	return at, err
}

// sameBegin returns how many hashes or entries of a smaller tile or bundle begin a
// larger one, and why it is not all of them.
func sameBegin(level, has int, data, whole []byte) (same int, err error) {
	if level < 0 {
		_, err = splitBundle(data, has)
	} else {
		_, err = splitHashes(data, has)
	}
	for rest := data; ; same++ {
		size := tlog.HashSize
		if level < 0 && len(rest) > 1 {
			size = 2 + int(binary.BigEndian.Uint16(rest))
		}
		if len(rest) < size || len(whole) < size || !bytes.Equal(rest[:size], whole[:size]) {
			if err == nil && len(rest) > 0 {
				err = errors.New("it does not begin what the log has now")
			}
			return same, err
		}
		rest, whole = rest[size:], whole[size:]
	}
}
