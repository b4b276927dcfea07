package ledger

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/internal/ledgerrules"
	"github.com/safeconduct/safeconduct/internal/nanotime"
	"github.com/safeconduct/safeconduct/verify"
)

// digest represents a key, in 128 bits. It takes less memory than the texts, and
// holds on to no document that they are a part of. It is made with a secret of
// this ledger and shown to nobody, so that nobody can aim at another's. Two keys
// with one digest would be one, which refuses more and never less.
type digest struct{ a, b uint64 }

// secret is what a ledger mixes keys with.
type secret [2]maphash.Seed

func newSecret() secret { return secret{maphash.MakeSeed(), maphash.MakeSeed()} }

// of is the digest of a name that is below no other.
func (s *secret) of(text string) digest { return s.below(digest{}, text) }

// below is the digest of a text below another digest.
func (s *secret) below(d digest, text string) digest {
	return d.then(digest{maphash.String(s[0], text), maphash.String(s[1], text)})
}

// then is the digest of a digest below another one.
func (d digest) then(e digest) digest { return digest{join(d.a, e.a), join(d.b, e.b)} }

// join makes one half of two, in their order: each half has another result for each
// value of the other.
func join(a, b uint64) uint64 {
	const golden = 0x9e3779b97f4a7c15
	return bits.RotateLeft64(a, 32)*golden ^ b
}

// decisionID is the id of a decision: a ULID, or what represents another text.
type decisionID struct {
	id    digest
	other bool
}

func (s *secret) idOf(text string) decisionID {
	if d, ok := readULID(text); ok {
		return decisionID{d, false}
	}
	return decisionID{s.of(text), true}
}

// readULID reads a ULID in the one spelling that [ulid.ULID.String] has.
func readULID(text string) (d digest, ok bool) {
	if len(text) != ulid.EncodedSize || text[0] > '7' { // which would be more than 128 bits
		return d, false
	}
	for i := range len(text) {
		value := ulidValues[text[i]]
		if value == noValue {
			return digest{}, false
		}
		d.a, d.b = d.a<<5|d.b>>59, d.b<<5|uint64(value)
	}
	return d, true
}

const noValue = 0xff

// ulidValues are what the characters of ULIDs stand for.
var ulidValues = func() (t [256]uint8) {
	for i := range t {
		t[i] = noValue
	}
	for i, c := range []byte(ulid.Encoding) {
		t[c] = uint8(i)
	}
	return t
}()

// ulid is the id again, of one that is a ULID.
func (d *decisionID) ulid() (u ulid.ULID) {
	binary.BigEndian.PutUint64(u[:8], d.id.a)
	binary.BigEndian.PutUint64(u[8:], d.id.b)
	return u
}

// long and shard are made of all bits: ids need not be made at random.
func (d *decisionID) mixed() uint64 {
	const golden = 0x9e3779b97f4a7c15
	h := d.id.a * golden
	h = (h ^ h>>29 ^ d.id.b) * golden
	return h ^ h>>32
}

func (d *decisionID) long() long { h := d.mixed(); return long{uint32(h), uint32(h >> 32)} }
func (d *decisionID) shard() int { return int(d.mixed()>>40) % shards }

// shard chooses one of the shards, the tag a place in an index: by other bits.
func (d digest) shard() int { return int(d.a % shards) }
func (d digest) tag() short { return short(d.a >> 32) }

// instant is how instants are kept and compared.
type instant = nanotime.Instant

const (
	first = nanotime.First
	last  = nanotime.Last
)

func instantOf(t time.Time) instant { return nanotime.Of(t) }

// keys are the digests of a reservation. It is on its caller's stack: those of
// more charges than usual alone need memory of their own.
type keys struct {
	agent, replay, intent, content digest
	decision                       decisionID

	places int
	path   [ledgerrules.MaxPlaces]digest // of the places of the chain, each by all accounts up to it

	few  [8]chargeKey
	more []chargeKey
}

type chargeKey struct {
	digest
	place int // in the chain

	tally  *tally // when it was judged; nil: there is none
	number uint32
}

// charge returns the key of the i-th charge.
func (k *keys) charge(i int) *chargeKey {
	if i < len(k.few) {
		return &k.few[i]
	}
	return &k.more[i-len(k.few)]
}

func (k *keys) of(s *secret, r *verify.Reservation) {
	k.agent, k.decision = s.of(r.Agent.String()), s.idOf(r.Record.Decision)
	var audience digest // below the agent: nearly always that of both
	if p := &r.Replay; *p != (verify.ReplayKey{}) {
		audience = s.below(k.agent, p.Audience)
		k.replay = s.below(audience, p.Challenge)
	}
	if p := &r.Idempotency; *p != (verify.IdempotencyKey{}) {
		if p.Audience != r.Replay.Audience || audience == (digest{}) {
			audience = s.below(k.agent, p.Audience)
		}
		k.intent, k.content = s.below(audience, p.Intent), s.below(k.agent, r.Content)
	}
	var accounts [ledgerrules.MaxPlaces]digest
	k.places = len(r.Chain)
	for i, account := range r.Chain {
		accounts[i] = s.of(account)
		if k.path[i] = accounts[i]; i > 0 {
			k.path[i] = k.path[i-1].then(accounts[i])
		}
	}
	if n := len(r.Charges) - len(k.few); n > 0 {
		k.more = make([]chargeKey, n)
	}
	for i := range r.Charges {
		c := &r.Charges[i]
		at := ledgerrules.Place(r.Chain, c.Account)
		*k.charge(i) = chargeKey{digest: s.below(accounts[at], c.Name), place: at}
	}
}
