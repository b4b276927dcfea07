package verify

import (
	"context"
	"time"
)

// Step 8, ledger: is it new, and does it fit what was already used? Last, so
// that a refused attempt never uses up a good nonce.
func (r *run) ledger(ctx context.Context) {
	if err := r.reservation(); err != nil {
		r.because(err, InternalError)
		return
	}
	res := r.reserved
	if r.mode != decision {
		if err := r.v.config.Ledger.Peek(ctx, res); err != nil {
			r.overdrawn(err)
		}
		return
	}
	held, err := r.v.config.Ledger.Reserve(ctx, res)
	if err != nil {
		r.overdrawn(err)
		return
	}
	r.held, r.reservedNow = held, true
}

func (r *run) reservation() error {
	// The ledger may hold on to it, so it is no part of the run.
	space := &struct { // one piece of memory
		Reservation
		charges [4]Charge
	}{Reservation: Reservation{
		At: r.now, LiveNonces: r.v.config.Bounds.LiveNonces,
		AcceptRepeat: r.request.AcceptRepeat, HoldBy: r.now.Add(r.v.config.HoldFor),
		Record: r.record(Allow),
	}}
	res := &space.Reservation
	res.Charges = space.charges[:0]
	r.reserved = res
	if r.presentation != nil {
		agent := r.leaf().Agent
		res.Replay = ReplayKey{Agent: agent, Audience: r.request.Audience, Challenge: r.presentation.Proof(0).Challenge}
		res.ReplayUntil = r.intent.ExpiresAt.Add(2 * r.v.config.Skew)
		res.Idempotency = IdempotencyKey{Agent: agent, Audience: r.request.Audience, Intent: r.intent.ID}
		res.Content = r.content
	}
	return r.charges()
}

// record is the decision as the ledger keeps it.
func (r *run) record(verdict Verdict) Record {
	rec := Record{Decision: r.decision.ID, At: r.now, Verdict: verdict, Action: r.request.Action}
	for i := range r.decision.Violations {
		rec.Codes = append(rec.Codes, r.decision.Violations[i].Code)
	}
	if len(r.links) > 0 {
		rec.Passport, rec.Agent = r.leaf().ID, r.leaf().Agent.String()
	}
	return rec
}

// Commit makes the reservation of an allowed decision final: the act was done.
// A decision that was refused or repeated has nothing to commit.
func (d *Decision) Commit(ctx context.Context) error {
	if d.hold.id == "" {
		return nil
	}
	return d.hold.ledger.Commit(ctx, d.hold.id, d.hold.now())
}

// Release gives back what an allowed decision has reserved: the act was not
// done. The nonce stays used; the same intent may be asked for again.
func (d *Decision) Release(ctx context.Context) error {
	if d.hold.id == "" {
		return nil
	}
	return d.hold.ledger.Release(ctx, d.hold.id, d.hold.now())
}

// heldIn is where the reservation of a decision is kept.
type heldIn struct {
	ledger Ledger
	id     string
	now    func() time.Time
}
