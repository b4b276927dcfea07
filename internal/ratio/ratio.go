// Package ratio compares two pieces of work in one run, in short turns, so
// that a noisy machine disturbs both alike. Only benchmarks import it.
package ratio

import (
	"crypto/ed25519"
	"testing"
	"time"
)

// turn is how often each side runs before it is the other's.
const turn = 16

// Of runs both sides b.N × 16 times and reports the ratio of their times, of
// the processor where that is known, garbage collection included, under unit.
func Of(b *testing.B, unit string, work, yardstick func()) {
	b.Helper()
	var tw, ty time.Duration
	b.ResetTimer()
	for range b.N {
		start := ProcessTime()
		for range turn {
			work()
		}
		middle := ProcessTime()
		for range turn {
			yardstick()
		}
		tw += middle - start
		ty += ProcessTime() - middle
	}
	if ty > 0 {
		b.ReportMetric(float64(tw)/float64(ty), unit)
	}
}

// V is the yardstick of verification: one ed25519.Verify of a message of n
// bytes.
func V(b *testing.B, n int) func() {
	b.Helper()
	msg := make([]byte, n)
	pub, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	sig := ed25519.Sign(private, msg)
	return func() {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal("the yardstick does not verify")
		}
	}
}
