//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package statuslist

import (
	"os"
	"syscall"
)

// lockDir keeps out whoever else locks the folder, in this process or another.
// The system unlocks it when the process ends, however it ends.
func lockDir(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, &os.PathError{Op: "flock", Path: dir, Err: err}
	}
	return func() { _ = f.Close() }, nil
}
