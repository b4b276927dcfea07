//go:build !unix

package ratio

import "time"

var begin = time.Now()

// ProcessTime falls back to the wall clock.
func ProcessTime() time.Duration { return time.Since(begin) }
