package verify

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// maxProven bounds the memory of proven documents: 65,536 × 72 bytes.
const maxProven = 1 << 16

// provenMemory remembers which proof of which exact bytes held under which
// key. It is a table with one place per hash: a newer entry takes an older
// one's place, so it is bounded, and reading takes no lock. It remembers no
// failures, and nothing that could change: whose key it is, and whether that
// may be used today, is asked each time before.
type provenMemory struct {
	slots []atomic.Pointer[provenProof]
}

type provenProof struct {
	document [sha256.Size]byte
	key      [ed25519.PublicKeySize]byte
	proof    int
}

func (m *provenMemory) init(n int) {
	if n > 0 {
		m.slots = make([]atomic.Pointer[provenProof], n)
	}
}

// texts are buffers for hashing: the text of a document is a string.
var texts = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func sumOf(text string) [sha256.Size]byte {
	b := texts.Get().(*[]byte)
	defer texts.Put(b)
	*b = append((*b)[:0], text...)
	return sha256.Sum256(*b)
}

// through returns CheckProof of a document, with what is remembered of it.
func (m *provenMemory) through(s *credential.Signed) func(int, ed25519.PublicKey, did.Relationship) error {
	if len(m.slots) == 0 {
		return s.CheckProof
	}
	return func(i int, key ed25519.PublicKey, purpose did.Relationship) error {
		// The purpose is part of the bytes, and compared here, since a hit
		// skips CheckProof, which would.
		if len(key) != ed25519.PublicKeySize || s.Proof(i).Purpose != purpose {
			return s.CheckProof(i, key, purpose)
		}
		want := provenProof{document: sumOf(s.Text()), key: [ed25519.PublicKeySize]byte(key), proof: i}
		slot := &m.slots[(binary.LittleEndian.Uint64(want.document[:])+uint64(i))%uint64(len(m.slots))]
		if p := slot.Load(); p != nil && *p == want {
			return nil
		}
		if err := s.CheckProof(i, key, purpose); err != nil {
			return err
		}
		slot.Store(&want)
		return nil
	}
}
