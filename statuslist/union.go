package statuslist

import (
	"crypto/sha256"
	"slices"
)

// Sum returns the SHA-256 of the statuses themselves. Two editions of one list
// with the same sum say the same of every entry, whatever else differs in the
// documents.
func (l *ListCredential) Sum() [sha256.Size]byte { return sha256.Sum256(l.bits) }

// Bytes returns how many bytes the statuses take.
func (l *ListCredential) Bytes() int { return len(l.bits) }

// With returns the list as it is if every bit that other has set is set in it,
// too, and if it ends when the first of the two ends. It is for two editions of
// one list that speak for the same instant: neither is newer, so what stops
// somebody in either stops him. Neither list is changed.
func (l *ListCredential) With(other *ListCredential) *ListCredential {
	next := *l
	next.bits = slices.Grow(slices.Clone(l.bits), max(len(other.bits)-len(l.bits), 0))
	for i, b := range other.bits {
		if i < len(next.bits) {
			next.bits[i] |= b
		} else {
			next.bits = append(next.bits, b)
		}
	}
	if end := other.ValidUntil; !end.IsZero() && (l.ValidUntil.IsZero() || end.Before(l.ValidUntil)) {
		next.ValidUntil = end
	}
	return &next
}
