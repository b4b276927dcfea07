package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
)

// STO-04: after a bit of the file was flipped it is refused, or told by Check, or what
// counts and what was used is as before. Nothing panics.
func TestBitFlips(t *testing.T) {
	sequential.Long(t)
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path)
	const acts = 30
	for i := range acts {
		r := storetest.Act(fmt.Sprint(i), storetest.Noon, 2, 1<<30)
		_, err := s.Ledger().Reserve(ctx, r)
		require.NoError(t, err)
		if i%2 == 0 {
			require.NoError(t, s.Ledger().Settle(ctx, verify.Settlement{
				Decision: r.Record.Decision, Outcome: verify.Done, At: r.At,
			}))
		}
	}
	charges := []verify.Charge{{Account: storetest.Root, Name: "hour", Since: storetest.Noon}}
	want, err := s.Ledger().Usage(ctx, charges, storetest.Noon)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	good, err := os.ReadFile(path)
	require.NoError(t, err)

	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	refused, told, harmless := 0, 0, 0
	for range rounds {
		bit := rng.IntN(8 * len(good))
		flipped := append([]byte(nil), good...)
		flipped[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(path, flipped, 0o600))
		for _, more := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + more)
		}
		s, err := sqlite.Open(ctx, path, sqlite.Options{InsecureNoSync: true})
		if err != nil {
			refused++
			continue
		}
		if err := s.Check(ctx); err != nil {
			told++
			require.NoError(t, s.Close())
			continue
		}
		harmless++
		got, err := s.Ledger().Usage(ctx, charges, storetest.Noon)
		require.NoError(t, err)
		require.Equal(t, want, got, "bit %d", bit)
		for i := range acts {
			again := storetest.Act(fmt.Sprint(i), storetest.Noon, 2, 1<<30)
			again.Record.Decision += "2"
			err := s.Ledger().Peek(ctx, again)
			require.Error(t, err, "bit %d: presentation %d may be used once more", bit, i)
		}
		require.NoError(t, s.Close())
	}
	t.Logf("of %d: %d refused, %d told by Check, %d in what means nothing to the ledger", rounds, refused, told, harmless)
	require.NotZero(t, refused)
}
