package verifytest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/safeconduct/safeconduct/verify"
)

func twoHandles(tb testing.TB, d *durable) {
	d.with(tb, func(a verify.Ledger) {
		d.with(tb, func(b verify.Ledger) {
			h := mustReserve(tb, a, reservation("one", intent("id", "buy bread"), pays("60.00", "100")))
			refuses(tb, b, reservation("one", intent("other", "other content")), verify.LedgerReplay)
			refuses(tb, b, reservation("two", intent("id", "buy bread")), verify.LedgerRepeated)
			refuses(tb, b, reservation("two", pays("40.01", "100")), verify.LedgerBudgetExceeded)
			settles(tb, "NotDone by the other", release(b, h, noon))
			settled(tb, "Done after that", commit(a, h, noon))
			leaves(tb, a, noon, "100.00")

			h = mustReserve(tb, a, reservation("done", pays("60.00", "100")))
			settles(tb, "Done", commit(a, h, noon))
			settled(tb, "NotDone by the other, after Done", release(b, h, noon))
			leaves(tb, b, noon, "40.00")
			settles(tb, "a refund", a.Settle(ctx, says(h, verify.Done, noon, forAmount(usd("0")), named)))
			leaves(tb, b, noon, "100.00")
			if j, ok := b.(verify.Journal); ok {
				refused := reservation("refused", recorded(verify.Deny, verify.ProofInvalid)).Record
				settles(tb, "Record", a.Record(ctx, refused))
				wants(tb, "the other's record of a refusal", entry(tb, j, refused.Decision).Record, refused)
			}

			either := func(i int) verify.Ledger { return []verify.Ledger{a, b}[i%2] }
			var nonces, spends atomic.Int64
			together(race, func(i int) {
				r := reservation("at once")
				r.Record.Decision = decisionID(fmt.Sprint("at once ", i))
				r.Idempotency.Intent += fmt.Sprint(i)
				if _, err := either(i).Reserve(ctx, r); err == nil {
					nonces.Add(1)
				}
			})
			together(race, func(i int) {
				if _, err := either(i).Reserve(ctx, reservation(fmt.Sprint("spend ", i),
					uses("at once", 10, 100))); err == nil {
					spends.Add(1)
				}
			})
			if nonces.Load() != 1 || spends.Load() != 10 {
				tb.Errorf("of %d at once %d used one nonce, want 1, and %d spent 10 of 100, want 10", race,
					nonces.Load(), spends.Load())
			}
		})
	})
}

// The environment of the process that is killed.
const (
	victimsPlace = "SAFECONDUCT_VERIFYTEST_VICTIMS_PLACE"
	victimsName  = "SAFECONDUCT_VERIFYTEST_VICTIMS_NAME"
)

// steps are what the victim does with its act i: reserve, and settle two of three.
func steps(i int) []verify.ActOutcome {
	return [][]verify.ActOutcome{{verify.Done}, {verify.NotDone}, nil}[i%3]
}

func victimsAct(name string, i int) *verify.Reservation {
	return reservation(fmt.Sprint(name, " act ", i), uses("money", 1, 1<<40), func(r *verify.Reservation) {
		r.Caps = verify.Caps{Nonces: 1 << 30, Acts: 1 << 30, RootActs: 1 << 30, RootAccounts: 1 << 30}
	})
}

// acknowledged begins a line of the victim's.
const acknowledged = "acknowledged "

// victim acts, and prints a line after each call that has returned, until its
// process is killed.
func victim(tb testing.TB, l DurableLedger) {
	name := os.Getenv(victimsName)
	for i := range 1_000_000 {
		h := mustReserve(tb, l, victimsAct(name, i))
		fmt.Println(acknowledged+"reserved", i)
		for _, outcome := range steps(i) {
			settles(tb, "Settle", l.Settle(ctx, says(h, outcome, noon)))
			fmt.Println(acknowledged+"settled", i)
		}
	}
}

// kill starts a victim, kills it after so many acknowledgements, and returns how
// many there were.
func (d *durable) kill(tb testing.TB, name string, after int) int {
	tb.Helper()
	cmd := exec.Command(os.Args[0], "-test.run="+pattern(d.test), "-test.v=false")
	cmd.Env = append(os.Environ(), victimsPlace+"="+d.place, victimsName+"="+name)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatalf("starting a second process: %v", err)
	}
	n := 0
	var said strings.Builder
	lines := bufio.NewScanner(io.TeeReader(out, &said))
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), acknowledged) {
			continue
		}
		if n++; n == after {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // it was killed
	if n < after {
		tb.Fatalf("the second process acknowledged %d calls of %d and ended by itself:\n%s", n, after, said.String())
	}
	return n
}

func killed(tb testing.TB, d *durable) {
	var used int64 // of the budget, as far as it is known
	d.with(tb, func(before verify.Ledger) {
		for round := range d.rounds {
			name := fmt.Sprint("round ", round)
			left := d.kill(tb, name, 1+(round*7)%23)
			d.with(tb, func(l verify.Ledger) {
				used = d.survived(tb, l, name, left, used)
				spent(tb, before, used) // the handle that was open all the time
			})
		}
	})
}

// survived checks what is left of a victim's acts, of whose calls so many were
// acknowledged; used is what was used before it.
func (d *durable) survived(tb testing.TB, l verify.Ledger, name string, acknowledged int, used int64) int64 {
	tb.Helper()
	settledSo := func(i int, outcome verify.ActOutcome) {
		h := verify.Held{Decision: victimsAct(name, i).Record.Decision}
		settles(tb, "the same settlement again", l.Settle(ctx, says(h, outcome, noon)))
		settled(tb, "another settlement", l.Settle(ctx, says(h, verify.Done+verify.NotDone-outcome, noon)))
	}
	for i := 0; ; i++ {
		r := victimsAct(name, i)
		if acknowledged == 0 { // Reserve was cut short: all or nothing
			taken := hasCode(l.Peek(ctx, again(r)), verify.LedgerReplay)
			if taken {
				used++
			}
			if j, ok := l.(verify.Journal); ok {
				if _, err := j.Entry(ctx, r.Record.Decision); (err == nil) != taken {
					tb.Errorf("act %d: its nonce was taken: %v, and Entry = %v", i, taken, err)
				}
			}
			return spent(tb, l, used)
		}
		acknowledged--
		used++
		if err := l.Peek(ctx, again(r)); !hasCode(err, verify.LedgerReplay) {
			tb.Fatalf("act %d was acknowledged, and its presentation may be used again: Peek = %v", i, err)
		}
		for _, outcome := range steps(i) {
			cut := acknowledged == 0
			if outcome == verify.NotDone {
				used--
			}
			if cut { // it may be said again
				settles(tb, "Settle again", l.Settle(ctx, says(verify.Held{Decision: r.Record.Decision}, outcome,
					noon)))
				return spent(tb, l, used)
			}
			acknowledged--
			settledSo(i, outcome)
		}
	}
}

// again is another decision on the same presentation.
func again(r *verify.Reservation) *verify.Reservation {
	other := *r
	other.Record.Decision = decisionID(r.Record.Decision + " again")
	return &other
}

// spent checks how much of the victims' budget is used, and returns it.
func spent(tb testing.TB, l verify.Ledger, used int64) int64 {
	tb.Helper()
	const limit = 1 << 40
	fits := func(n int64) bool {
		return l.Peek(ctx, reservation("probe", uses("money", n, limit))) == nil
	}
	if !fits(limit-used) || fits(limit-used+1) {
		tb.Errorf("of the budget other than %d are used: what was acknowledged, and all or nothing of what was cut short", used)
	}
	return used
}
