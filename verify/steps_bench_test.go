package verify_test

import (
	"fmt"
	"testing"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/verify"
)

// prepared returns a function that runs the named steps of the next decision
// on a chain of n passports.
func prepared(b *testing.B, n int, names ...verify.StepName) func() {
	v, raws, q := presentations(b, n, 0)
	next := make([]*verify.Prepared, len(raws))
	for i, raw := range raws {
		var err error
		if next[i], err = v.Prepare(ctx, raw, q); err != nil {
			b.Fatal(err)
		}
	}
	i := 0
	return func() {
		if err := next[i%shown].Run(ctx, names); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// Goal 9: the steps that neither parse nor check signatures, together and
// each, in units of one ed25519.Verify. Each figure has the allocation of the
// Decision in it, which "none" shows apart.
func BenchmarkSteps(b *testing.B) {
	for _, n := range []int{1, 3, 5} {
		b.Run(fmt.Sprintf("passports=%d/all", n), func(b *testing.B) {
			ratio.Of(b, "V", prepared(b, n, verify.CheapSteps...), ratio.V(b, 64))
		})
		b.Run(fmt.Sprintf("passports=%d/none", n), func(b *testing.B) {
			ratio.Of(b, "V", prepared(b, n), ratio.V(b, 64))
		})
		for _, name := range verify.CheapSteps {
			b.Run(fmt.Sprintf("passports=%d/%s", n, name), func(b *testing.B) {
				ratio.Of(b, "V", prepared(b, n, name), ratio.V(b, 64))
			})
		}
	}
}

// The same without the yardstick, for profiles and allocations.
func BenchmarkStepsAllocs(b *testing.B) {
	for _, n := range []int{1, 3, 5} {
		b.Run(fmt.Sprintf("passports=%d", n), func(b *testing.B) {
			steps := prepared(b, n, verify.CheapSteps...)
			b.ReportAllocs()
			for b.Loop() {
				steps()
			}
		})
	}
}
