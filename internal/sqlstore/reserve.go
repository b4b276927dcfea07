package sqlstore

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// reserve is [verify.Ledger.Reserve] in a transaction. refusal is what the caller
// gets; err is the engine's.
func (w *work) reserve(r *verify.Reservation, k *keys) (held verify.Held, refusal, err error) {
	if w.known == nil {
		return w.reserveNow(r, k)
	}
	if len(w.waiting) > 0 && w.waits(k.all()...) {
		return held, nil, w.wait(k.all()...)
	}
	held, refusal, err = w.reserveNow(r, k)
	if refusal != nil || errors.Is(err, errTables) { // the tables say all reasons of a refusal
		return verify.Held{}, nil, w.wait(k.all()...)
	}
	return held, nil, err
}

func (w *work) reserveNow(r *verify.Reservation, k *keys) (held verify.Held, refusal, err error) {
	w.earliestAct, w.latestAct = min(w.earliestAct, instantOf(r.At)), max(w.latestAct, instantOf(r.At))
	if w.clock != 0 {
		if drift := r.At.Sub(w.clock.Time()).Abs(); drift > w.s.options.MaxClockDrift {
			return held, &passport.Error{
				Code: verify.LedgerUnavailable, Detail: "this verifier's clock is far from that of the database server",
				Limit: w.s.options.MaxClockDrift.String(), Actual: drift.Round(time.Millisecond).String(),
				Hint: "set the clocks by NTP; see MaxClockDrift",
			}, nil
		}
	}
	if w.doubt {
		if held, err := w.mine(r, k); held.Decision != "" || err != nil {
			return held, nil, err
		}
	}
	earlier, full, refusal, err := w.judge(r, k)
	if full && err == nil {
		// A cap may be met by what has ended.
		if _, err = w.forget(instantOf(r.At), atMost); err != nil {
			return held, nil, err
		}
		earlier, _, refusal, err = w.judge(r, k)
	}
	if err != nil || refusal != nil {
		return held, refusal, err
	}
	if err = w.remember(r, k, earlier != nil); err != nil {
		return held, nil, err
	}
	if earlier != nil {
		return heldBy(&earlier.now), nil, nil
	}
	return verify.Held{Decision: r.Record.Decision, At: r.At}, nil, w.hold(r, k)
}

func heldBy(h *hold) verify.Held {
	return verify.Held{Repeated: true, Decision: h.decision, At: h.at.Time()}
}

// mine returns what the decision has reserved if its transaction, of which nobody
// knew what had become, was committed; the zero Held if it was not.
func (w *work) mine(r *verify.Reservation, k *keys) (verify.Held, error) {
	h, err := load(w, holdTable, w.holds, k.hold)
	if err != nil {
		return verify.Held{}, err
	}
	if h != nil {
		if h.now.at != instantOf(r.At) || h.now.intent != k.intent || h.now.content != k.content {
			return verify.Held{}, nil // it is another one's
		}
		return verify.Held{Decision: r.Record.Decision, At: r.At}, nil
	}
	n, err := load(w, nonceTable, w.nonces, k.nonce)
	if n == nil || err != nil || n.now.hold != k.hold {
		return verify.Held{}, err
	}
	first, err := w.intentOf(k.intent) // it was a repetition
	if first == nil || err != nil {
		return verify.Held{}, err
	}
	return heldBy(&first.now), nil
}

// judge applies the rules. full says that a cap is met.
func (w *work) judge(r *verify.Reservation, k *keys) (earlier *row[hold], full bool, refusal, err error) {
	if refusal, err = w.used(r, k); refusal != nil || err != nil {
		return nil, false, refusal, err
	}
	if earlier, refusal, err = w.repeats(r, k); refusal != nil || err != nil {
		return nil, false, refusal, err
	}
	refusal, err = w.capped(r, k, earlier != nil)
	if refusal != nil || err != nil || earlier != nil {
		return earlier, refusal != nil, refusal, err
	}
	full, refusal, err = w.overdrawn(r, k)
	return nil, full, refusal, err
}

