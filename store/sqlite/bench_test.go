package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

func openBench(b *testing.B, noSync bool) store.Ledger {
	s, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{InsecureNoSync: noSync})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s.Ledger()
}

// Goal 13: durable acts, reserved and settled, at 1, 16 and 64 callers; without the sync
// it is our own work. With -benchtime 1x.
func BenchmarkActs(b *testing.B) {
	for _, sync := range []bool{true, false} {
		b.Run(fmt.Sprintf("sync=%v", sync), func(b *testing.B) { storebench.Rates(b, openBench(b, !sync)) })
	}
}

// Goal 13b: an act in a window of 10^6 uses against one in a window of 10^3, in
// processor time.
func BenchmarkWindow(b *testing.B) {
	many, few := openBench(b, true), openBench(b, true)
	inMany, err := storebench.Fill(many, 1_000_000)
	require.NoError(b, err)
	inFew, err := storebench.Fill(few, 1_000)
	require.NoError(b, err)
	act := func(acts *storebench.Acts, l store.Ledger) func() {
		return func() { require.NoError(b, acts.Do(ctx, l)) }
	}
	ratio.Of(b, "x", act(inMany, many), act(inFew, few))
}

// Goal 13b: a decision with this ledger against one with the ledger in memory, in
// processor time, at so many callers.
func BenchmarkDecision(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			memory := ledger.NewMemory(ledger.Options{KeepUnresolved: time.Hour})
			ratio.Of(b, "x", storebench.Decisions(b, openBench(b, false), callers), storebench.Decisions(b, memory, callers))
		})
	}
}
