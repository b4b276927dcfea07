//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package statuslist

// lockDir does nothing where the system has no flock.
func lockDir(string) (unlock func(), err error) { return func() {}, nil }
