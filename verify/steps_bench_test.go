package verify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/verify"
)

// everNew is a ledger to which every presentation is one that it has not seen,
// so that a benchmark may ask about one again and again. What the steps before
// have read of it is then at hand, as it is in a decision.
type everNew struct {
	*agingLedger
	challenges string // one text, so that the garbage collector has nothing to do with it
	decisions  string // their ids
}

// Challenges have 45 bytes, ids 26, and there are more than are remembered at a time.
const (
	challengeBytes = 45
	decisionBytes  = 26
	challenges     = 1 << 17
)

func newEverNew() *everNew {
	var text, ids strings.Builder
	for i := range challenges {
		fmt.Fprintf(&text, "urn:uuid:10000000-0000-4000-8000-%012d", i)
		fmt.Fprintf(&ids, "01ARZ3NDEKTSV4RRFF%08d", i)
	}
	return &everNew{newAgingLedger(), text.String(), ids.String()}
}

func (l *everNew) Reserve(ctx context.Context, r *verify.Reservation) (verify.Held, error) {
	r.Replay.Challenge = l.challenges[int(l.n.Load())%challenges*challengeBytes:][:challengeBytes]
	r.Idempotency.Intent = r.Replay.Challenge
	r.Record.Decision = l.decisions[int(l.n.Load())%challenges*decisionBytes:][:decisionBytes]
	return l.agingLedger.Reserve(ctx, r)
}

// prepared returns a function that runs the named steps of a decision on a
// chain of n passports.
func prepared(b *testing.B, n int, names ...verify.StepName) func() {
	v, raws, q := presentations(b, n, 0, 1, newEverNew())
	p, err := v.Prepare(ctx, raws[0], q)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		if err := p.Run(ctx, names); err != nil {
			b.Fatal(err)
		}
	}
}

// Goal 9: the steps that neither parse nor check signatures, together and
// each, in units of one ed25519.Verify. "none" is what the harness costs.
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
