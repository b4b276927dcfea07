//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	"os"
	"syscall"
)

func try(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return lock(f, syscall.LOCK_EX|syscall.LOCK_NB)
}

func wait(path string) (unlock func(), err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return lock(f, syscall.LOCK_EX)
}

func lock(f *os.File, how int) (unlock func(), err error) {
	for {
		err = syscall.Flock(int(f.Fd()), how)
		switch err {
		case nil:
			return func() { _ = f.Close() }, nil
		case syscall.EINTR: // a signal came while it waited
			continue
		case syscall.EWOULDBLOCK:
			err = ErrLocked
		}
		_ = f.Close()
		return nil, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}
