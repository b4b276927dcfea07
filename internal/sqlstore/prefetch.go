package sqlstore

import (
	"slices"

	"github.com/safeconduct/safeconduct/verify"
)

// wanted are the rows that a transaction will read.
type wanted struct {
	agents, nonces, intents, places, accounts []digest

	holds   []digest                                  // and the accounts that they charge
	alone   []digest                                  // holds without those: they are done for what they took
	fresh   struct{ holds, nonces, intents []digest } // they should be new
	windows map[digest]window
	seldom  int // one act of so many forgets old uses
}

// window is from where to where the windows of an account begin in one transaction.
// Uses from before an instant need not be remembered; the zero one: nobody asks.
type window struct{ from, to, before instant }

// reserve adds what a reservation reads.
func (p *wanted) reserve(r *verify.Reservation, k *keys) {
	p.agents, p.fresh.holds = append(p.agents, k.agent), append(p.fresh.holds, k.hold)
	p.fresh.nonces, p.fresh.intents = append(p.fresh.nonces, k.nonce), append(p.fresh.intents, k.intent)
	p.places = append(p.places, k.places...)
	for i := range k.accounts {
		key := k.accounts[i].account
		p.accounts = append(p.accounts, key)
		if since := instantOf(r.Charges[i].Since); !r.Charges[i].Since.IsZero() {
			w, ok := p.windows[key]
			if !ok {
				w = window{from: since, to: since}
			}
			w.from, w.to = min(w.from, since), max(w.to, since)
			if int(k.hold[15])%p.seldom == 0 { // it forgets what so many need not remember
				w.before = since.Add(-grace)
			}
			if p.windows == nil {
				p.windows = map[digest]window{}
			}
			p.windows[key] = w
		}
	}
}

// prefetch reads what jobs want, all of a table at once.
func (w *work) prefetch(jobs []*job) error {
	p := wanted{seldom: w.s.seldom(16)}
	for _, j := range jobs {
		if j.wants != nil {
			j.wants(&p)
		}
	}
	// A group looks at the clock when it is written.
	if w.known == nil && len(p.agents) > 0 && w.engine.Clock != "" && w.s.options.MaxClockDrift > 0 {
		if err := w.ask(w.engine.Clock, nil, func(r Row) error {
			w.clock = r.instant(0)
			return nil
		}); err != nil {
			return err
		}
	}
	return w.fetchAll(&p)
}

// fetchAll reads rows, and then those that they lead to. In a group, what should be new is taken for it until the group
// is written.
func (w *work) fetchAll(p *wanted) error {
	if w.known == nil {
		p.alone, p.nonces = append(p.alone, p.fresh.holds...), append(p.nonces, p.fresh.nonces...)
		p.intents = append(p.intents, p.fresh.intents...)
	} else {
		w.absent.holds = presume(w, holdTable, w.holds, p.fresh.holds, w.absent.holds)
		w.absent.nonces = presume(w, nonceTable, w.nonces, p.fresh.nonces, w.absent.nonces)
		w.absent.intents = presume(w, intentTable, w.intents, p.fresh.intents, w.absent.intents)
	}
	for _, read := range []func() error{
		func() error { return ask(w, agentTable, w.agents, p.agents) },
		func() error { return ask(w, holdTable, w.holds, slices.Concat(p.holds, p.alone)) },
		func() error { return ask(w, nonceTable, w.nonces, p.nonces) },
		func() error { return ask(w, intentTable, w.intents, p.intents) },
		func() error { return ask(w, placeTable, w.places, p.places) },
		func() error { return ask(w, accountTable, w.accounts, p.accounts) },
		func() error {
			if len(p.nonces)+len(p.fresh.nonces) == 0 {
				return nil
			}
			return w.askMarks()
		},
		w.answers,
		func() error { return ask(w, accountTable, w.accounts, w.charged(p.holds)) },
		func() error { return ask(w, holdTable, w.holds, w.earlier(slices.Concat(p.intents, p.fresh.intents))) },
		w.answers,
		func() error { return w.askWindows(p.windows) },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return w.answers()
}

// charged returns the accounts that holds charge.
func (w *work) charged(holds []digest) (accounts []digest) {
	for _, key := range holds {
		if h := w.holds[key]; h != nil {
			accounts = append(accounts, h.now.accounts()...)
		}
	}
	return accounts
}

// earlier returns the holds of intents.
func (w *work) earlier(intents []digest) (holds []digest) {
	for _, key := range intents {
		if i := w.intents[key]; i != nil {
			holds = append(holds, i.now.hold)
		}
	}
	return holds
}

// presume takes for new what is not known, and adds that to what is absent.
func presume[T any](w *work, t *table[digest, T], all rows[digest, T], keys []digest, absent [][]byte) [][]byte {
	for _, key := range keys {
		if _, met := all[key]; met || key == none {
			continue
		}
		all[key] = nil
		now, known := t.image(w.known, key)
		if now != nil {
			all[key] = found(w, *now)
		}
		if !known {
			absent = append(absent, key[:])
		}
	}
	return absent
}

// accounts are those that a hold charges.
func (h *hold) accounts() []digest {
	list := make([]digest, len(h.charges))
	for i := range h.charges {
		list[i] = h.charges[i].account
	}
	return list
}
