package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// victims names the round of a process that is killed, and the number of its first acts.
const victims = "SAFECONDUCT_STORETEST_ROUND"

const (
	workers = 4
	limit   = 600    // of an hour: some acts are refused
	between = 5 * 60 // acts of each worker that there might be between two rounds: ten minutes
	patient = 30_000 // attempts while the server is away
)

// Crash kills a process that acts, again and again, and looks at what is left: what
// was acknowledged is there, to the unit, and no limit was passed. STO-01.
//
// open opens the store, in this process and in the other one, which is this test
// again. kill, if there is one, does some harm to the server in every other round,
// while the other process goes on.
func Crash(t *testing.T, rounds int, open Open, kill func(t testing.TB)) {
	if text := os.Getenv(victims); text != "" {
		var round, first int
		_, err := fmt.Sscan(text, &round, &first)
		require.NoError(t, err)
		act(t, open.must(t, store.Options{MaxClockDrift: -1}), round, first)
		return
	}
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	if os.Getenv("SAFECONDUCT_LONG") == "" {
		rounds = min(rounds, 15)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	open.must(t, store.Options{MaxClockDrift: -1}).Close()
	o := oracle{}
	for round := range rounds {
		// Refused acts are quick, and a worker may have got far ahead of the clock of its
		// round. Time does not go back: what ended has been forgotten, and then nothing
		// from before is good.
		lines := crash(t, fmt.Sprint(round, " ", o.last+between), 1+rng.IntN(60), func() {
			if kill != nil && round%2 == 1 {
				kill(t)
			}
		})
		use(t, open, store.Options{}, func(s store.Store) { o.look(t, s, round, lines) })
	}
	require.Greater(t, o.acknowledged, rounds, "hardly anything was acknowledged")
	t.Logf("%d rounds, %d acknowledged", rounds, o.acknowledged)
}

// crash runs a victim until it has said so many lines that something is
// acknowledged, and kills it. It returns all lines.
func crash(t testing.TB, round string, after int, meanwhile func()) (lines []string) {
	t.Helper()
	alive, cancel := context.WithTimeout(ctx, 3*time.Minute) // else it hangs
	defer cancel()
	cmd := exec.CommandContext(alive, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v=false")
	cmd.Env = append(os.Environ(), fmt.Sprint(victims, "=", round))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	acknowledged := 0
	for scan := bufio.NewScanner(out); scan.Scan(); {
		lines = append(lines, scan.Text())
		if word, _, _ := strings.Cut(scan.Text(), " "); word != "reserved" && word != "settled" && word != "done" {
			continue
		}
		if acknowledged++; acknowledged == max(after/2, 1) {
			meanwhile()
		}
		if acknowledged == after {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // it was killed
	require.GreaterOrEqual(t, acknowledged, after, "it ended by itself:\n%s", strings.Join(lines, "\n"))
	return lines
}

// step is the act number i of a worker in a round. The numbers go on from round to
// round, and with them the time.
type step struct{ round, worker, i int }

func (s step) String() string { return fmt.Sprintf("%d %d %d", s.round, s.worker, s.i) }

func (s step) act() *verify.Reservation {
	at := Noon.Add(time.Duration(s.i*workers+s.worker) * 500 * time.Millisecond)
	r := Act(s.String(), at, s.units(), limit)
	r.Charges[2].Limit = eur(1 << 40) // the lifetime's
	return r
}

func (s step) units() int64 { return int64(2 + 2*((s.i*7+s.worker)%5)) }

// settlement returns what becomes of the act; ok is false if it is left open.
func (s step) settlement() (set verify.Settlement, ok bool) { return s.outcome(s.act()), s.i%4 != 3 }

// outcome is what becomes of the reservation of a step.
func (s step) outcome(r *verify.Reservation) verify.Settlement {
	set := verify.Settlement{Decision: r.Record.Decision, At: r.At, Outcome: verify.Done}
	switch s.i % 4 {
	case 1:
		set.Outcome = verify.NotDone
	case 2:
		set.Amount = passport.MustMoney(fmt.Sprintf("%d.00", s.units()/2), "EUR")
	}
	return set
}

// act acts, and says what it tries and what was acknowledged, until it is killed.
func act(t testing.TB, s store.Store, round, first int) {
	var mu sync.Mutex
	say := func(what string, s step) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, s)
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := first; ; i++ {
				a := step{round, w, i}
				say("trying", a)
				_, err := s.Ledger().Reserve(ctx, a.act())
				for n := 0; n < patient && errors.Is(err, verify.LedgerUnavailable); n++ { // the server was killed
					time.Sleep(5 * time.Millisecond)
					_, err = s.Ledger().Reserve(ctx, a.act())
				}
				switch {
				case err == nil:
					say("reserved", a)
				case errors.Is(err, verify.LedgerBudgetExceeded):
					say("refused", a)
					continue
				case errors.Is(err, verify.LedgerReplay): // the answer was lost, and the act is there
					continue
				default:
					say(strings.ReplaceAll(err.Error(), " ", "_"), a)
					return
				}
				if set, ok := a.settlement(); ok && s.Ledger().Settle(ctx, set) == nil {
					say("settled", a)
				}
			}
		})
	}
	wg.Wait()
}

