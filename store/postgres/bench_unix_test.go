//go:build unix

package postgres_test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

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
// pgbench does at 16: two bare inserts; and the rows of an act, which says what part of the
// difference is theirs, and what part is ours. With -benchtime 1x.
func BenchmarkActs(b *testing.B) {
	storebench.Rates(b, openBench(b), storebench.Yardstick{Name: "yardstick", Rate: twoInserts(b)},
		storebench.Yardstick{Name: "rows", Rate: rowsOfActs(b)})
}

// twoInserts returns what measures how often in a second 16 clients insert a row and
// commit, and do so again.
func twoInserts(b *testing.B) func() (float64, error) {
	dsn := place(b, b.Name()+" two inserts")
	testpostgres.Exec(b, dsn, "CREATE TABLE bare_rows (id BIGSERIAL PRIMARY KEY, said TEXT NOT NULL)")
	const insert = "INSERT INTO bare_rows (said) VALUES ('an act, as long as a record of one may be, more or less');\n"
	measure := pgbench(b, dsn, insert+insert)
	return func() (float64, error) { return measure() }
}

// rowsOfActs returns what measures how often in a second 16 clients write the rows that an
// act writes, into the same tables: in one transaction those of Reserve, in another that of
// Settle. Nothing is read, judged or locked before, and each transaction is one statement.
// Each client has an agent of its own, so none waits for another.
func rowsOfActs(b *testing.B) func() (float64, error) {
	dsn := place(b, b.Name()+" rows")
	require.NoError(b, open(b, dsn).Close()) // it makes the tables
	testpostgres.Exec(b, dsn, `
INSERT INTO agents SELECT int8send(i) || int8send(0), 0, 0 FROM generate_series(0, 15) AS i;
INSERT INTO places SELECT int8send(i) || int8send(0), NULL, 0, 2 FROM generate_series(0, 15) AS i;
INSERT INTO accounts SELECT int8send(i) || int8send(a), 1, 1 << 62, int8send(i) || int8send(0), 0,
	int8send(0) || int8send(0), int8send(0) || int8send(0), 0, int8send(0) || int8send(0), 0
	FROM generate_series(0, 15) AS i, generate_series(1, 2) AS a`)
	rates := 0
	measure := pgbench(b, dsn, `
\set n :n + 1
\set at 1790000000000000000 + (:n * 16 + :client_id) * 1000000
WITH
	agents AS (UPDATE agents SET nonces = nonces + 1, acts = acts + 1 WHERE agent = int8send(:client_id) || int8send(0)),
	places AS (UPDATE places SET acts = acts + 1 WHERE place = int8send(:client_id) || int8send(0)),
	accounts AS (UPDATE accounts SET total = int8send(0) || int8send(:at), since = :at,
		sum = int8send(0) || int8send(:at)
		WHERE account IN (int8send(:client_id) || int8send(1), int8send(:client_id) || int8send(2))),
	nonces AS (INSERT INTO nonces VALUES (uuid_send(gen_random_uuid()), 1, :at, int8send(:client_id) || int8send(0),
		NULL, int8send(:at) || int8send(:client_id))),
	intents AS (INSERT INTO intents VALUES (uuid_send(gen_random_uuid()), int8send(:at) || int8send(:client_id))),
	uses AS (INSERT INTO uses VALUES
		(int8send(:client_id) || int8send(1), :at, int8send(:at) || int8send(:client_id), 0, 0, 0, 1),
		(int8send(:client_id) || int8send(2), :at, int8send(:at) || int8send(:client_id), 0, 0, 0, 1)),
	records AS (INSERT INTO records VALUES (1, LPAD(CAST(:at AS TEXT), 26, '0'), :at, 1, '  ',
		REPEAT('p', 69), REPEAT('a', 23), '', '', '',
		'payments.charge', '', '0', '', 0, 1, 0, 0, 0))
INSERT INTO holds (hold, space, decision, at, hold_by, known, kept_until, state, reserved, came_to, currency, decimals, content,
	intent, agent, place, root, charges) VALUES (int8send(:at) || int8send(:client_id), 1,
	LPAD(CAST(:at AS TEXT), 26, '0'), :at, :at, :at, :at, 1, int8send(0) || int8send(0), int8send(0) || int8send(0), '',
	0, uuid_send(gen_random_uuid()),
	uuid_send(gen_random_uuid()), int8send(:client_id) || int8send(0), int8send(:client_id) || int8send(0),
	int8send(:client_id) || int8send(0), CAST(REPEAT('0', 98) AS BYTEA));
UPDATE holds SET state = 2, came_to = int8send(0) || int8send(0) WHERE hold = int8send(:at) || int8send(:client_id);
`)
	return func() (float64, error) {
		rates++
		return measure("-D", fmt.Sprintf("n=%d", rates*1_000_000)) // each time goes on after the last one
	}
}

// pgbench returns what measures how often in a second 16 clients run a script.
func pgbench(b *testing.B, dsn, script string) func(more ...string) (float64, error) {
	program, name := filepath.Join(testpostgres.Bin(b), "pgbench"), filepath.Join(b.TempDir(), "script")
	require.NoError(b, os.WriteFile(name, []byte(script), 0o600))
	schema, err := url.Parse(dsn)
	require.NoError(b, err)
	return func(more ...string) (float64, error) {
		args := append(more, "-n", "-f", name, "-c", "16", "-j", "2", "-M", "prepared", "-T", "1", testpostgres.DSN(b))
		bench := exec.Command(program, args...)
		bench.Env = append(os.Environ(), "PGOPTIONS=-c search_path="+schema.Query().Get("search_path"))
		out, err := bench.CombinedOutput()
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
