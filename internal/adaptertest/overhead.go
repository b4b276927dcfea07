package adaptertest

import (
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const turn = 16

// Overhead reports what an adapter adds to the work that it is built upon: in V, one Ed25519
// check, and as a ratio. All three run in turns of one process, so that a busy machine
// disturbs them alike. Each call of either gets a presentation that nobody has used.
func Overhead(b *testing.B, show func() []byte, adapter, base func(shown []byte)) {
	b.Helper()
	v := ratio.V(b, 64)
	shown := make([][]byte, 2*turn)
	var over, under, unit time.Duration
	took := func(work func(shown []byte), shown [][]byte) time.Duration {
		start := ratio.ProcessTime()
		for _, text := range shown {
			work(text)
		}
		return ratio.ProcessTime() - start
	}
	for round := range 2 * b.N {
		for i := range shown {
			shown[i] = show()
		}
		took(func([]byte) { v() }, shown[:turn]) // what was prepared has left the processor cold
		if round%2 == 0 {
			over += took(adapter, shown[:turn])
			under += took(base, shown[turn:])
		} else { // who is first has the worse place
			under += took(base, shown[turn:])
			over += took(adapter, shown[:turn])
		}
		unit += took(func([]byte) { v() }, shown[:turn])
	}
	if unit > 0 && under > 0 {
		b.ReportMetric(float64(over-under)/float64(unit), "V-more")
		b.ReportMetric(float64(over)/float64(under), "x-base")
		b.ReportMetric(0, "ns/op") // it counts what was prepared, too
	}
}

// Quiet is a verifier for benchmarks: it remembers a million presentations.
func Quiet(w *verifytest.World, edits ...func(*verify.Config)) *verify.Verifier {
	return w.Verifier(append([]func(*verify.Config){func(c *verify.Config) {
		c.Ledger, c.Bounds.LiveNonces = ledger.NewMemory(ledger.Options{}), 1_000_000
	}}, edits...)...)
}

// Show presents one passport again and again, for an act that is bound by a digest; and
// Verify is the work that guards are built upon.
func Show(w *verifytest.World, act passport.Act, digest string) func() []byte {
	pass := w.Issue(w.Passport())
	return func() []byte { return w.Present(pass, passport.Intent{Act: act, BodyDigest: digest}) }
}

// Verify decides and settles, as every guard does.
func Verify(b *testing.B, v *verify.Verifier, q verify.Request) func(shown []byte) {
	return func(shown []byte) {
		d, err := v.Verify(b.Context(), shown, q)
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
