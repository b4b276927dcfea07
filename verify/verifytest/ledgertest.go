package verifytest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

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
// Rules about [verify.Reconciler], [verify.UsageReader], [verify.Journal] and
// [verify.Forgetter] are skipped if the ledger is none of these. Run it with
// -race. The test keeps its own time, from November 2026 on, and
// hands it over with every call; the ledger must not look at a clock.
func TestLedger(t *testing.T, fresh func(t testing.TB) verify.Ledger) {
	check(t, fresh, ledgerRules())
}

func ledgerRules() []rule[verify.Ledger] {
	var all []rule[verify.Ledger]
	for _, part := range [][]rule[verify.Ledger]{
		replayRules, intentRules, chargeRules, holdRules, settleRules, clockRules, capRules, readingRules, otherRules,
	} {
		all = append(all, part...)
	}
	return all
}

// noon is when the tests of ledgers begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	rootAccount = "did:example:issuer urn:example:passport:root"
	day         = 24 * time.Hour
)

// reservation is one by the agent "agent" at noon under the passport "root":
// with that nonce, its own intent, for 5 minutes, without charges.
func reservation(nonce string, edits ...func(*verify.Reservation)) *verify.Reservation {
	r := &verify.Reservation{
		At: noon, HoldBy: noon.Add(5 * time.Minute), Chain: []string{rootAccount},
		Caps:   verify.Caps{Nonces: 1000, Acts: 1000, RootActs: 1000, RootAccounts: 1000},
		Replay: verify.ReplayKey{Audience: Audience, Challenge: nonce}, ReplayUntil: noon.Add(5 * time.Minute),
		Idempotency: verify.IdempotencyKey{Audience: Audience, Intent: "urn:example:intent:" + nonce},
		KnownUntil:  noon.Add(day),
		Content:     "content of " + nonce,
		Record: verify.Record{Verdict: verify.Allow, Proven: true, Action: "payments.charge", Audience: Audience,
			Root: rootAccount},
	}
	by("agent")(r)
	for _, edit := range edits {
		edit(r)
	}
	r.Record.At, r.Record.Decision = r.At, decisionID(nonce+" by "+r.Agent.String()+" at "+r.Replay.Audience)
	sortCharges(r)
	return r
}

// sortCharges puts charges in the order that a reservation promises.
func sortCharges(r *verify.Reservation) {
	sort.SliceStable(r.Charges, func(i, k int) bool {
		x, y := &r.Charges[i], &r.Charges[k]
		if root := r.Chain[0]; x.Account != y.Account {
			return x.Account == root || y.Account != root && x.Account < y.Account
		}
		return x.Name < y.Name
	})
}

// decisionOf is the decision that reserved a nonce, usually.
func decisionOf(nonce string) string {
	return decisionID(nonce + " by " + Key("agent").DID().String() + " at " + Audience)
}

// decisionID is the ULID of that decision.
func decisionID(name string) string {
	sum := sha256.Sum256([]byte(name))
	id, _ := ulid.New(ulid.Timestamp(noon), bytes.NewReader(sum[:])) // there are bytes enough
	return id.String()
}

// by gives a reservation that agent.
func by(name string) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		r.Agent = Key(name).DID()
		r.Replay.Agent, r.Idempotency.Agent, r.Record.Agent = r.Agent, r.Agent, r.Agent.String()
	}
}

// at moves a reservation to another instant, with its deadlines.
func at(when time.Time) func(*verify.Reservation) {
	return func(r *verify.Reservation) {
		d := when.Sub(r.At)
		r.At, r.HoldBy, r.ReplayUntil, r.KnownUntil = when, r.HoldBy.Add(d), r.ReplayUntil.Add(d), r.KnownUntil.Add(d)
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
			Account: rootAccount, Name: name, Since: r.At.Add(-time.Hour + 1), Use: verify.Count(n),
			Limit: verify.Count(limit),
			Until: noon.Add(1000 * time.Hour),
		}
		for _, edit := range edits {
			edit(&c)
		}
		if !slices.Contains(r.Chain, c.Account) {
			r.Chain = append(r.Chain, c.Account)
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

// commit and release settle what was held.
func commit(l verify.Ledger, h verify.Held, at time.Time) error {
	return l.Settle(ctx, verify.Settlement{Decision: h.Decision, Outcome: verify.Done, At: at})
}

func release(l verify.Ledger, h verify.Held, at time.Time) error {
	return l.Settle(ctx, verify.Settlement{Decision: h.Decision, Outcome: verify.NotDone, At: at})
}

// forget has a ledger forget what it may, if it can be told to.
func forget(tb testing.TB, l verify.Ledger, before time.Time) {
	tb.Helper()
	if f, ok := l.(verify.Forgetter); ok {
		if err := f.Forget(ctx, before); err != nil {
			tb.Fatalf("Forget = %v, want no error", err)
		}
	}
}

// refuses checks that Reserve, and Peek before it, fail with that code.
func refuses(tb testing.TB, l verify.Ledger, r *verify.Reservation, code verify.Code) {
	tb.Helper()
	refusesWithOneOf(tb, l, r, code)
}

func refusesWithOneOf(tb testing.TB, l verify.Ledger, r *verify.Reservation, codes ...verify.Code) {
	tb.Helper()
	is := func(err error) bool {
		return slices.ContainsFunc(codes, func(c verify.Code) bool { return hasCode(err, c) })
	}
	if err := l.Peek(ctx, r); !is(err) {
		tb.Errorf("Peek(%s) = %v, want %v", r.Replay.Challenge, err, codes)
	}
	other := *r // another decision about the same
	other.Record.Decision = decisionID(r.Record.Decision + " again")
	if h, err := l.Reserve(ctx, &other); !is(err) {
		tb.Errorf("Reserve(%s) = %+v, %v, want %v", r.Replay.Challenge, h, err, codes)
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
