package receipt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8               // as C2SP tlog-tiles fixes it
	tileWidth  = 1 << tileHeight // hashes in a full tile, entries in a full bundle
	maxEntry   = 1<<16 - 1       // bytes; an entry bundle counts them with 16 bits

	checkpointFile = "checkpoint"
	journalFile    = "journal"
	lockFile       = "lock"
)

// tilePath returns where a tile is, by C2SP tlog-tiles: "tile/<L>/<N>[.p/<W>]",
// and "tile/entries/…" for level -1.
func tilePath(level int, n int64, width int) string {
	name := strconv.Itoa(level)
	if level < 0 {
		name = "entries"
	}
	// 1234067 is x001/x234/067.
	groups := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		groups = fmt.Sprintf("x%03d/%s", n%1000, groups)
	}
	path := "tile/" + name + "/" + groups
	if width < tileWidth {
		path += ".p/" + strconv.Itoa(width)
	}
	return path
}

// widthIn returns how many hashes the tile n of a level has in a tree of a
// size: 256, fewer at the right edge, or none.
func widthIn(size int64, level int, n int64) int {
	for range level {
		size >>= tileHeight
	}
	return int(max(0, min(tileWidth, size-n*tileWidth)))
}

// appendEntry adds an entry to a bundle, behind its length.
func appendEntry(bundle, entry []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
}

var errShortBundle = errors.New("the bundle ends inside an entry")

// splitBundle returns the entries of a bundle, which must be exactly count.
func splitBundle(bundle []byte, count int) ([][]byte, error) {
	out, err := splitBegin(bundle, count)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// splitBegin returns the entries at the beginning of a bundle, up to where it is damaged.
func splitBegin(bundle []byte, count int) (out [][]byte, err error) {
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return out, errShortBundle
		}
		n := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+n {
			return out, errShortBundle
		}
		out = append(out, bundle[2:2+n:2+n])
		bundle = bundle[2+n:]
	}
	if len(out) != count {
		return out, fmt.Errorf("the bundle has %d entries, want %d", len(out), count)
	}
	return out, nil
}

// edge is the right edge of a tree: of each level of tiles the last one, and
// the full tiles that are not on disk yet.
type edge struct {
	size   int64
	levels [][]tlog.Hash          // of each level the tile that is not full, perhaps empty
	full   map[tileAt][]tlog.Hash // full, to be written
}

type tileAt struct {
	level int
	n     int64
}

// add appends the hash of a leaf.
func (e *edge) add(leaf tlog.Hash) {
	e.size++
	for level, h := 0, leaf; ; level++ {
		if level == len(e.levels) {
			e.levels = append(e.levels, make([]tlog.Hash, 0, tileWidth))
		}
		e.levels[level] = append(e.levels[level], h)
		if len(e.levels[level]) < tileWidth {
			return
		}
		done := e.levels[level]
		e.levels[level] = make([]tlog.Hash, 0, tileWidth)
		if e.full == nil {
			e.full = make(map[tileAt][]tlog.Hash)
		}
		e.full[tileAt{level, e.size>>(tileHeight*(level+1)) - 1}] = done
		h = rootOf(done)
	}
}

// rootOf returns the hash over a full tile.
func rootOf(tile []tlog.Hash) tlog.Hash {
	row := append([]tlog.Hash(nil), tile...)
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

// tile returns the first width hashes of a tile that is in memory, nil if it
// is not.
func (e *edge) tile(level int, n int64, width int) []tlog.Hash {
	tile := e.full[tileAt{level, n}]
	if tile == nil && level < len(e.levels) && n == e.size>>(tileHeight*(level+1)) {
		tile = e.levels[level]
	}
	if len(tile) < width {
		return nil
	}
	return tile[:width]
}

func joinHashes(tile []tlog.Hash) []byte {
	out := make([]byte, 0, len(tile)*tlog.HashSize)
	for i := range tile {
		out = append(out, tile[i][:]...)
	}
	return out
}

func splitHashes(data []byte, count int) ([]tlog.Hash, error) {
	if len(data) != count*tlog.HashSize {
		return nil, fmt.Errorf("the tile has %d bytes, want %d", len(data), count*tlog.HashSize)
	}
	out := make([]tlog.Hash, count)
	for i := range out {
		copy(out[i][:], data[i*tlog.HashSize:])
	}
	return out, nil
}

// root returns the hash of the whole tree: the perfect subtrees at its right
// edge, joined from the right. See RFC 6962 section 2.1.
func (e *edge) root() tlog.Hash {
	var root tlog.Hash
	empty := true
	for _, tile := range e.levels {
		for rest := tile; len(rest) > 0; {
			size := len(rest) & -len(rest) // the lowest subtree is the rightmost one
			h := rootOf(rest[len(rest)-size:])
			rest = rest[:len(rest)-size]
			if empty {
				root, empty = h, false
			} else {
				root = tlog.NodeHash(h, root)
			}
		}
	}
	if empty {
		root, _ = tlog.TreeHash(0, nil)
	}
	return root
}
