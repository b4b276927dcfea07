//go:build !unix

package ratio

import "time"

var begin = time.Now()

// processTime falls back to the wall clock.
func processTime() time.Duration { return time.Since(begin) }
