package receipt

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// publish brings the tiles up to date. The order matters, because power may fail
// between any two steps: first the content, then the checkpoint that
// speaks of it, and only then is the journal emptied.
func (l *Log) publish(ctx context.Context) error {
	v := l.view()
	l.mu.Lock()
	old := l.published
	l.mu.Unlock()
	size := v.edge.size
	if size == old {
		if _, there, err := exists(l.disk.Read(checkpointFile)); err != nil || there {
			return err
		}
	}
	checkpoint, err := l.signTree(ctx, v.tree())
	if err != nil {
		return err
	}
	spans, err := v.writeEntries(old)
	if err != nil {
		return fmt.Errorf("receipt: publishing: %w", err)
	}
	if err := v.writeTiles(old); err != nil {
		return fmt.Errorf("receipt: publishing: %w", err)
	}
	if err := l.disk.Replace(checkpointFile, []byte(checkpoint.Text)); err != nil {
		return fmt.Errorf("receipt: publishing: %w", err)
	}
	l.mu.Lock()
	l.published = size
	l.spans = append(l.spans, spans...)
	kept := int(size % tileWidth) // the bundle that is not full
	l.tail = append([][]byte(nil), l.tail[len(l.tail)-kept:]...)
	l.edge.full = nil // they are on disk
	all := l.spans
	l.mu.Unlock()

	// From here on nothing is lost whatever fails. Frames of entries that the
	// tiles have are passed over when the log is opened.
	if err := l.journal.Truncate(0); err != nil {
		return l.stop(fmt.Errorf("%w: %w", ErrFailed, err))
	}
	if err := l.journal.Sync(); err != nil {
		return l.stop(fmt.Errorf("%w: %w", ErrFailed, err))
	}
	l.end = 0
	if err := l.disk.Replace(spansFile, joinSpans(all)); err != nil {
		return fmt.Errorf("receipt: publishing: %w", err)
	}
	return v.removePartial(old)
}

// writeEntries writes the bundles that are new since a size, and returns the
// spans of ids of the full ones.
func (v *view) writeEntries(old int64) (spans []span, err error) {
	for n := old / tileWidth; n*tileWidth < v.edge.size; n++ {
		entries, err := v.entries(n)
		if err != nil {
			return nil, err
		}
		var bundle []byte
		for _, e := range entries {
			bundle = appendEntry(bundle, e)
		}
		if err := v.disk.Replace(tilePath(-1, n, len(entries)), bundle); err != nil {
			return nil, err
		}
		if len(entries) == tileWidth {
			spans = append(spans, spanOf(entries))
		}
	}
	return spans, nil
}

// writeTiles writes the tiles that are new since a size, or wider.
func (v *view) writeTiles(old int64) error {
	for level := 0; v.edge.size>>(tileHeight*level) > 0; level++ {
		was, is := old>>(tileHeight*level), v.edge.size>>(tileHeight*level)
		if was == is {
			continue
		}
		for n := was / tileWidth; n*tileWidth < is; n++ {
			width := widthIn(v.edge.size, level, n)
			tile := v.edge.tile(level, n, width)
			if tile == nil {
				return damage("tile %d of level %d is neither on disk nor in memory", n, level)
			}
			if err := v.disk.Replace(tilePath(level, n, width), joinHashes(tile)); err != nil {
				return err
			}
		}
	}
	return nil
}

// removePartial removes the partial tiles and bundles that are full by now.
// Readers with an older checkpoint take the full ones, as tlog-tiles says.
func (v *view) removePartial(old int64) error {
	for level := -1; level < 8; level++ {
		shift := tileHeight * max(level, 0)
		was, is := old>>shift, v.edge.size>>shift
		if was%tileWidth == 0 || is/tileWidth == was/tileWidth {
			continue
		}
		if err := v.disk.Remove(partialFolder(level, was/tileWidth)); err != nil {
			return fmt.Errorf("receipt: publishing: %w", err)
		}
	}
	return nil
}

func partialFolder(level int, n int64) string { return tilePath(level, n, tileWidth) + ".p" }

// load reads the log from disk.
func (l *Log) load() error {
	text, there, err := exists(l.disk.Read(checkpointFile))
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	if there {
		c, err := OpenCheckpoint(text, l.Key())
		if err != nil {
			return damage("%w; is this the folder of another log, or the key another one?", err)
		}
		if err := l.loadTree(c); err != nil {
			return err
		}
		l.head = c
	}
	data, _, err := exists(l.disk.Read(journalFile))
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	entries, whole, err := readJournal(data, l.published)
	if err != nil {
		return damage("%w", err)
	}
	l.take(entries)
	if err := l.nothingBeyond(); err != nil {
		return err
	}
	if l.journal, err = l.disk.Open(journalFile); err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	if whole < len(data) {
		err = l.journal.Truncate(int64(whole))
	}
	if err == nil {
		err = l.journal.Sync()
	}
	if err != nil {
		_ = l.journal.Close()
		return fmt.Errorf("receipt: %w", err)
	}
	l.end = int64(whole)
	return l.loadSpans()
}

// nothingBeyond makes sure that no entry is in a bundle which the checkpoint and the
// journal do not know of. What is written to bundles is in the journal until a
// checkpoint speaks of it. So the checkpoint is missing, or an older copy of some files
// was put over newer ones, and this log would write another history over the first.
func (l *Log) nothingBeyond() error {
	size := l.edge.size
	last := size / tileWidth
	for n := last; n <= last+1; n++ {
		names, err := l.disk.List(partialFolder(-1, n))
		if err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		_, full, err := exists(l.disk.Read(tilePath(-1, n, tileWidth)))
		if err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		if full {
			names = append(names, strconv.Itoa(tileWidth))
		}
		for _, name := range names {
			if width, err := strconv.Atoi(name); err == nil && n*tileWidth+int64(width) > size {
				return damage("checkpoint and journal know of %d receipts, and there is a bundle of entries up to %d; "+
					"is the checkpoint missing, or was an older copy put over the log?", size, n*tileWidth+int64(width))
			}
		}
	}
	return nil
}

// loadTree reads the right edge of the tree that a checkpoint speaks of.
func (l *Log) loadTree(c *Checkpoint) error {
	e := edge{size: c.Size}
	for level := 0; c.Size>>(tileHeight*level) > 0; level++ {
		n := c.Size >> (tileHeight * (level + 1))
		width := widthIn(c.Size, level, n)
		tile := make([]tlog.Hash, 0, tileWidth)
		if width > 0 {
			data, err := l.disk.Read(tilePath(level, n, width))
			if err != nil {
				return damage("the last tile of level %d: %w", level, err)
			}
			hashes, err := splitHashes(data, width)
			if err != nil {
				return damage("the last tile of level %d: %w", level, err)
			}
			tile = append(tile, hashes...)
		}
		e.levels = append(e.levels, tile)
	}
	if root := e.root(); root != c.Root {
		return damage("the last tiles have the root %s, the checkpoint %s", root, tlog.Hash(c.Root))
	}
	l.edge, l.published = e, c.Size
	if width := widthIn(c.Size, 0, c.Size/tileWidth); width > 0 {
		data, err := l.disk.Read(tilePath(-1, c.Size/tileWidth, width))
		if err != nil {
			return damage("the last bundle of entries: %w", err)
		}
		entries, err := splitBundle(data, width)
		if err != nil {
			return damage("the last bundle of entries: %w", err)
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != e.levels[0][i] {
				return damage("entry %d is not the one that the tree has", c.Size-int64(width)+int64(i))
			}
		}
		l.tail = entries
	}
	return nil
}
