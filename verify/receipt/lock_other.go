//go:build !unix

package receipt

import (
	"fmt"
	"os"
)

// lockFolder opens the file of the lock. There is no lock on this system: that
// one process has the log is for the host to see to.
func lockFolder(path string) (interface{ Close() error }, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return f, nil
}