// used finds out whether the decision or the presentation was reserved before, or
// may have been.
func (w *work) used(r *verify.Reservation, k *keys) (refusal, err error) {
	h, err := load(w, holdTable, w.holds, k.hold)
	if err != nil {
		return nil, err
	}
	if h != nil {
		return ledgerrules.ReservedBefore(), nil
	}
	if k.nonce == none {
		return nil, nil
	}
	n, err := load(w, nonceTable, w.nonces, k.nonce)
	if err != nil {
		return nil, err
	}
	if n != nil {
		return ledgerrules.UsedBefore(), nil
	}
	mark, err := w.mark(ofNonces)
	switch {
	case err != nil:
		return nil, err
	case instantOf(r.ReplayUntil) <= mark:
		return ledgerrules.Forgotten("the presentation", r.ReplayUntil, mark), nil
	}
	return w.restored(r)
}

// repeats returns the hold of the act if it was decided before and that is accepted.
func (w *work) repeats(r *verify.Reservation, k *keys) (earlier *row[hold], refusal, err error) {
	if k.intent == none {
		return nil, nil, nil
	}
	h, err := w.intentOf(k.intent)
	if err != nil {
		return nil, nil, err
	}
	if h == nil {
		mark, err := w.mark(ofIntents)
		if err == nil && instantOf(r.At) <= mark {
			refusal = ledgerrules.TooEarly("the intent", instantOf(r.At), mark)
		}
		return nil, refusal, err
	}
	if h.now.known < instantOf(r.At) {
		return nil, nil, nil
	}
	repeats, refusal := ledgerrules.Repeats(h.now.content == k.content, h.now.state, r.AcceptRepeat)
	if !repeats {
		return nil, refusal, nil
	}
	return h, nil, nil
}

// capped applies [verify.Caps] to all but accounts.
func (w *work) capped(r *verify.Reservation, k *keys, repeated bool) (refusal, err error) {
	a, err := load(w, agentTable, w.agents, k.agent)
	if err != nil {
		return nil, err
	}
	has := agent{}
	if a != nil {
		has = a.now
	}
	if k.nonce != none && has.nonces >= r.Caps.Nonces {
		return ledgerrules.TooManyNonces(r.Caps.Nonces), nil
	}
	if !repeated && has.acts >= r.Caps.Acts {
		return ledgerrules.TooManyActs(r.Caps.Acts), nil
	}
	for i, key := range k.places {
		p, err := load(w, placeTable, w.places, key)
		if err != nil {
			return nil, err
		}
		if cap := r.Caps.Share(r.Caps.RootActs, i); cap <= 0 || p != nil && p.now.acts >= cap {
			return ledgerrules.TooMany("acts", i, cap), nil
		}
	}
	return nil, nil
}

// overdrawn judges the charges, and whether there is room for new accounts.
func (w *work) overdrawn(r *verify.Reservation, k *keys) (full bool, refusal, err error) {
	var errs []error
	opened := make([]int, len(k.places))
	for i := range r.Charges {
		c, key := &r.Charges[i], k.accounts[i]
		a, err := load(w, accountTable, w.accounts, key.account)
		if err != nil {
			return false, nil, err
		}
		var counts verify.Quantity
		lifetime, since := c.Since.IsZero(), instantOf(c.Since)
		if a == nil {
			mark, err := w.mark(ofAccounts)
			if err != nil {
				return false, nil, err
			}
			if instantOf(c.Until) <= mark {
				return false, ledgerrules.Forgotten("the passport", c.Until, mark), nil
			}
			if instantOf(r.At) <= mark {
				return false, ledgerrules.TooEarly("the budget", instantOf(r.At), mark), nil
			}
			for p := range opened[:key.place+1] {
				opened[p]++
			}
		} else {
			if !lifetime && since <= a.now.gone {
				return false, ledgerrules.Forgotten("the window", c.Since, a.now.gone), nil
			}
			if counts, err = w.counts(key.account, a, since, lifetime); err != nil {
				return false, nil, err
			}
		}
		if ledgerrules.Fits(c, counts) {
			continue
		}
		e := &verify.ChargeError{Index: i, Rate: c.Rate}
		if a != nil {
			if e.Used, err = w.usage(key.account, counts, since, lifetime, instantOf(r.At)); err != nil {
				return false, nil, err
			}
			if e.After, err = w.after(key.account, c, counts); err != nil {
				return false, nil, err
			}
		}
		errs = append(errs, e)
	}
	for i, more := range opened {
		p, err := load(w, placeTable, w.places, k.places[i])
		if err != nil {
			return false, nil, err
		}
		has := 0
		if p != nil {
			has = p.now.accounts
		}
		if cap := r.Caps.Share(r.Caps.RootAccounts, i); more > 0 && has+more > cap {
			full, errs = true, append(errs, ledgerrules.TooMany("budgets", i, cap))
			break
		}
	}
	return full, errors.Join(errs...), nil
}

