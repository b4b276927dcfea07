//go:build !unix

package credential_test

import "time"

var started = time.Now()

func processTime() time.Duration { return time.Since(started) }
