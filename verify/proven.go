package verify

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

const (
	// maxProven bounds the memory of proven passports in number.
	maxProven = 1 << 16
	// maxProvenText bounds one of them, and so does minValueText, the least
	// that its values may take on average: another document is read and proven
	// every time. What is kept of one is about four times its text, and not
	// more than eight times.
	maxProvenText = 16 << 10
	minValueText  = 8
	// provenPrefix is as much of a text as mostly tells documents apart: what
	// comes before the identifiers is the same in all. Shorter ones, which no
	// passport is, are not remembered.
	provenPrefix = 512
	// provenWays is how many documents that begin alike are remembered.
	provenWays = 4
)

// provenMemory remembers passports whose proofs held, by their exact bytes. It
// is a table with some places per hash of how they begin: a newer entry takes an
// older one's place, so it is bounded, and reading takes no lock. The hash has a
// secret seed, and a hit is of equal bytes, not of an equal hash.
//
// It remembers no failures, and nothing that could change: whose key it is, and
// whether that may be used today, is asked each time before, and so are time,
// status and authority.
type provenMemory struct {
	seed   maphash.Seed
	slots  []atomic.Pointer[provenPassport]
	parser credential.Parser
	items  int           // Bounds.AuthorityItems
	count  atomic.Uint64 // how many were ever remembered

	hits, misses atomic.Uint64 // see Stats
}

// provenPassport is what is remembered of one. What the parser and package
// passport made of the bytes is shared by all decisions that meet them, and
// never given to the host.
type provenPassport struct {
	signed   *credential.Signed
	passport *passport.Passport
	digest   string
	keys     []did.PublicKey // by proof

	number uint64
	// above is a chain, root … parent, that the passport was seen to narrow.
	// That follows from the documents alone. They are named by number: to hold
	// on to them would keep what was forgotten.
	above atomic.Pointer[[]uint64]
}

func (m *provenMemory) init(n int, p credential.Parser) {
	if n > 0 {
		m.seed, m.parser = maphash.MakeSeed(), p
		m.slots = make([]atomic.Pointer[provenPassport], n)
	}
}

// on reports whether anything is remembered at all.
func (m *provenMemory) on() bool { return len(m.slots) > 0 }

// places returns where a document that begins so is remembered, if it is.
func (m *provenMemory) places(text string) []atomic.Pointer[provenPassport] {
	if len(text) < provenPrefix || !m.on() {
		return nil
	}
	return m.placesOf(maphash.String(m.seed, text[:provenPrefix]))
}

func (m *provenMemory) placesOf(hash uint64) []atomic.Pointer[provenPassport] {
	ways := min(provenWays, len(m.slots))
	at := int(hash%uint64(len(m.slots)/ways)) * ways
	return m.slots[at : at+ways]
}

// known returns the document that the rest begins with, for
// preparedParser.
func (m *provenMemory) known(rest string) *credential.Signed {
	places := m.places(rest)
	for i := range places {
		if p := places[i].Load(); p != nil && strings.HasPrefix(rest, p.signed.Embedded()) {
			return p.signed
		}
	}
	return nil
}

// knownIn is known for a text that is not copied yet. It compares the ends alone, where the
// proofs are: preparedParser compares the whole.
func (m *provenMemory) knownIn(rest []byte) *credential.Signed {
	if len(rest) < provenPrefix || !m.on() {
		return nil
	}
	places := m.placesOf(maphash.Bytes(m.seed, rest[:provenPrefix]))
	for i := range places {
		p := places[i].Load()
		if p == nil {
			continue
		}
		const end = 128
		text := p.signed.Embedded()
		if n := len(text); n <= len(rest) && string(rest[n-end:n]) == text[n-end:] {
			return p.signed
		}
	}
	return nil
}

// of returns what is remembered of a document that the parser returned.
func (m *provenMemory) of(s *credential.Signed) *provenPassport {
	places := m.places(s.Embedded())
	for i := range places {
		if p := places[i].Load(); p != nil && p.signed == s {
			return p
		}
	}
	return nil
}

// put remembers a passport whose proofs held under those keys.
func (m *provenMemory) put(s *credential.Signed, keys []did.PublicKey) {
	text := s.Embedded()
	places := m.places(text)
	if len(places) == 0 || len(text) > maxProvenText || s.UnverifiedValue().Nodes() > len(text)/minValueText {
		return
	}
	kept, digest, err := keepCredential(m.parser, s)
	if err != nil {
		return
	}
	p, err := readPassport(kept, m.items)
	if err != nil {
		return
	}
	// The place that is empty, else that of the oldest. Two that are put at
	// once may take one place; then one of them is forgotten.
	oldest := 0
	for i := range places {
		known := places[i].Load()
		if known == nil {
			oldest = i
			break
		}
		if known.number < places[oldest].Load().number {
			oldest = i
		}
	}
	places[oldest].Store(&provenPassport{signed: kept, passport: p, digest: digest, keys: keys, number: m.count.Add(1)})
}

// check is CheckProof with what is remembered: a proof that held under the key
// of today needs no second look.
func (p *provenPassport) check(i int, key did.PublicKey, purpose did.Relationship) error {
	// The purpose is part of the bytes, and compared here, since a hit skips
	// CheckProof, which would.
	if p.signed.Proof(i).Purpose == purpose && p.keys[i] == key {
		return nil
	}
	return p.signed.CheckProof(i, key, purpose)
}

// narrowed reports whether it was seen before that each link of a chain narrows.
func narrowed(links []link) bool {
	leaf := links[len(links)-1].proven
	if leaf == nil {
		return false
	}
	above := leaf.above.Load()
	return above != nil && slices.EqualFunc(links[:len(links)-1], *above, func(l link, number uint64) bool {
		return l.proven != nil && l.proven.number == number
	})
}

// rememberNarrowing notes that each link of a chain narrows, if all of them are
// remembered.
func rememberNarrowing(links []link) {
	if slices.ContainsFunc(links, func(l link) bool { return l.proven == nil }) {
		return
	}
	leaf := len(links) - 1
	above := make([]uint64, leaf)
	for i := range above {
		above[i] = links[i].proven.number
	}
	links[leaf].proven.above.Store(&above)
}
