package storetest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// racers is the number of a process that races.
const racers = "SAFECONDUCT_STORETEST_RACER"

// Race lets two processes, each with so many stores open, spend 64 times 10 of 100, and
// use one presentation 64 times, all at once: 10 spend, and one uses it. MON-08,
// MON-10, A9, P15.
//
// open opens one database in both processes, of which one is this test again.
func Race(t *testing.T, stores int, open Open) {
	if number := os.Getenv(racers); number != "" {
		race(t, number, stores, open)
		return
	}
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	open.must(t, store.Options{MaxClockDrift: -1}).Close()
	for round := range rounds {
		type racer struct {
			cmd *exec.Cmd
			in  *os.File
			out *bufio.Reader
		}
		var list []racer
		for i := range 2 {
			cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v=false")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d-%d", racers, round, i))
			in, ours, err := os.Pipe()
			require.NoError(t, err)
			cmd.Stdin, cmd.Stderr = in, os.Stderr
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			require.NoError(t, in.Close())
			list = append(list, racer{cmd, ours, bufio.NewReader(out)})
		}
		for _, r := range list {
			ready, err := r.out.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "ready\n", ready)
		}
		for _, r := range list { // at once
			require.NoError(t, r.in.Close())
		}
		spends, uses := 0, 0
		for _, r := range list {
			var s, u int
			_, err := fmt.Fscanf(r.out, "spent %d used %d\n", &s, &u)
			require.NoError(t, err)
			require.NoError(t, r.cmd.Wait())
			spends, uses = spends+s, uses+u
		}
		require.Equal(t, 10, spends, "spent 10 of 100")
		require.Equal(t, 1, uses, "used one presentation")
		use(t, open, store.Options{Namespace: fmt.Sprint("round ", round), CreateNamespace: true}, func(s store.Store) {
			require.NoError(t, s.Check(ctx))
			hour, _, err := spent(s.Ledger(), Noon)
			require.NoError(t, err)
			require.Equal(t, eur(101), hour)
		})
	}
}

// race is one of the two processes.
func race(t *testing.T, number string, stores int, open Open) {
	var round, process int
	_, err := fmt.Sscanf(number, "%d-%d", &round, &process)
	require.NoError(t, err)
	var list []store.Store
	for range stores {
		list = append(list, open.must(t, store.Options{
			MaxClockDrift: -1, Namespace: fmt.Sprint("round ", round), CreateNamespace: true,
		}))
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the other one is ready, too
	var spends, uses atomic.Int64
	var wg sync.WaitGroup
	for i := range 32 {
		l := list[i%stores].Ledger()
		try := func(r *verify.Reservation, count *atomic.Int64, refusal verify.Code) {
			switch _, err := l.Reserve(ctx, r); {
			case err == nil:
				count.Add(1)
			default:
				require.ErrorIs(t, err, refusal)
			}
		}
		wg.Go(func() {
			try(Act(fmt.Sprint("spend ", process, " ", i), Noon, 10, 101), &spends, verify.LedgerBudgetExceeded)
		})
		wg.Go(func() {
			r := Act("use", Noon, 1, 1<<30)
			r.Charges[1].Limit, r.Charges[2].Limit = eur(1<<30), eur(1<<30)
			r.Idempotency.Intent += fmt.Sprint(process, i)
			r.Record.Decision = decision(fmt.Sprint("use ", process, i), Noon)
			try(r, &uses, verify.LedgerReplay)
		})
	}
	wg.Wait()
	fmt.Printf("spent %d used %d\n", spends.Load(), uses.Load())
	for _, s := range list {
		require.NoError(t, s.Close())
	}
}
