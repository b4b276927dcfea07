package verifytest

import (
	"errors"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// TestLedger tests that an implementation of [verify.Ledger] keeps its rules.
// fresh returns an empty ledger and is called once per rule; use t.Cleanup to
// close it and t.TempDir for its files. What fails is explained.
//
//	func TestMyLedger(t *testing.T) {
//		verifytest.TestLedger(t, func(t testing.TB) verify.Ledger { return open(t, t.TempDir()) })
//	}
//
// Run it with -race. The test keeps its own time, from November 2026 on, and
// hands it over with every call; the ledger must not look at a clock.
func TestLedger(t *testing.T, fresh func(t testing.TB) verify.Ledger) {
	check(t, fresh, ledgerRules())
}

func ledgerRules() []rule[verify.Ledger] {
	var all []rule[verify.Ledger]
	for _, part := range [][]rule[verify.Ledger]{replayRules, intentRules, chargeRules, holdRules, otherRules} {
		all = append(all, part...)
	}
	return all
}

// noon is when the tests of ledgers begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// reservation is one by the agent "agent" at noon: with that nonce, its own
// intent, for 5 minutes, without charges.
func reservation(nonce string, edits ...func(*verify.Reservation)) *verify.Reservation {
	agent := Key("agent").DID()
	r := &verify.Reservation{
		At: noon, LiveNonces: 1000, HoldBy: noon.Add(5 * time.Minute),
		Replay: verify.ReplayKey{Agent: agent, Audience: Audience, Challenge: nonce}, ReplayUntil: noon.Add(5 * time.Minute),
		Idempotency: verify.IdempotencyKey{Agent: agent, Audience: Audience, Intent: "urn:example:intent:" + nonce}, Content: "content of " + nonce,
		Record: verify.Record{Decision: "decision of " + nonce, At: noon, Verdict: verify.Allow, Agent: agent.String(), Action: "payments.charge"},
	}
	for _, edit := range edits {
		edit(r)
	}
	r.Record.At = r.At
	return r
}

// at moves a reservation to another instant, with its deadlines.
func at(when time.Time) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		d := when.Sub(r.At)
		r.At, r.HoldBy, r.ReplayUntil = when, r.HoldBy.Add(d), r.ReplayUntil.Add(d)
		for i := range r.Charges {
			if c := &r.Charges[i]; !c.Since.IsZero() {
				c.Since = c.Since.Add(d)
			}
		}
	}
}

// intent gives a reservation that intent and content.
func intent(id, content string) func(*verify.Reservation) {
	return func(r *verify.Reservation) { r.Idempotency.Intent, r.Content = id, content }
}

// uses adds a charge on a budget of the passport "root", over the last hour.
func uses(name string, n, limit int64, edits ...func(*verify.Charge)) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		c := verify.Charge{
			Account: "urn:example:passport:root", Name: name, Since: r.At.Add(-time.Hour + 1), Use: verify.Count(n), Limit: verify.Count(limit),
			Until: noon.Add(1000 * time.Hour),
		}
		for _, edit := range edits {
			edit(&c)
		}
		r.Charges = append(r.Charges, c)
	}
}

// bare makes a reservation for a bare passport, which has neither nonce nor
// intent.
func bare(r *verify.Reservation) {
	r.Replay, r.Idempotency, r.Content = verify.ReplayKey{}, verify.IdempotencyKey{}, ""
}

func mustReserve(tb testing.TB, l verify.Ledger, r *verify.Reservation) verify.Held {
	tb.Helper()
	h, err := l.Reserve(ctx, r)
	if err != nil {
		tb.Fatalf("Reserve(%s) = %v, want no error", r.Replay.Challenge, err)
	}
	return h
}

// refuses checks that Reserve, and Peek before it, fail with that code.
func refuses(tb testing.TB, l verify.Ledger, r *verify.Reservation, code verify.Code) {
	tb.Helper()
	if err := l.Peek(ctx, r); !hasCode(err, code) {
		tb.Errorf("Peek(%s) = %v, want %s", r.Replay.Challenge, err, code)
	}
	if h, err := l.Reserve(ctx, r); !hasCode(err, code) {
		tb.Errorf("Reserve(%s) = %+v, %v, want %s", r.Replay.Challenge, h, err, code)
	}
}

// hasCode reports whether the first reason of err has that code.
func hasCode(err error, code verify.Code) bool {
	all := reasons(err)
	return len(all) > 0 && errors.Is(all[0], code)
}

// reasons takes joined errors apart.
func reasons(err error) (out []error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			out = append(out, reasons(e)...)
		}
		return out
	}
	if err != nil {
		out = append(out, err)
	}
	return out
}
