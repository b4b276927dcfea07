package sqlstore

import "github.com/safeconduct/safeconduct/verify"

// wanted are the rows that a transaction will read.
type wanted struct {
	agents, nonces, intents, holds, roots, places, accounts []digest
	windows                                                 map[digest]window
}

// window is from where to where the windows of an account begin in one transaction.
type window struct{ from, to instant }

// reserve adds what a reservation reads.
func (p *wanted) reserve(r *verify.Reservation, k *keys) {
	p.agents, p.holds = append(p.agents, k.agent), append(p.holds, k.hold)
	p.nonces, p.intents = append(p.nonces, k.nonce), append(p.intents, k.intent)
	p.roots, p.places = append(p.roots, k.places[0]), append(p.places, k.places[1:]...)
	for i := range k.accounts {
		key := k.accounts[i].account
		p.accounts = append(p.accounts, key)
		if since := instantOf(r.Charges[i].Since); !r.Charges[i].Since.IsZero() {
			w, ok := p.windows[key]
			if !ok {
				w = window{since, since}
			}
			if p.windows == nil {
				p.windows = map[digest]window{}
			}
			p.windows[key] = window{min(w.from, since), max(w.to, since)}
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
// uses.
func (w *work) fetchAll(p *wanted) error {
	if err := ask(w, agentTable, w.agents, p.agents); err != nil {
		return err
	}
	if err := ask(w, holdTable, w.holds, p.holds); err != nil {
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
	if err := w.flush(); err != nil {
		return err
	}
	var earlier []digest
	for _, key := range p.intents {
		if i := w.intents[key]; i != nil {
			earlier = append(earlier, i.now.hold)
		}
	}
	if err := ask(w, holdTable, w.holds, earlier); err != nil {
		return err
	}
	if err := ask(w, rootTable, w.places, p.roots); err != nil {
		return err
	}
	if err := ask(w, placeTable, w.places, p.places); err != nil {
		return err
	}
	accounts := p.accounts
	for _, key := range p.holds {
		if h := w.holds[key]; h != nil {
			for i := range h.now.charges {
				accounts = append(accounts, h.now.charges[i].account)
			}
		}
	}
	if err := ask(w, accountTable, w.accounts, accounts); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	for key, beginnings := range p.windows {
		if err := w.askSpan(key, beginnings); err != nil {
			return err
		}
	}
	return w.flush()
}
