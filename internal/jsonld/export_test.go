package jsonld

import (
	"crypto/sha256"

	"github.com/safeconduct/safeconduct/internal/limits"
)

// Hash returns the SHA-256 of the canonical N-Quads of a document.
func Hash(in Input, bounds limits.Documents) (sum [sha256.Size]byte, err error) {
	_, err = AppendHash(sum[:0], in, bounds)
	return sum, err
}
