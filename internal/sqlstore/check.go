package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// mostFound is how many breaches one check tells. The others are counted.
const mostFound = 1000

// check collects what does not hold.
type check struct {
	*work
	found []error
	more  int

	sums map[digest]*sums  // of each account
	lost map[digest]bool   // accounts that are missing, and were told
	gone map[int64]instant // up to when accounts were forgotten, of each namespace

	above map[digest]digest // of each place
}

// sums is what an account says of itself, and what its uses and holds say.
type sums struct {
	born                  int64
	since, gone           instant
	sum, total, has, took verify.Quantity
}

func (c *check) report(format string, args ...any) {
	if len(c.found) == mostFound {
		c.more++
		return
	}
	c.found = append(c.found, fmt.Errorf("%w: "+format, append([]any{store.ErrDamaged}, args...)...))
}

// missing tells of an account that is missing, once.
func (c *check) missing(account digest, who string) {
	if !c.lost[account] {
		c.report("account %x is missing, and %s", account, who)
	}
	c.lost[account] = true
}

// Check implements [store.Store].
func (s *Store) Check(ctx context.Context) error {
	var found []error
	err := s.readingAll(ctx, func(w *work) error {
		c := &check{
			work: w, sums: map[digest]*sums{}, lost: map[digest]bool{}, gone: map[int64]instant{},
			above: map[digest]digest{},
		}
		defer func() {
			if found = c.found; c.more > 0 {
				found = append(found, fmt.Errorf("%w: and %d more", store.ErrDamaged, c.more))
			}
		}()
		for _, part := range []func() error{c.agents, c.places, c.accounts, c.holds, c.totals} {
			if err := part(); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(append(found, err)...)
}

// counted reads a count for each key.
func (c *check) counted(query string) (map[digest]int64, error) {
	counts := map[digest]int64{}
	return counts, c.each(query, nil, func(r Row) error {
		counts[r.digest(0)] = r.Int(1)
		return nil
	})
}

// agents: what an agent has is what is counted for its caps.
func (c *check) agents() error {
	nonces, err := c.counted("SELECT agent, COUNT(*) FROM nonces GROUP BY agent")
	if err != nil {
		return err
	}
	holds, err := c.counted("SELECT agent, COUNT(*) FROM holds GROUP BY agent")
	if err != nil {
		return err
	}
	err = c.each("SELECT agent, nonces, acts FROM agents", nil, func(r Row) error {
		key := r.digest(0)
		if r.Int(1) != nonces[key] || r.Int(2) != holds[key] {
			c.report("agent %x has %d nonces and %d acts, counted are %d and %d", key, nonces[key], holds[key], r.Int(1),
				r.Int(2))
		}
		delete(nonces, key)
		delete(holds, key)
		return nil
	})
	if len(nonces)+len(holds) > 0 {
		c.report("%d agents are not counted", max(len(nonces), len(holds)))
	}
	return err
}

// places: a place has what it and all places below have.
func (c *check) places() error {
	type place struct {
		above                digest
		acts, accounts       int64
		hasActs, hasAccounts int64
	}
	places := map[digest]*place{}
	if err := c.each("SELECT place, above, acts, accounts FROM places", nil, func(r Row) error {
		places[r.digest(0)] = &place{above: r.digest(1), acts: r.Int(2), accounts: r.Int(3)}
		c.above[r.digest(0)] = r.digest(1)
		return nil
	}); err != nil {
		return err
	}
	for query, add := range map[string]func(p *place, n int64){
		"SELECT place, COUNT(*) FROM holds GROUP BY place": func(p *place, n int64) { p.hasActs += n },
		"SELECT place, COUNT(*) FROM nonces WHERE place IS NOT NULL GROUP BY place": func(p *place, n int64) {
			p.hasActs += n
		},
		"SELECT place, COUNT(*) FROM accounts GROUP BY place": func(p *place, n int64) { p.hasAccounts += n },
	} {
		counts, err := c.counted(query)
		if err != nil {
			return err
		}
		for key, n := range counts {
			for key != none {
				p := places[key]
				if p == nil {
					c.report("place %x is missing", key)
					break
				}
				add(p, n)
				key = p.above
			}
		}
	}
	for key, p := range places {
		if p.acts != p.hasActs || p.accounts != p.hasAccounts || p.acts == 0 && p.accounts == 0 {
			c.report("place %x has %d acts and %d accounts, counted are %d and %d", key, p.hasActs, p.hasAccounts, p.acts,
				p.accounts)
		}
	}
	return nil
}

// accounts: the sum of a window is that of its uses, and no use is without account.
func (c *check) accounts() error {
	if err := c.each("SELECT account, born, since, gone, sum, total, base FROM accounts", nil, func(r Row) error {
		c.sums[r.digest(0)] = &sums{
			born: r.Int(1), since: r.instant(2), gone: r.instant(3), sum: quantity(r.Bytes(4)),
			total: quantity(r.Bytes(5)), took: quantity(r.Bytes(6)),
		}
		return nil
	}); err != nil {
		return err
	}
	if err := c.each("SELECT account, at, q3, q2, q1, q0 FROM uses", nil, func(r Row) error {
		a := c.sums[r.digest(0)]
		if a == nil {
			c.missing(r.digest(0), "has uses")
		} else if r.instant(1) >= a.since {
			a.has = a.has.Add(r.limbs(2))
		}
		return nil
	}); err != nil {
		return err
	}
	for key, a := range c.sums {
		if a.sum != a.has && a.sum != beyond {
			c.report("account %x has used %s since %s, its sum is %s", key, a.has, a.since.Time(), a.sum)
		}
	}
	return nil
}

// totals: the total of an account is what its holds count, those that were forgotten
// included.
func (c *check) totals() error {
	for key, a := range c.sums {
		if a.total != a.took && a.total != beyond { // what did not fit is not known any more
			c.report("account %x has used %s in all, its total is %s", key, a.took, a.total)
		}
	}
	return nil
}

// holds: every charge of a hold is in its account, and every intent has a hold.
func (c *check) holds() error {
	if err := c.each("SELECT space, at FROM forgotten WHERE kind = ?", []any{ofAccounts}, func(r Row) error {
		c.gone[r.Int(0)] = r.instant(1)
		return nil
	}); err != nil {
		return err
	}
	for after, more := []byte{}, true; more; {
		var keys []digest
		spaces := map[digest]int64{}
		if err := c.each("SELECT hold, space FROM holds WHERE hold > ? ORDER BY hold"+limit(slice), []any{after},
			func(r Row) error {
				keys = append(keys, r.digest(0))
				spaces[r.digest(0)] = r.Int(1)
				return nil
			}); err != nil {
			return err
		}
		c.work.holds = rows[digest, hold]{}
		if err := fetch(c.work, holdTable, c.work.holds, append([]digest(nil), keys...)); err != nil {
			return err
		}
		for _, key := range keys {
			r, err := load(c.work, holdTable, c.work.holds, key)
			if err != nil {
				return err
			}
			if r == nil {
				c.report("hold %x is listed, and is not found by its key", key)
			} else if err := c.charges(spaces[key], key, &r.now); err != nil {
				return err
			}
			after = append([]byte(nil), key[:]...)
		}
		more = len(keys) == slice
	}
	return c.each("SELECT intent FROM intents WHERE hold NOT IN (SELECT hold FROM holds)", nil, func(r Row) error {
		c.report("intent %x has no hold", r.digest(0))
		return nil
	})
}

func (c *check) charges(space int64, key digest, h *hold) error {
	top := h.place
	for range longestChain {
		if c.above[top] == none {
			break
		}
		top = c.above[top]
	}
	if top != h.root {
		c.report("decision %s has the root %x, that of its place is %x", h.decision, h.root, top)
	}
	gone, forgot := c.gone[space]
	if h.done.Cmp(h.reserved) > 0 {
		c.report("decision %s came to more than was reserved", h.decision)
	}
	for i := range h.charges {
		x := &h.charges[i]
		a := c.sums[x.account]
		want, has := x.counts(h.state, h.done, h.reserved), verify.Quantity{}
		if a == nil || a.born != x.born {
			if !forgot || x.until > gone { // it has not ended, so nothing has forgotten it
				c.missing(x.account, "decision "+h.decision+" has charged it")
			}
			continue
		}
		a.took = a.took.Add(want)
		if x.lifetime || h.at <= a.gone {
			continue
		}
		found, err := c.one("SELECT q3, q2, q1, q0 FROM uses WHERE account = ? AND at = ? AND hold = ?",
			[]any{x.account.value(), int64(h.at), key.value()}, func(r Row) { has = r.limbs(0) })
		if err != nil {
			return err
		}
		if has != want || !found && want != (verify.Quantity{}) {
			c.report("decision %s counts %s against account %x, and %s is there", h.decision, want, x.account, has)
		}
	}
	return nil
}