// remember keeps the record, and the replay key if there is one.
func (w *work) remember(r *verify.Reservation, k *keys, repeated bool) error {
	if err := w.give(k.places, 1, 0); err != nil {
		return err
	}
	record := r.Record
	if repeated {
		record.Codes = append(slices.Clip(record.Codes), verify.LedgerRepeated)
	}
	w.record(&record)
	a, err := load(w, agentTable, w.agents, k.agent)
	if err != nil {
		return err
	}
	if a == nil {
		a = add(w.agents, k.agent, agent{})
	}
	if a.changed = true; !repeated {
		a.now.acts++
	}
	if k.nonce == none {
		return nil
	}
	a.now.nonces++
	place := none
	if repeated {
		place = k.places[len(k.places)-1]
	}
	add(w.nonces, k.nonce, nonce{until: instantOf(r.ReplayUntil), agent: k.agent, place: place, hold: k.hold})
	return nil
}

// hold makes the hold, with its charges.
func (w *work) hold(r *verify.Reservation, k *keys) error {
	m := r.Record.Amount
	h := hold{
		decision: r.Record.Decision, at: instantOf(r.At), by: instantOf(r.HoldBy), known: instantOf(r.KnownUntil),
		state: verify.HoldOpen, reserved: verify.AmountOf(m), done: verify.AmountOf(m), currency: m.Currency(),
		decimals: m.Decimals(), content: k.content, intent: k.intent, agent: k.agent, place: k.places[len(k.places)-1],
		root: k.places[0],
	}
	if k.intent != none {
		old, err := w.intentOf(k.intent)
		if err != nil {
			return err
		}
		if old != nil {
			h.known = max(h.known, old.now.known)
		}
		if i, _ := load(w, intentTable, w.intents, k.intent); i != nil { // it was read just now
			i.now.hold, i.changed = k.hold, true
		} else {
			add(w.intents, k.intent, intent{k.hold})
		}
	}
	h.ends = max(h.known, h.by.Add(day))
	for i := range r.Charges {
		c, err := w.book(&r.Charges[i], k, i, &h)
		if err != nil {
			return err
		}
		h.charges = append(h.charges, c)
	}
	add(w.holds, k.hold, h)
	return nil
}

// book counts a use.
func (w *work) book(c *verify.Charge, k *keys, i int, h *hold) (charge, error) {
	key := k.accounts[i]
	a, err := load(w, accountTable, w.accounts, key.account)
	if err != nil {
		return charge{}, err
	}
	until, lifetime := instantOf(c.Until), c.Since.IsZero()
	if a == nil {
		chain := k.places[:key.place+1]
		if err := w.give(chain, 0, 1); err != nil {
			return charge{}, err
		}
		a = add(w.accounts, key.account, account{
			until: until, place: chain[key.place], born: int64(binary.BigEndian.Uint64(k.hold[8:])), since: first, gone: first,
		})
	}
	a.changed, a.now.until, a.now.total = true, max(a.now.until, until), a.now.total.Add(c.Use)
	if !lifetime && h.at >= a.now.since {
		a.now.sum = a.now.sum.Add(c.Use)
	}
	booked := charge{
		account: key.account, born: a.now.born, rate: c.Rate, lifetime: lifetime, reserved: c.Use, until: until,
	}
	if lifetime { // the total is enough
		return booked, nil
	}
	w.putUse(useKey{key.account, h.at, k.hold}, c.Use, true)
	return booked, w.forgetUses(key.account, a)
}

// record keeps a decision. That of a decision which has one stays.
func (w *work) record(r *verify.Record) {
	w.records, w.earliest = w.records+1, min(w.earliest, instantOf(r.At))
	if w.decisions[r.Decision] == nil {
		add(w.decisions, r.Decision, *r)
	}
}

// recordColumns is how records are read.
var recordColumns = names(slices.Concat(recordTable.key, recordTable.columns))
