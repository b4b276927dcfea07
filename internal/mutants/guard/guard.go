// Package guard is what a test of package mutants puts around each condition of
// the code that it breaks, so that one build has every mutant, and one of them
// at a time is switched on. Nothing else imports it.
package guard

import "sync/atomic"

// Most is how many conditions one build may have.
const Most = 1 << 14

// Way is how a condition is broken.
type Way string

// The ways.
const (
	Dropped Way = "dropped" // it is never true
	Negated Way = "negated"
)

type mutant struct {
	site int
	way  Way
}

var (
	active atomic.Pointer[mutant]
	seen   [Most]atomic.Uint32
)

// Break switches one mutant on, and every other off.
func Break(site int, way Way) { active.Store(&mutant{site, way}) }

// Mend switches every mutant off.
func Mend() { active.Store(nil) }

// On returns the condition of a site, or what the mutant makes of it.
func On[T ~bool](site int, c T) T {
	bit := uint32(1)
	if c {
		bit = 2
	}
	if seen[site].Load()&bit == 0 {
		seen[site].Or(bit)
	}
	m := active.Load()
	if m == nil || m.site != site {
		return c
	}
	return m.way == Negated && !c
}

// Seen returns the conditions that were false, and those that were true, since
// it was called before.
func Seen() (wasFalse, wasTrue []int) {
	for site := range seen {
		bits := seen[site].Swap(0)
		if bits&1 != 0 {
			wasFalse = append(wasFalse, site)
		}
		if bits&2 != 0 {
			wasTrue = append(wasTrue, site)
		}
	}
	return wasFalse, wasTrue
}
