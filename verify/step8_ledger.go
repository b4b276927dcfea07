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
		if err := r.peek(ctx, res); err != nil {
			r.overdrawn(err)
		}
		return
	}
	held, err := r.reserve(ctx, res)
	switch {
	case err != nil:
		r.overdrawn(err)
	case held.Repeated && !r.request.AcceptRepeat:
		// The caller does not look for a repetition, and would do the act again.
		r.add(Violation{
			Code: LedgerRepeated, Detail: "the ledger says that the act was decided before", Actual: held.Decision,
		})
	default:
		r.held, r.reservedNow = held, true
	}
}

func (r *run) peek(ctx context.Context, res *Reservation) (err error) {
	defer caught("the ledger", &err)
	return r.v.config.Ledger.Peek(ctx, res)
}

func (r *run) reserve(ctx context.Context, res *Reservation) (held Held, err error) {
	defer caught("the ledger", &err)
	return r.v.config.Ledger.Reserve(ctx, res)
}

func (r *run) reservation() error {
	// The ledger may keep it, so it is not part of the run. It is written where it is: copies of it,
	// and of its pointers, would take as long as the rest.
	res, leaf := r.roomForBill(), r.leaf()
	r.reserved = res
	res.At, res.Agent, res.HoldBy = r.now, leaf.Agent, r.now.Add(r.v.config.HoldFor)
	res.AcceptRepeat = r.request.AcceptRepeat
	b := &r.v.config.Bounds
	res.Caps = Caps{Nonces: b.LiveNonces, Acts: b.AgentActs, RootActs: b.RootActs, RootAccounts: b.RootAccounts}
	r.record(&res.Record, Allow)
	if f := r.foreign; f != nil && f.Intent == nil && f.Signed() {
		res.Replay = ReplayKey{Agent: leaf.Agent, Audience: r.request.Audience, Challenge: f.Nonce}
		res.ReplayUntil = f.Ends.Add(2 * r.v.config.Skew)
		res.Issued, res.Skew = f.Made, r.v.config.Skew
	}
	if r.intent != nil {
		res.Replay = ReplayKey{Agent: leaf.Agent, Audience: r.request.Audience, Challenge: r.nonce()}
		res.ReplayUntil = r.intent.ExpiresAt.Add(2 * r.v.config.Skew)
		res.Issued, res.Skew = r.intent.IssuedAt, r.v.config.Skew
		res.KnownUntil = res.ReplayUntil.Add(r.v.config.KnowIntents)
		res.Idempotency = IdempotencyKey{Agent: leaf.Agent, Audience: r.request.Audience, Intent: r.intent.ID}
		res.Content = r.content
	}
	return r.makeBill()
}

// took is how long the decision has taken up to the last step that ended.
func (r *run) took() time.Duration {
	return max(r.began.Sub(r.started), 0)
}

// record writes the decision as the ledger keeps it.
func (r *run) record(rec *Record, verdict Verdict) {
	q := &r.request
	rec.Decision, rec.At, rec.Verdict = r.decision.ID, r.now, verdict
	rec.Audience, rec.Action, rec.Resource, rec.Amount = q.Audience, q.Action, q.Resource, q.Amount
	rec.Took, rec.Scored, rec.Score = r.took(), r.scored, r.score
	rec.Proven = r.decision.Steps[3].Outcome == Passed
	for i := range r.decision.Violations {
		rec.Codes = append(rec.Codes, r.decision.Violations[i].Code)
	}
	if len(r.links) > 0 {
		rec.Passport, rec.Agent = r.leaf().ID, r.leaf().Agent.String()
		if verdict != Allow { // else charges have it
			p := r.links[0].passport
			root := naming{passport: p, anchor: p.Issuer}
			rec.Root = root.named()
		}
	}
	if r.intent != nil {
		rec.Intent = r.intent.ID
	}
}
