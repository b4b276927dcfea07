package credential

import (
	"crypto/sha256"
	"encoding"
	"hash"
	"sync"

	"github.com/safeconduct/safeconduct/internal/jcs"
)

// wholeSum is the SHA-256 of a document's canonical form with its proofs, of
// which its digest is made. A suite whose transformation comes near it fills it
// in on the way.
type wholeSum struct {
	sum  [sha256.Size]byte
	made bool
}

// forkingHash is SHA-256 that can go on from one place in two ways.
type forkingHash interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// fork is a hash with room for its state, and for a sum.
type fork struct {
	hash  forkingHash
	state []byte
	sum   [sha256.Size]byte
}

var forks = sync.Pool{New: func() any {
	return &fork{hash: sha256.New().(forkingHash)} // as crypto/sha256 documents
}}

// sums returns the SHA-256 of the text without the cut, and of all of it. What
// comes before the cut, which is most of a credential, is hashed once.
func (f *fork) sums(text []byte, cut jcs.Cut) (without, whole [sha256.Size]byte, err error) {
	f.hash.Reset()
	f.hash.Write(text[:cut.From])
	if f.state, err = f.hash.AppendBinary(f.state[:0]); err != nil {
		return without, whole, err
	}
	f.hash.Write(text[cut.To:])
	f.hash.Sum(f.sum[:0])
	without = f.sum
	if err = f.hash.UnmarshalBinary(f.state); err != nil {
		return without, whole, err
	}
	f.hash.Write(text[cut.From:])
	f.hash.Sum(f.sum[:0])
	return without, f.sum, nil
}
