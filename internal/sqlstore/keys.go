package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/internal/nanotime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// digest stands for a key in the database: 128 bits of SHA-256.
type digest [16]byte

var none digest

// digestOf joins texts so that no others read the same.
func digestOf(parts ...string) digest {
	var space [512]byte
	return digestAfter(space[:0], parts)
}

// below is the digest of texts below another digest, which is as one more text before them.
func (d digest) below(parts ...string) digest {
	var space [512]byte
	return digestAfter(append(append(space[:0], byte(len(d))), d[:]...), parts)
}

func digestAfter(text []byte, parts []string) digest {
	for _, p := range parts {
		text = append(binary.AppendUvarint(text, uint64(len(p))), p...)
	}
	sum := sha256.Sum256(text)
	return digest(sum[:])
}

// value is a digest as a parameter; none is NULL.
func (d digest) value() any {
	if d == none {
		return nil
	}
	return d[:]
}

// instant is how instants are kept and compared.
type instant = nanotime.Instant

const (
	first = nanotime.First
	last  = nanotime.Last
)

func instantOf(t time.Time) instant { return nanotime.Of(t) }

// bytes is a quantity as a parameter.
func bytesOf(q verify.Quantity) []byte {
	b := q.Bytes()
	return b[:]
}

func quantity(b []byte) (q verify.Quantity) {
	if len(b) != 16 {
		return q
	}
	return verify.QuantityFromBytes([16]byte(b))
}

// limbs are a quantity in numbers that the engine can add up: sums of up to 2^31 of
// them fit into 64 bits.
func limbs(q verify.Quantity) [4]int64 {
	return [4]int64{int64(q.Hi >> 32), int64(q.Hi & math.MaxUint32), int64(q.Lo >> 32), int64(q.Lo & math.MaxUint32)}
}

// fromLimbs adds up sums of limbs. What does not fit is the most that there is.
func fromLimbs(l [4]int64) (q verify.Quantity) {
	for _, n := range l {
		if q.Hi>>32 != 0 {
			return beyond
		}
		q = verify.Quantity{Hi: q.Hi<<32 | q.Lo>>32, Lo: q.Lo << 32}.Add(verify.Quantity{Lo: uint64(n)})
	}
	return q
}

// money reads an amount that was written as its parts.
func money(amount, currency string, decimals int) verify.Money {
	if currency == "" {
		return verify.Money{}
	}
	if m, err := passport.ParseMoney(amount, currency); err == nil && m.Decimals() == decimals {
		return m
	}
	m, _ := passport.ParseAssetMoney(amount, currency, decimals)
	return m
}

// keys are the digests of a reservation.
type keys struct {
	hold, agent, nonce, intent, content digest
	places                              []digest // of the chain, each by all accounts up to it
	accounts                            []chargeKey
}

type chargeKey struct {
	account digest
	place   int // in the chain
}

func (s *Store) keysOf(r *verify.Reservation) (k keys) {
	k.hold, k.agent = s.holdKey(r.Record.Decision), s.root.below("agent", r.Agent.String())
	if p := &r.Replay; *p != (verify.ReplayKey{}) {
		k.nonce = k.agent.below("nonce", p.Audience, p.Challenge)
	}
	if p := &r.Idempotency; *p != (verify.IdempotencyKey{}) {
		k.intent, k.content = k.agent.below("intent", p.Audience, p.Intent), digestOf(r.Content)
	}
	above := s.root.below("chain")
	for _, account := range r.Chain {
		above = above.below(account)
		k.places = append(k.places, above)
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		k.accounts = append(k.accounts, chargeKey{s.accountKey(c), ledgerrules.Place(r.Chain, c.Account)})
	}
	return k
}

// holdKey begins with the time of a decision's id, so that new holds are neighbours in
// the table: a batch changes few pages.
func (s *Store) holdKey(decision string) digest {
	d := s.root.below("decision", decision)
	if id, err := ulid.ParseStrict(decision); err == nil {
		copy(d[:6], id[:6])
	}
	return d
}

func (s *Store) accountKey(c *verify.Charge) digest {
	return s.root.below("account", c.Account, c.Name)
}
