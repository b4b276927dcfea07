package ledger

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/verify"
)

// hold is one reservation. There are very many: it has no pointers.
type hold struct {
	decision digest // a ULID or, if it is in names, what represents it
	content  digest
	intent   digest // zero: it has none
	at, by   instant
	known    instant
	reserved verify.Quantity // of its asset
	agent    uint32
	share    share
	asset    uint32 // 0: it has no amount
	charge   charge // the first of them
	more     uint32 // of the charges behind it: number + 1
	state    verify.HoldState
	charged  bool // it has charges
	named    bool // its decision is in names
}

// charge is what a hold has taken from a budget or rate.
type charge struct {
	tally    uint32 // its shard and number
	gen      uint16 // of the account at that place
	rate     bool
	lifetime bool
	seq      uint64
	reserved verify.Quantity
}

type moreCharges struct {
	charge
	next uint32 // number + 1
}

// counts is what a charge counts when its hold came to that.
func (c *charge) counts(state verify.HoldState, done, reserved verify.Quantity) verify.Quantity {
	return ledgerrules.Counts(c.reserved, c.rate, state, done, reserved)
}

// take adds a charge to a hold, for the caller to write down.
func (s *agents) take(h *hold) *charge {
	if !h.charged {
		h.charged = true
		return &h.charge
	}
	n := s.more.add()
	c := s.more.at(n)
	c.next, h.more = h.more, n+1
	return &c.charge
}

// reserves reports whether an amount is of the asset of a hold, and not more.
func (s *agents) reserves(h *hold, m verify.Money) bool {
	return h.asset != 0 && s.assets[assetOf(m)] == h.asset &&
		verify.AmountOf(m).Cmp(h.reserved) <= 0
}

// asset is what an amount is of. Two are equal where [verify.Money.SameAsset] says
// so of the amounts: the decimals of a currency are not part of it.
type asset struct {
	currency string
	decimals int
}

// numbered is an asset with its number.
type numbered struct {
	asset
	number uint32
}

func assetOf(m verify.Money) asset {
	if strings.Contains(m.Currency(), "/") { // a token, by its CAIP-19 id
		return asset{m.Currency(), m.Decimals()}
	}
	return asset{currency: m.Currency()}
}

// maxAssets is how many assets a part of the ledger knows. Acts in others cannot be
// settled for less.
const maxAssets = 4096

// asset returns the number of the asset of an amount; 0 if it has none.
func (s *agents) asset(m *verify.Money) uint32 {
	if m.IsZero() {
		return 0
	}
	key := assetOf(*m)
	if s.latest.number != 0 && s.latest.asset == key {
		return s.latest.number
	}
	n, ok := s.assets[key]
	if !ok {
		if len(s.assets) >= maxAssets {
			return 0
		}
		if s.assets == nil {
			s.assets = make(map[asset]uint32)
		}
		key.currency = strings.Clone(key.currency) // it may be part of a document
		n = uint32(len(s.assets)) + 1
		s.assets[key] = n
		s.latest = numbered{key, n}
	}
	return n
}

// intended returns the latest hold of an intent, nil if there is none.
func (s *agents) intended(d *digest) (*hold, uint32) {
	if *d == (digest{}) {
		return nil, 0
	}
	for n, i, ok := s.intents.next(d.tag(), 0); ok; n, i, ok = s.intents.next(d.tag(), i) {
		if h := s.holds.at(n); h.intent == *d {
			return h, n
		}
	}
	return nil, 0
}

// charges calls f for each charge of a hold.
func (s *agents) charges(h *hold, f func(c *charge)) {
	if !h.charged {
		return
	}
	f(&h.charge)
	for n := h.more; n != 0; {
		c := s.more.at(n - 1)
		f(&c.charge)
		n = c.next
	}
}

// done returns what a hold came to.
func (s *agents) done(number uint32, h *hold) verify.Quantity {
	if h.state == verify.HoldGivenBack {
		return verify.Quantity{}
	}
	if less, ok := s.partly[number]; ok {
		return less
	}
	return h.reserved
}

// decision returns the id of the decision of a hold.
func (s *agents) decision(number uint32, h *hold) string {
	if h.named {
		return s.names[number]
	}
	id := decisionID{id: h.decision}
	return id.ulid().String()
}

// call keeps the id of the decision of a hold.
func (s *agents) call(number uint32, h *hold, id decisionID, text string) {
	if h.decision, h.named = id.id, id.other; id.other {
		if s.names == nil {
			s.names = make(map[uint32]string)
		}
		s.names[number] = strings.Clone(text) // it may be part of a document
	}
}

// is reports whether a hold is of that decision.
func (h *hold) is(id decisionID) bool {
	return h.state != verify.NoHold && h.decision == id.id && h.named == id.other
}
