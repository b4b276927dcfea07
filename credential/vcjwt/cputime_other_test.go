//go:build !unix

package vcjwt_test

import "time"

var started = time.Now()

func processTime() time.Duration { return time.Since(started) }
