package verify

import (
	"context"
	"strings"
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
	// The ledger may keep it, so it is not part of the run.
	space := &struct { // one piece of memory
		Reservation
		charges [4]Charge
		chain   [3]string
	}{Reservation: Reservation{
		At: r.now, Agent: r.leaf().Agent, Caps: r.v.caps(),
		AcceptRepeat: r.request.AcceptRepeat, HoldBy: r.now.Add(r.v.config.HoldFor),
		Record: r.record(Allow),
	}}
	res := &space.Reservation
	res.Charges, res.Chain = space.charges[:0], space.chain[:0]
	r.reserved = res
	if f := r.foreign; f != nil && f.Intent == nil && f.Signed() {
		res.Replay = ReplayKey{Agent: r.leaf().Agent, Audience: r.request.Audience, Challenge: f.Nonce}
		res.ReplayUntil = f.Ends.Add(2 * r.v.config.Skew)
		res.Issued, res.Skew = f.Made, r.v.config.Skew
	}
	if r.intent != nil {
		agent := r.leaf().Agent
		res.Replay = ReplayKey{Agent: agent, Audience: r.request.Audience, Challenge: r.nonce()}
		res.ReplayUntil = r.intent.ExpiresAt.Add(2 * r.v.config.Skew)
		res.Issued, res.Skew = r.intent.IssuedAt, r.v.config.Skew
		res.KnownUntil = res.ReplayUntil.Add(r.v.config.KnowIntents)
		res.Idempotency = IdempotencyKey{Agent: agent, Audience: r.request.Audience, Intent: r.intent.ID}
		res.Content = r.content
	}
	return r.makeBill()
}

// caps are the bounds that the ledger keeps.
func (v *Verifier) caps() Caps {
	b := &v.config.Bounds
	return Caps{Nonces: b.LiveNonces, Acts: b.AgentActs, RootActs: b.RootActs, RootAccounts: b.RootAccounts}
}

// took is how long the decision has taken up to the last step that ended.
func (r *run) took() time.Duration {
	return max(r.began.Sub(r.started), 0)
}

// record is the decision as the ledger keeps it.
func (r *run) record(verdict Verdict) Record {
	q := &r.request
	rec := Record{
		Decision: r.decision.ID, At: r.now, Verdict: verdict, Audience: q.Audience, Action: q.Action,
		Resource: q.Resource,
		Amount:   q.Amount, Took: r.took(), Scored: r.scored, Score: r.score,
		Proven: r.decision.Steps[3].Outcome == Passed,
	}
	for i := range r.decision.Violations {
		rec.Codes = append(rec.Codes, r.decision.Violations[i].Code)
	}
	if len(r.links) > 0 {
		rec.Passport, rec.Agent = r.leaf().ID, r.leaf().Agent.String()
		if verdict != Allow { // else charges have it
			parts := accountOf(r.links[0].passport)
			rec.Root = strings.Join(parts[:], "")
		}
	}
	if r.intent != nil {
		rec.Intent = r.intent.ID
	}
	return rec
}
