package sqlstore

// wanted are the rows that a transaction will read.
type wanted struct {
	agents, nonces, intents, holds, roots, places, accounts []digest
}

// reserve adds what a reservation reads.
func (p *wanted) reserve(k *keys) {
	p.agents, p.holds = append(p.agents, k.agent), append(p.holds, k.hold)
	p.nonces, p.intents = append(p.nonces, k.nonce), append(p.intents, k.intent)
	p.roots, p.places = append(p.roots, k.places[0]), append(p.places, k.places[1:]...)
	for i := range k.accounts {
		p.accounts = append(p.accounts, k.accounts[i].account)
	}
}

// prefetch reads what jobs want, all of a table at once.
func (w *work) prefetch(jobs []*job) error {
	var p wanted
	reserves := false
	for _, j := range jobs {
		if j.wants != nil {
			j.wants(&p)
			reserves = reserves || len(p.agents) > 0
		}
	}
	if w.engine.Clock != "" && w.s.options.MaxClockDrift > 0 && reserves {
		if _, err := w.one(w.engine.Clock, nil, func(r Row) { w.clock = r.instant(0) }); err != nil {
			return err
		}
	}
	return w.fetchAll(&p)
}

// fetchAll reads rows, and what they lead to, and takes their locks in the order in
// which every transaction takes them: agents, which guard their nonces and intents,
// holds, roots, which guard the places below them, accounts, which guard their
// uses.
func (w *work) fetchAll(p *wanted) error {
	if err := fetch(w, agentTable, w.agents, p.agents); err != nil {
		return err
	}
	if err := fetch(w, holdTable, w.holds, p.holds); err != nil {
		return err
	}
	if err := fetch(w, nonceTable, w.nonces, p.nonces); err != nil {
		return err
	}
	if err := fetch(w, intentTable, w.intents, p.intents); err != nil {
		return err
	}
	var earlier []digest
	for _, key := range p.intents {
		if i := w.intents[key]; i != nil {
			earlier = append(earlier, i.now.hold)
		}
	}
	if err := fetch(w, holdTable, w.holds, earlier); err != nil {
		return err
	}
	if err := fetch(w, rootTable, w.places, p.roots); err != nil {
		return err
	}
	if err := fetch(w, placeTable, w.places, p.places); err != nil {
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
	return fetch(w, accountTable, w.accounts, accounts)
}
