package ledger_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// Goal 13: reserve and commit of an act with a nonce, an intent, two windows
// and the record, in a ledger that remembers a day of them.
func BenchmarkMemory(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l, a := ledger.NewMemory(ledger.Options{}), storebench.NewActs(16, day)
			for range 100_000 { // more than a day
				if err := a.Do(ctx, l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			if callers == 1 {
				act := a.Caller(l)
				for range b.N {
					if err := act(ctx); err != nil {
						b.Fatal(err)
					}
				}
			} else {
				b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
				b.RunParallel(func(pb *testing.PB) {
					act := a.Caller(l)
					for pb.Next() {
						if err := act(ctx); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
}
