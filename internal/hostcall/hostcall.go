// Package hostcall calls functions of the host where a panic would end more than the call: in a goroutine of somebody
// else's server, which does not recover, or behind an act that was done and is still to be settled.
package hostcall

import "fmt"

// Try calls f. That it panics is an error, which names it.
func Try(name string, f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %.200v", name, p)
		}
	}()
	f()
	return nil
}
