//go:build unix

package postgres_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/ratio"
	"github.com/safeconduct/safeconduct/internal/storebench"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

func openBench(b *testing.B, names ...any) store.Ledger {
	s := open(b, place(b, b.Name()+fmt.Sprint(names...)))
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s.Ledger()
}

// Goal 13: durable acts, reserved and settled, at 1, 16 and 64 callers, against what
// pgbench does at 16 with two bare inserts. With -benchtime 1x.
func BenchmarkActs(b *testing.B) { storebench.Rates(b, openBench(b), twoInserts(b)) }

// twoInserts returns what measures how often in a second 16 clients insert a row and
// commit, and do so again.
func twoInserts(b *testing.B) func() (float64, error) {
	dsn, pgbench := testpostgres.DSN(b), filepath.Join(testpostgres.Bin(b), "pgbench")
	const insert = "INSERT INTO public.bare_rows (said) VALUES ('an act, as long as a record of one may be, more or less');\n"
	script := filepath.Join(b.TempDir(), "two")
	require.NoError(b, os.WriteFile(script, []byte(insert+insert), 0o600))
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(b, err)
	_, err = conn.Exec(ctx, "CREATE TABLE public.bare_rows (id BIGSERIAL PRIMARY KEY, said TEXT NOT NULL)")
	require.NoError(b, err)
	b.Cleanup(func() {
		_, err := conn.Exec(ctx, "DROP TABLE public.bare_rows")
		require.NoError(b, err)
		require.NoError(b, conn.Close(ctx))
	})
	return func() (float64, error) {
		out, err := exec.Command(pgbench, "-n", "-f", script, "-c", "16", "-j", "2", "-M", "prepared", "-T", "1", dsn).CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%w: %s", err, out)
		}
		tps := regexp.MustCompile(`(?m)^tps = ([0-9.]+)`).FindSubmatch(out)
		if tps == nil {
			return 0, fmt.Errorf("pgbench said nothing of tps: %s", out)
		}
		return strconv.ParseFloat(string(tps[1]), 64)
	}
}

// Goal 13b: an act in a window of 10^6 uses against one in a window of 10^3. The
// processor time of the server is not in it, so it is measured by the clock.
func BenchmarkWindow(b *testing.B) {
	many, few := openBench(b, "many"), openBench(b, "few")
	inMany, err := storebench.Fill(many, 1_000_000)
	require.NoError(b, err)
	inFew, err := storebench.Fill(few, 1_000)
	require.NoError(b, err)
	for range b.N {
		var list []float64
		for range storebench.Turns {
			a, err := storebench.Measure(16, time.Second, func() error { return inMany.Do(ctx, many) })
			require.NoError(b, err)
			z, err := storebench.Measure(16, time.Second, func() error { return inFew.Do(ctx, few) })
			require.NoError(b, err)
			list = append(list, z.PerSecond/a.PerSecond)
		}
		b.ReportMetric(storebench.Median(list), "x")
	}
}

// A decision with this ledger against one with the ledger in memory, in processor time
// of this process.
func BenchmarkDecision(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			memory := ledger.NewMemory(ledger.Options{KeepUnresolved: time.Hour})
			ratio.Of(b, "x", storebench.Decisions(b, openBench(b), callers), storebench.Decisions(b, memory, callers))
		})
	}
}
