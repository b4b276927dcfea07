// Package filelock keeps two programs from working on the same file or folder.
//
// A lock belongs to whoever took it, also within one process, and the system
// takes it away when the process ends, however it ends. It binds only those who
// ask for it. Systems without flock (Windows, Solaris, AIX, WebAssembly) have no
// lock here: both functions succeed there and do nothing, and the host has to
// see to it that one process at a time does the work.
package filelock

import "errors"

// ErrLocked says that somebody else holds the lock.
var ErrLocked = errors.New("filelock: somebody else holds the lock")

// Try locks a file, which it makes if there is none (mode 0600), or fails at once
// with [ErrLocked]. The file stays when it is unlocked: removing it would let two
// programs hold two files of one name.
func Try(file string) (unlock func(), err error) { return try(file) }

// Wait locks a file or a folder that exists, when nobody else holds the lock any more.
func Wait(path string) (unlock func(), err error) { return wait(path) }
