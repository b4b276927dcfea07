// Package nanotime has the instants of ledgers: comparable, without pointers, and of 8
// bytes.
package nanotime

import (
	"math"
	"time"
)

// Instant is a time.Time without its location, in nanoseconds since 1970. What lies
// beyond the years 1678 to 2261 is the first or last instant.
type Instant int64

// The first and the last instant.
const (
	First Instant = math.MinInt64
	Last  Instant = math.MaxInt64
)

// Of returns the instant of a time. It is called once at each of very many places, so
// that a copy at each of them would cost more, in memory that is read, than it saves.
//
//go:noinline
func Of(t time.Time) Instant {
	switch s := t.Unix(); {
	case s <= math.MinInt64/int64(time.Second):
		return First
	case s >= math.MaxInt64/int64(time.Second):
		return Last
	default:
		return Instant(s*int64(time.Second) + int64(t.Nanosecond()))
	}
}

// Time returns the instant in UTC.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }

// Add does not wrap.
func (i Instant) Add(d time.Duration) Instant {
	switch sum := i + Instant(d); {
	case d > 0 && sum < i:
		return Last
	case d < 0 && sum > i:
		return First
	default:
		return sum
	}
}
