//go:build unix

package receipt

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFolder takes the lock of a log, which ends with the process at the
// latest.
func lockFolder(path string) (interface{ Close() error }, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, path)
		}
		return nil, fmt.Errorf("receipt: locking %s: %w", path, err)
	}
	return f, nil
}
