package verify

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/did"
)

// namedKeys remembers keys by the identifiers that name them, did:key and did:jwk, where the
// resolver reads a key from its name alone: then one name has one key for ever. A host's own
// resolver is asked each time, because it may say something else today.
//
// It is a table with one place per hash: a newer entry takes an older one's place, so it is
// bounded, and reading takes no lock. The hash has a secret seed, and a hit is of an equal
// identifier, not of an equal hash.
type namedKeys struct {
	seed  maphash.Seed
	slots []atomic.Pointer[namedKey]
}

type namedKey struct {
	id  did.URL
	key did.PublicKey
}

func (m *namedKeys) init(n int) {
	if n > 0 {
		m.seed, m.slots = maphash.MakeSeed(), make([]atomic.Pointer[namedKey], n)
	}
}

// place returns where the key of an identifier is remembered, if it is; nil if nothing is.
func (m *namedKeys) place(r did.Resolver, id did.URL, purpose did.Relationship) *atomic.Pointer[namedKey] {
	if len(m.slots) == 0 || !fixedKey(r, id, purpose) {
		return nil
	}
	return &m.slots[maphash.String(m.seed, id.String())%uint64(len(m.slots))]
}
