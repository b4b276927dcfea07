package receipt

import (
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// view is the log at one instant, for readers that do not wait for writers.
type view struct {
	disk      disk
	edge      edge
	tail      [][]byte
	tailFirst int64
	spans     []span
}

func (l *Log) view() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Lists only grow, so their beginnings can be shared.
	e := edge{size: l.edge.size, levels: slices.Clone(l.edge.levels), full: maps.Clone(l.edge.full)}
	return view{disk: l.disk, edge: e, tail: l.tail, tailFirst: l.edge.size - int64(len(l.tail)), spans: l.spans}
}

func (v *view) tree() tlog.Tree { return tlog.Tree{N: v.edge.size, Hash: v.edge.root()} }

// hashes reads hashes of the tree. What comes from the disk is checked against
// the root, so a damaged tile is an error and never a wrong proof.
func (v *view) hashes() tlog.HashReader { return tlog.TileHashReader(v.tree(), v) }

// Height implements tlog.TileReader.
func (v *view) Height() int { return tileHeight }

// SaveTiles implements tlog.TileReader.
func (v *view) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (v *view) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		if own := v.edge.tile(t.L, t.N, t.W); own != nil {
			out[i] = joinHashes(own)
			continue
		}
		// A tile that is not at the edge is full.
		data, err := v.disk.Read(tilePath(t.L, t.N, tileWidth))
		if err != nil {
			return nil, damage("a tile of the log: %w", err)
		}
		if len(data) != tileWidth*tlog.HashSize {
			return nil, damage("tile %d of level %d has %d bytes", t.N, t.L, len(data))
		}
		out[i] = data[:t.W*tlog.HashSize]
	}
	return out, nil
}

// entries returns the entries of bundle n.
func (v *view) entries(n int64) ([][]byte, error) {
	first := n * tileWidth
	count := widthIn(v.edge.size, 0, n)
	if first >= v.tailFirst {
		return v.tail[first-v.tailFirst:][:count], nil
	}
	data, err := v.disk.Read(tilePath(-1, n, tileWidth))
	if err != nil {
		return nil, damage("a bundle of entries: %w", err)
	}
	entries, err := splitBundle(data, count)
	if err != nil {
		return nil, damage("bundle %d: %w", n, err)
	}
	return entries, nil
}
