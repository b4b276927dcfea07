// Package atomicfile writes files that are never seen half: after a crash, or
// when the disk is full, the old content is there, or the new one.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace makes or replaces a file. What is not a regular file is not replaced,
// and no link is followed.
func Replace(name string, mode fs.FileMode, content []byte) error {
	return write(name, mode, true, whole(content))
}

// Create makes a file. One that is there is not touched: the error is then
// fs.ErrExist, also if it came in the meantime.
func Create(name string, mode fs.FileMode, content []byte) error {
	return write(name, mode, false, whole(content))
}

func whole(content []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(content); return err }
}

func write(name string, mode fs.FileMode, replace bool, content func(io.Writer) error) error {
	switch info, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is %s, and is not overwritten", name, Describe(info.Mode()))
	case !replace:
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	dir := filepath.Dir(name)
	tmp, err := os.CreateTemp(dir, ".new-*") // only its owner can read it
	if err != nil {
		return err
	}
	defer func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // gone already when all went well and it was renamed
	}()
	if err := errors.Join(content(tmp), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if replace {
		err = os.Rename(tmp.Name(), name)
	} else if err = os.Link(tmp.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		err = exclusive(name, mode, content) // a file system without links
	}
	if err != nil {
		return err
	}
	return SyncDir(dir)
}

// exclusive makes a file that is not there yet, without a link.
func exclusive(name string, mode fs.FileMode, content func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := errors.Join(content(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// SyncDir makes a new name last through a crash, where the system can.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// Describe says to people what kind of file it is.
func Describe(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m.IsRegular():
		return "a file"
	}
	return "not a regular file"
}
