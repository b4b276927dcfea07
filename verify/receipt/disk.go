package receipt

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/internal/atomicfile"
)

// disk is what a log asks of a file system. Tests put faults between.
type disk interface {
	// Read returns a whole file; fs.ErrNotExist if there is none.
	Read(name string) ([]byte, error)
	// Replace makes a file have this content, on disk: all of it or none.
	Replace(name string, content []byte) error
	// Open opens a file for writing at places, and makes it if there is none.
	Open(name string) (file, error)
	// List returns the names in a folder; none if there is no such folder.
	List(name string) ([]string, error)
	// Remove removes a file or a folder. It is no fault if there is none.
	Remove(name string) error
}

type file interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// folder is a disk.
type folder string

func (d folder) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

func (d folder) Read(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

func (d folder) List(name string) (names []string, err error) {
	list, err := os.ReadDir(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names, err
}

func (d folder) Open(name string) (file, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return f, atomicfile.SyncDir(string(d))
}

func (d folder) Replace(name string, content []byte) error {
	path := d.path(name)
	parent := filepath.Dir(path)
	if err := d.makeFolders(parent); err != nil {
		return err
	}
	return atomicfile.Replace(path, 0o644, content) // the log is there to be served
}

// makeFolders makes a folder and those above it, each of them on disk.
func (d folder) makeFolders(path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(path)
	if err := d.makeFolders(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return atomicfile.SyncDir(above)
}

func (d folder) Remove(name string) error { return os.RemoveAll(d.path(name)) }
