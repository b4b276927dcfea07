package receipt

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is what a log asks of a file system. Tests put faults between.
type disk interface {
	// Read returns a whole file; fs.ErrNotExist if there is none.
	Read(name string) ([]byte, error)
	// Replace makes a file have this content, on disk: all of it or none.
	Replace(name string, content []byte) error
	// Open opens a file for writing at places, and makes it if there is none.
	Open(name string) (file, error)
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

func (d folder) Open(name string) (file, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return f, syncFolder(string(d))
}

func (d folder) Replace(name string, content []byte) (err error) {
	path := d.path(name)
	parent := filepath.Dir(path)
	if err := d.makeFolders(parent); err != nil {
		return err
	}
	f, err := os.CreateTemp(parent, ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content); err != nil {
		return err
	}
	// The log is there to be served: everybody may read it.
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(parent)
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
	return syncFolder(above)
}

func (d folder) Remove(name string) error { return os.RemoveAll(d.path(name)) }

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
