package ledgermodel

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Noon is when every play begins.
var Noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// Play makes calls at random, for few agents under few roots, so that they meet.
// It does not come back to what has ended: that may be forgotten or not. Plays of
// different names have nothing in common. Make it with [NewPlay].
type Play struct {
	*rand.Rand
	Now    time.Time
	Agents []did.DID

	name  string
	n     int
	taken []*verify.Reservation
	again map[string]bool // decisions that repeat an earlier one, and hold nothing
}

// NewPlay returns a play of that seed.
func NewPlay(name string, seed uint64) *Play {
	p := &Play{Rand: rand.New(rand.NewPCG(seed, 1)), Now: Noon, name: name, again: map[string]bool{}}
	for i := range 5 {
		p.Agents = append(p.Agents, did.MustParse(fmt.Sprintf("did:web:%sagent-%d.example", name, i)))
	}
	return p
}

// era is the time of some accounts.
const era = 50 * time.Hour

func (p *Play) era() (name string, end time.Time) {
	n := p.Now.Sub(Noon) / era
	return fmt.Sprint(p.name, "era ", int(n), " "), Noon.Add((n + 1) * era)
}

// Chance is true that often.
func (p *Play) Chance(percent int) bool { return p.IntN(100) < percent }

// Advance lets some time go by: from a nanosecond to hours, mostly little.
func (p *Play) Advance() time.Duration {
	return []time.Duration{1, time.Second, time.Minute, 20 * time.Minute, 9 * time.Hour}[min(p.IntN(5), p.IntN(5))]
}

// Next returns a name that was not there before.
func (p *Play) Next(of string) string {
	p.n++
	return fmt.Sprint(p.name, of, " ", p.n)
}

// Took tells the play of a reservation that was taken, perhaps as a repetition.
func (p *Play) Took(r *verify.Reservation, repeated bool) {
	if repeated {
		p.again[r.Record.Decision] = true
	}
	if p.taken = append(p.taken, r); len(p.taken) > 1000 {
		p.taken = append(p.taken[:0], p.taken[900:]...)
	}
}

// Recent returns one of the newest reservations that were taken, nil if there is
// none of the last hours.
func (p *Play) Recent(of int) *verify.Reservation {
	if len(p.taken) == 0 {
		return nil
	}
	r := p.taken[max(0, len(p.taken)-1-p.IntN(of))]
	if p.Now.Sub(r.At) > 20*time.Hour {
		return nil
	}
	return r
}

func usd(cents int) verify.Money {
	return passport.MustMoney(fmt.Sprintf("%d.%02d", cents/100, cents%100), "USD")
}

// limit has one kind of window for each name.
func (p *Play) limit(account string, use verify.Quantity, rate bool) verify.Charge {
	k := p.IntN(4)
	c := verify.Charge{Account: account, Name: fmt.Sprint("limit ", k, rate), Rate: rate, Use: use,
		Limit: verify.AmountOf(usd(1500))}
	_, end := p.era()
	c.Until = end.Add(time.Duration(p.IntN(3)) * time.Hour)
	if rate {
		c.Limit = verify.Count(6)
	}
	if k > 0 {
		c.Since = p.Now.Add(-[]time.Duration{time.Minute, time.Hour, 6 * time.Hour}[k-1] + 1)
	}
	return c
}

// Charges returns limits of the roots, to ask what is used of them.
func (p *Play) Charges() (list []verify.Charge) {
	name, _ := p.era()
	for range 5 {
		list = append(list, p.limit(fmt.Sprint(name, "root ", p.IntN(2)), verify.Quantity{}, p.Chance(50)))
	}
	return list
}

// Reservation returns one. Fresh says that its decision is a new one.
func (p *Play) Reservation() (r *verify.Reservation, fresh bool) {
	agent, decision := p.Agents[p.IntN(len(p.Agents))], p.Next("decision")
	r = &verify.Reservation{
		At: p.Now, Agent: agent, HoldBy: p.Now.Add(time.Duration(1+p.IntN(600)) * time.Second),
		Caps: verify.Caps{Nonces: 8, Acts: 60, RootActs: 150, RootAccounts: 12},
	}
	fresh = true
	// What has a hold has its name for itself; of what has none only the caller says so.
	if old := p.Recent(5); old != nil && p.Chance(5) && !p.again[old.Record.Decision] {
		decision, fresh = old.Record.Decision, false
	}
	r.Record = verify.Record{Decision: decision, At: p.Now, Verdict: verify.Allow, Agent: agent.String(), Proven: true}
	if p.Chance(80) {
		r.Record.Amount = usd(p.IntN(400))
	}
	name, _ := p.era()
	r.Chain = []string{fmt.Sprint(name, "root ", p.IntN(2))}
	for p.Chance(40) && len(r.Chain) < 4 {
		// What is delegated names its parent, and so has one root.
		r.Chain = append(r.Chain, fmt.Sprint(r.Chain[0], " ", len(r.Chain), " link ", p.IntN(3)))
	}
	r.Record.Root = r.Chain[0]
	if p.Chance(90) {
		r.Replay = verify.ReplayKey{Agent: agent, Audience: "shop", Challenge: fmt.Sprint(p.n)}
		r.ReplayUntil = p.Now.Add(time.Duration(p.IntN(300)) * time.Second)
		r.Idempotency = verify.IdempotencyKey{Agent: agent, Audience: "shop", Intent: fmt.Sprint(p.IntN(60))}
		r.KnownUntil = r.ReplayUntil.Add(time.Duration(p.IntN(3)) * time.Hour)
		if old := p.Recent(20); old != nil && p.Chance(10) && !old.ReplayUntil.Before(p.Now) {
			r.Replay.Challenge, r.ReplayUntil = old.Replay.Challenge, old.ReplayUntil
		}
		r.Content, r.AcceptRepeat = fmt.Sprint("content ", p.IntN(2)), p.Chance(50)
	}
	for _, account := range r.Chain {
		for i := range p.IntN(3) {
			use := verify.AmountOf(r.Record.Amount)
			if i == 1 {
				use = verify.Count(int64(p.IntN(3)))
			}
			r.Charges = append(r.Charges, p.limit(account, use, i == 1))
		}
	}
	sort.Slice(r.Charges, func(i, k int) bool {
		x, y := &r.Charges[i], &r.Charges[k]
		if root := r.Chain[0]; x.Account != y.Account {
			return x.Account == root || y.Account != root && x.Account < y.Account
		}
		return x.Name < y.Name
	})
	return r, fresh
}

// Settlement returns one, mostly of a reservation that was taken.
func (p *Play) Settlement() verify.Settlement {
	s := verify.Settlement{Decision: p.name + "no such", Outcome: verify.ActOutcome(p.IntN(3)), At: p.Now}
	if r := p.Recent(40); r != nil {
		s.Decision = r.Record.Decision
	}
	if p.Chance(40) {
		s.Amount = usd(p.IntN(400))
	}
	if p.Chance(40) {
		s.By = "operator"
	}
	return s
}
