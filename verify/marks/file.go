package marks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/atomicfile"
	"github.com/safeconduct/safeconduct/internal/filelock"
	"github.com/safeconduct/safeconduct/verify"
)

// Options are those of [Open]. The zero value suits most hosts.
type Options struct {
	// Now is the clock by which marks that no longer matter are forgotten.
	// Nil: time.Now.
	Now func() time.Time
}

// File is a [verify.MarkStore] in a file. It is safe for concurrent use.
type File struct {
	path string
	now  func() time.Time

	mu     sync.Mutex
	file   *os.File // nil when closed
	lock   func()
	kept   map[verify.MarkKey]*mark
	size   int64 // of the file as far as it is known to be whole
	least  int64 // after it was last rewritten
	broken error // a line was written in part and could not be taken back
}

// mark is what is kept under one key; what was revoked is apart.
type mark struct {
	verify.Mark
	revoked map[verify.RevokedEntry]struct{}
}

// whole returns the mark with what was revoked.
func (m *mark) whole() verify.Mark {
	w := m.Mark
	for x := range m.revoked {
		w.Revoked = append(w.Revoked, x)
	}
	return w.Join(w) // in order
}

// ErrClosed is the error of a file that was closed.
var ErrClosed = errors.New("marks: the file is closed")

// Open opens the file at path, or makes it; its folder must exist. A last line
// that was not written to its end, because the machine stopped, is cut off: its
// SaveMark never returned. Any other line that cannot be read is an error, and
// the file stays as it is. So is a file that another process has open, where the
// system can tell.
func Open(path string, o Options) (*File, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	unlock, err := filelock.Try(path + ".lock")
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("marks: %s: another process has it open: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("marks: %s: %w", path, err)
	}
	f := &File{path: path, now: o.Now, lock: unlock}
	if err := f.read(); err != nil {
		unlock()
		return nil, fmt.Errorf("marks: %s: %w", path, err)
	}
	if err := f.rewrite(); err != nil {
		unlock()
		return nil, fmt.Errorf("marks: %s: %w", path, err)
	}
	return f, nil
}

// read takes in the lines of the file.
func (f *File) read() error {
	f.kept = map[verify.MarkKey]*mark{}
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for n := 1; len(raw) > 0; n++ {
		line, rest, whole := bytes.Cut(raw, []byte{'\n'})
		if !whole {
			break // torn: nobody was told that it is kept
		}
		m, err := parseLine(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		f.join(m)
		raw = rest
	}
	return nil
}

// join adds a mark to what is kept. It reports whether that changes anything,
// and how to undo it.
func (f *File) join(m verify.Mark) (undo func(), changed bool) {
	revoked := m.Revoked
	m.Revoked = nil
	k, ok := f.kept[m.MarkKey]
	if !ok {
		k = &mark{Mark: m, revoked: map[verify.RevokedEntry]struct{}{}}
		f.kept[m.MarkKey] = k
	}
	before := k.Mark
	k.Mark = before.Join(m)
	var fresh []verify.RevokedEntry
	for _, x := range revoked {
		if _, known := k.revoked[x]; !known {
			k.revoked[x] = struct{}{}
			fresh = append(fresh, x)
		}
	}
	undo = func() {
		if !ok {
			delete(f.kept, m.MarkKey)
			return
		}
		k.Mark = before
		for _, x := range fresh {
			delete(k.revoked, x)
		}
	}
	same := ok && len(fresh) == 0 && k.Sequence == before.Sequence && k.Sum == before.Sum &&
		k.AsOf.Equal(before.AsOf) && k.KeepUntil.Equal(before.KeepUntil)
	return undo, !same
}

// rewrite writes the file again, without what no longer matters.
func (f *File) rewrite() error {
	now := f.now()
	var text []byte
	for key, m := range f.kept {
		if !m.KeepUntil.IsZero() && m.KeepUntil.Before(now) {
			delete(f.kept, key)
			continue
		}
		text = appendLine(text, m.whole())
	}
	file, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(file.Name(), f.path)
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return err
	}
	if f.file != nil {
		_ = f.file.Close()
	}
	f.file, f.size, f.least, f.broken = file, int64(len(text)), int64(len(text)), nil
	return atomicfile.SyncDir(filepath.Dir(f.path))
}

// LoadMark returns what is kept under a key.
func (f *File) LoadMark(ctx context.Context, key verify.MarkKey) (verify.Mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return verify.Mark{}, ErrClosed
	}
	if m := f.kept[key]; m != nil {
		return m.whole(), nil
	}
	return verify.Mark{MarkKey: key}, nil
}

// SaveMark adds a mark to what is kept, and returns when that is on the disk.
func (f *File) SaveMark(ctx context.Context, m verify.Mark) error {
	line := appendLine(nil, m)
	if _, err := parseLine(bytes.TrimSuffix(line, []byte{'\n'})); err != nil {
		return fmt.Errorf("marks: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return ErrClosed
	}
	undo, changed := f.join(m)
	if !changed {
		return nil
	}
	if err := f.append(line); err != nil {
		undo()
		return fmt.Errorf("marks: %s: %w", f.path, err)
	}
	return nil
}

// minRewrite is how long the file must be before it is rewritten while it is in use.
const minRewrite = 1 << 16

func (f *File) append(line []byte) error {
	if f.broken != nil || f.size > minRewrite && f.size > 2*f.least {
		return f.rewrite() // with the new mark in it
	}
	_, err := f.file.WriteAt(line, f.size)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		// What is behind the known end is not to be believed when it is read.
		if cut := f.file.Truncate(f.size); cut != nil {
			f.broken = cut
		}
		return err
	}
	f.size += int64(len(line))
	return nil
}

// Close closes the file. It may then be opened again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return ErrClosed
	}
	err := f.file.Close()
	f.file = nil
	f.lock()
	return err
}

var (
	_ verify.MarkStore = (*File)(nil)
	_ io.Closer        = (*File)(nil)
)
