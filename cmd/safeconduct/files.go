package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// read returns the content of a file, or of standard input for "-", of at most
// most bytes.
func (a *app) read(name string, most int) ([]byte, error) {
	var r io.Reader
	if name == "-" {
		if a.stdinUsed != "" {
			return nil, usageFailure("standard input (-) is named twice, and can be read once")
		}
		a.stdinUsed, r = name, a.stdin
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, ioFailure(err, "cannot read")
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, ioFailure(nil, "%s is a directory, want a file", name)
		}
		r = f
	}
	raw, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, ioFailure(err, "cannot read %s", name)
	}
	if len(raw) > most {
		return nil, &failure{exit: exitDenied, err: fmt.Errorf("%s has more than the %d bytes that are allowed", name, most)}
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, &failure{exit: exitDenied, err: fmt.Errorf("%s is empty", name)}
	}
	return raw, nil
}

// write puts a document where -o says: on standard output for "" and "-", else
// into a file that readers see whole or not at all.
func (a *app) write(name string, raw []byte) error {
	if name == "" || name == "-" {
		a.out.Write(raw)
		return nil
	}
	// A slip of the hand (-o issuer.key) must not cost a key.
	if old, err := os.ReadFile(name); err == nil && bytes.Contains(old, []byte("PRIVATE KEY-----")) {
		return ioFailure(nil, "%s is a private key, and is not overwritten", name)
	}
	return writeFile(name, 0o644, true, fill(raw))
}

func fill(raw []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(raw); return err }
}

// writeFile makes or, if replace is set, replaces a file: after a crash, or
// when the disk is full, the old content is there, or the new one. What is not
// a regular file is not replaced, and no link is followed.
func writeFile(name string, mode fs.FileMode, replace bool, content func(io.Writer) error) (err error) {
	switch info, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return ioFailure(err, "cannot write")
	case !info.Mode().IsRegular():
		return ioFailure(nil, "%s is %s, and is not overwritten", name, describe(info.Mode()))
	case !replace:
		return exists(name)
	}
	dir := filepath.Dir(name)
	tmp, err := os.CreateTemp(dir, ".safeconduct-*") // only its owner can read it
	if err != nil {
		return ioFailure(err, "cannot write %s", name)
	}
	defer func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // gone already when all went well and it was renamed
	}()
	if err := errors.Join(content(tmp), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return ioFailure(err, "cannot write %s", name)
	}
	if replace {
		err = os.Rename(tmp.Name(), name)
	} else {
		err = os.Link(tmp.Name(), name) // fails if somebody was faster, which a rename does not
	}
	switch {
	case !replace && errors.Is(err, fs.ErrExist):
		return exists(name)
	case !replace && err != nil:
		err = create(name, mode, content) // a file system without links
	}
	if err != nil {
		return ioFailure(err, "cannot write %s", name)
	}
	return syncDir(dir)
}

func exists(name string) error {
	return ioFailure(nil, "%s exists already, and is not overwritten", name)
}

// create makes a file that is not there yet.
func create(name string, mode fs.FileMode, content func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := errors.Join(content(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// syncDir makes a new name last through a crash, where the system can.
func syncDir(dir string) error {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
	return nil
}

func describe(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m.IsRegular():
		return "a file"
	}
	return "no regular file"
}