// oracle knows what must be there.
type oracle struct {
	acknowledged int
	last         int // the greatest number of an act
	used         map[step]verify.Quantity
}

func (o *oracle) look(t testing.TB, s store.Store, round int, lines []string) {
	t.Helper()
	require.NoError(t, s.Check(ctx))
	said := map[step]string{}
	var latest time.Time
	for _, line := range lines {
		var what string
		var a step
		if n, _ := fmt.Sscan(line, &what, &a.round, &a.worker, &a.i); n == 4 && a.round == round {
			said[a] = what
			o.last = max(o.last, a.i)
		}
	}
	if o.used == nil {
		o.used = map[step]verify.Quantity{}
	}
	for a, what := range said {
		r := a.act()
		e, err := s.Ledger().Entry(ctx, r.Record.Decision)
		there := err == nil
		if !there {
			require.ErrorIs(t, err, verify.ErrUnknownDecision)
		}
		set, settles := a.settlement()
		switch what {
		case "refused":
			require.False(t, there, "%s was refused, and is there", a)
		case "reserved":
			require.True(t, there, "%s was acknowledged, and is not there", a)
			o.acknowledged++
		case "settled":
			require.True(t, there, "%s was acknowledged, and is not there", a)
			require.Equal(t, state(set), e.State, "%s", a)
			o.acknowledged += 2
		}
		other := *r
		other.Record.Decision += "2"
		again := s.Ledger().Peek(ctx, &other)
		if there {
			// It may have been forgotten by now, but never be good again.
			require.True(t, errors.Is(again, verify.LedgerReplay) || errors.Is(again, verify.LedgerUnavailable),
				"the presentation of %s: %v", a, again)
		} else {
			require.NotErrorIs(t, again, verify.LedgerReplay, "the presentation of %s", a)
		}
		if !there {
			continue
		}
		want := verify.AmountOf(r.Record.Amount)
		switch e.State {
		case verify.HoldGivenBack:
			require.Equal(t, verify.NotDone, set.Outcome)
			want = verify.Quantity{}
		case verify.HoldSpent:
			require.True(t, settles)
			if !set.Amount.IsZero() {
				want = verify.AmountOf(set.Amount)
			}
		default:
			require.Equal(t, verify.HoldOpen, e.State)
		}
		require.Equal(t, want, e.Done, "%s", a)
		o.used[a] = want
		if r.At.After(latest) {
			latest = r.At
		}
	}
	if latest.IsZero() {
		return
	}
	var hour, life verify.Quantity
	for a, q := range o.used {
		if life = life.Add(q); a.act().At.After(latest.Add(-time.Hour)) {
			hour = hour.Add(q)
		}
	}
	gotHour, gotLife, err := spent(s.Ledger(), latest)
	require.NoError(t, err)
	require.Equal(t, hour, gotHour, "of the hour")
	require.Equal(t, life, gotLife, "of the lifetime")
	require.LessOrEqual(t, hour.Cmp(eur(limit)), 0, "the limit was passed")
}

func state(s verify.Settlement) verify.HoldState {
	if s.Outcome == verify.NotDone {
		return verify.HoldGivenBack
	}
	return verify.HoldSpent
}
