//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package marks

// lockFile does nothing where the system has no flock.
func lockFile(string) (unlock func(), err error) { return func() {}, nil }

// syncDir does nothing where a folder cannot be synced.
func syncDir(string) error { return nil }
