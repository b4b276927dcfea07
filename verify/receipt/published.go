package receipt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// Published is a log as anybody can read it who has a copy of its files. It needs no private key, and may be read while
// another process writes it. It ends where its checkpoint does; what came later is not published yet. It is immutable
// and safe for concurrent use.
type Published struct {
	files fs.FS
	head  *Checkpoint
}

// OpenPublished opens a published log, whose checkpoint must be signed by the key; see [OpenCheckpoint].
func OpenPublished(files fs.FS, key string) (*Published, error) {
	text, err := fs.ReadFile(files, checkpointFile)
	if err != nil {
		return nil, damage("the checkpoint: %w", err)
	}
	head, err := OpenCheckpoint(text, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &Published{files, head}, nil
}

// Checkpoint returns what the log says of itself.
func (p *Published) Checkpoint() *Checkpoint { return p.head }

// Find returns the place of a receipt by its id, ErrNotFound if the log has none. It reads the log from its end until
// it finds it.
func (p *Published) Find(ctx context.Context, id string) (int64, error) {
	key, ok := cutID(id)
	if !ok {
		return -1, fault("%.80q is not the id of a receipt: want %s and a ULID", id, idPrefix)
	}
	for n := (p.head.Size - 1) / tileWidth; n >= 0 && p.head.Size > 0; n-- {
		if err := callctx.Err(ctx); err != nil {
			return -1, err
		}
		entries, err := p.entries(n)
		if err != nil {
			return -1, err
		}
		for i := len(entries) - 1; i >= 0; i-- {
			// Only what names it is parsed.
			if strings.Contains(string(entries[i]), key) && idOf(entries[i]) == key {
				return n*tileWidth + int64(i), nil
			}
		}
	}
	return -1, fmt.Errorf("%w: %s", ErrNotFound, id)
}

// Prove returns the receipt at a place, and a proof that it is in the log of the checkpoint. ErrNotFound if the log has
// none at that place. What does not fit the checkpoint is ErrDamaged, and never a wrong proof.
func (p *Published) Prove(_ context.Context, index int64) (*Receipt, *Proof, error) {
	if index < 0 || index >= p.head.Size {
		return nil, nil, fmt.Errorf("%w: the log has %d receipts, none at %d", ErrNotFound, p.head.Size, index)
	}
	entries, err := p.entries(index / tileWidth)
	if err != nil {
		return nil, nil, err
	}
	entry := entries[index%tileWidth]
	r, err := Parse(entry)
	if err != nil {
		return nil, nil, damage("entry %d: %w", index, err)
	}
	tree := tlog.Tree{N: p.head.Size, Hash: p.head.Root}
	hashes, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, tileFiles{p.files}))
	if err != nil {
		return nil, nil, damage("proving entry %d: %w", index, err)
	}
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return nil, nil, damage("entry %d is not the one that the tree has: %w", index, err)
	}
	return r, &Proof{Index: index, Hashes: hashes, Checkpoint: p.head.Text}, nil
}

// Extends proves that the log begins with everything that it had at an earlier checkpoint, which must have been opened
// by [OpenCheckpoint]. It needs no proof of the log's keeper: the copy has it. Errors are ErrInvalid if the log was
// rewritten, and ErrDamaged if the copy does not fit its checkpoint.
func (p *Published) Extends(old *Checkpoint) error {
	if old == nil || old.Text == "" || old.Size < 1 || old.Size >= p.head.Size {
		return VerifyConsistency(old, p.head, nil)
	}
	tree := tlog.Tree{N: p.head.Size, Hash: p.head.Root}
	hashes, err := tlog.ProveTree(tree.N, old.Size, tlog.TileHashReader(tree, tileFiles{p.files}))
	if err != nil {
		return damage("proving consistency: %w", err)
	}
	return VerifyConsistency(old, p.head, consistencyText(hashes))
}

// entries are those of the bundle n.
func (p *Published) entries(n int64) ([][]byte, error) {
	width := widthIn(p.head.Size, 0, n)
	data, has, err := tileFiles{p.files}.read(-1, n, width)
	if err != nil {
		return nil, damage("entries from %d: %w", n*tileWidth, err)
	}
	entries, err := splitBundle(data, has)
	if err != nil {
		return nil, damage("entries from %d: %w", n*tileWidth, err)
	}
	return entries[:width], nil
}

// tileFiles reads tiles from published files. That they fit the tree is checked by who reads them.
type tileFiles struct{ fs.FS }

func (t tileFiles) Height() int { return tileHeight }

func (t tileFiles) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, tile := range tiles {
		data, has, err := t.read(tile.L, tile.N, tile.W)
		if err == nil && len(data) != has*tlog.HashSize {
			err = damage("tile %d of level %d has %d bytes", tile.N, tile.L, len(data))
		}
		if err != nil {
			return nil, err
		}
		out = append(out, data[:tile.W*tlog.HashSize])
	}
	return out, nil
}

// read reads a tile that has at least that width. When it is full, the part of it that a reader knows of may be gone.
func (t tileFiles) read(level int, n int64, width int) (data []byte, has int, err error) {
	data, err = fs.ReadFile(t, tilePath(level, n, width))
	if errors.Is(err, fs.ErrNotExist) && width < tileWidth {
		width = tileWidth
		data, err = fs.ReadFile(t, tilePath(level, n, width))
	}
	return data, width, err
}

func (t tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}
