package sqlstore

import (
	"slices"
	"sync"

	"github.com/safeconduct/safeconduct/verify"
)

// wanted are the rows that a transaction will read.
type wanted struct {
	agents, nonces, intents, roots, places, accounts []digest
	holds                                            []digest // and the accounts that they charge
	alone                                            []digest // holds without those: new, or done for what they took
	windows                                          map[digest]window
}

// window is from where to where the windows of an account begin in one transaction.
// Uses from before an instant need not be remembered; the zero one: nobody asks.
type window struct{ from, to, before instant }

// reserve adds what a reservation reads.
func (p *wanted) reserve(r *verify.Reservation, k *keys) {
	p.agents, p.alone = append(p.agents, k.agent), append(p.alone, k.hold)
	p.nonces, p.intents = append(p.nonces, k.nonce), append(p.intents, k.intent)
	p.roots, p.places = append(p.roots, k.places[0]), append(p.places, k.places[1:]...)
	for i := range k.accounts {
		key := k.accounts[i].account
		p.accounts = append(p.accounts, key)
		if since := instantOf(r.Charges[i].Since); !r.Charges[i].Since.IsZero() {
			w, ok := p.windows[key]
			if !ok {
				w = window{from: since, to: since}
			}
			w.from, w.to = min(w.from, since), max(w.to, since)
			if k.hold[15]%16 == 0 { // one of sixteen forgets what sixteen need not remember
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
	var p wanted
	for _, j := range jobs {
		if j.wants != nil {
			j.wants(&p)
		}
	}
	if len(p.agents) > 0 {
		if w.engine.Clock != "" && w.s.options.MaxClockDrift > 0 {
			if err := w.ask(w.engine.Clock, nil, func(r Row) error {
				w.clock = r.instant(0)
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return w.fetchAll(&p)
}

// fetchAll reads rows, and what they lead to, and takes their locks in the order in
// which every transaction takes them: agents, which guard their nonces and intents,
// holds, roots, which guard the places below them, accounts, which guard their
// uses. It asks a server once, if that is enough to know the accounts.
func (w *work) fetchAll(p *wanted) error {
	if err := ask(w, agentTable, w.agents, p.agents); err != nil {
		return err
	}
	if err := ask(w, holdTable, w.holds, slices.Concat(p.holds, p.alone)); err != nil {
		return err
	}
	if err := ask(w, nonceTable, w.nonces, p.nonces); err != nil {
		return err
	}
	if err := ask(w, intentTable, w.intents, p.intents); err != nil {
		return err
	}
	if len(p.nonces) > 0 {
		if err := w.askMarks(); err != nil {
			return err
		}
	}
	if err := ask(w, rootTable, w.places, p.roots); err != nil {
		return err
	}
	if err := ask(w, placeTable, w.places, p.places); err != nil {
		return err
	}
	charged, known := w.charged(p.holds, w.engine.Disk)
	if known {
		if err := w.askAccounts(slices.Concat(p.accounts, charged), p.windows); err != nil {
			return err
		}
	}
	if err := w.answers(); err != nil {
		return err
	}
	if !known {
		charged, _ = w.charged(p.holds, true)
		if err := w.askAccounts(slices.Concat(p.accounts, charged), p.windows); err != nil {
			return err
		}
	}
	var earlier []digest
	for _, key := range p.intents {
		if i := w.intents[key]; i != nil && w.holds[i.now.hold] == nil {
			earlier = append(earlier, i.now.hold)
		}
	}
	if err := ask(w, earlierTable, w.earlier, earlier); err != nil {
		return err
	}
	return w.answers()
}

// charged returns the accounts that holds charge; false if that is not known before they
// are read.
func (w *work) charged(holds []digest, read bool) (accounts []digest, known bool) {
	for _, key := range holds {
		list, ok := w.s.charged.of(key)
		if h := w.holds[key]; h != nil {
			list, ok = h.now.accounts(), true
		}
		if !ok && !read {
			return nil, false
		}
		accounts = append(accounts, list...)
	}
	return accounts, true
}

// accounts are those that a hold charges.
func (h *hold) accounts() []digest {
	list := make([]digest, len(h.charges))
	for i := range h.charges {
		list[i] = h.charges[i].account
	}
	return list
}

// charged remembers what accounts the latest holds charge, which never changes. So who
// settles one locks them without reading it before.
type charged struct {
	mu sync.Mutex
	generations[[]digest]
}

func (c *charged) put(hold digest, accounts []digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generations.put(hold, accounts)
}

func (c *charged) of(hold digest) (accounts []digest, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generations.of(hold)
}
