package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/statuslist"
)

// withState lets change work on the list whose state is in the file name, and
// saves it. A lock file keeps others out in between: two that allocate at the
// same time would each forget what the other gave away.
func (a *app) withState(name string, change func(*statuslist.Publisher) error) error {
	unlock, err := lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	list, err := a.readState(name)
	if err != nil {
		return err
	}
	if err := change(list); err != nil {
		return err
	}
	return writeFile(name, 0o600, true, fill(list.MarshalState()))
}

// readState reads the state of a list.
func (a *app) readState(name string) (*statuslist.Publisher, error) {
	if name == "-" {
		return nil, usageFailure("the state of a list is a file, and not standard input")
	}
	raw, err := a.read(name, limits.Default().DocumentBytes+2*limits.Default().EncodedListBytes)
	if err != nil {
		if f := asFailure(err); errors.Is(err, fs.ErrNotExist) && f != nil {
			return nil, f.hint("safeconduct status init starts a list")
		}
		return nil, err
	}
	list, err := statuslist.RestorePublisher(raw)
	if err != nil {
		return nil, ioFailure(err, "%s is no state of a list", name)
	}
	return list, nil
}

// lock makes the file name.lock, which only one can.
func lock(name string) (unlock func(), err error) {
	file := name + ".lock"
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ioFailure(nil, "%s is in use: %s exists", name, file).
			hint("if no other safeconduct is at work on it, one was interrupted: delete " + file)
	}
	if err != nil {
		return nil, ioFailure(err, "cannot lock %s", name)
	}
	_ = f.Close()
	return func() { _ = os.Remove(file) }, nil
}
