package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// MarkStore keeps across restarts what editions of status lists and trust
// bundles were seen, so that older ones are not believed afterwards. Package
// verify/marks has one in a file.
//
// Several verifiers may share a store. SaveMark returns when the mark is kept,
// and joins it to what is kept under the same key, as [Mark.Join] does, so that
// it does not matter in which order marks arrive, or how often. Both are safe
// for concurrent use. After an error of either the verdict is undetermined:
// what cannot be remembered is not relied on.
type MarkStore interface {
	// LoadMark returns what is kept under a key; if that is nothing, a Mark
	// with nothing but the key, and no error.
	LoadMark(ctx context.Context, key MarkKey) (Mark, error)
	SaveMark(ctx context.Context, m Mark) error
}

// MarkKind says what a mark is of.
type MarkKind string

// The kinds of marks.
const (
	ListMark   MarkKind = "statuslist"
	BundleMark MarkKind = "bundle"
)

// MarkKey names a series of editions.
type MarkKey struct {
	Kind   MarkKind
	Issuer did.DID // who signs the editions
	Name   string  // the URL of a list, the id of a series of bundles
}

// Mark is the newest edition that was verified, and what has been seen for good.
type Mark struct {
	MarkKey

	AsOf     time.Time         // the instant for which a list speaks
	Sequence int64             // the number of a bundle; 0 for a list
	Sum      [sha256.Size]byte // tells editions of one instant or number apart; zero: several were seen

	// Revoked are entries of a list that were seen revoked. A mark that is saved
	// has those that are new.
	Revoked []RevokedEntry

	// KeepUntil is when the mark bears on nothing any more and may be forgotten.
	// Zero: never.
	KeepUntil time.Time
}

// RevokedEntry is an entry of a list.
type RevokedEntry struct {
	Index int // from 0
	Size  int // of a status in bits, from 1
}

func (x RevokedEntry) compare(y RevokedEntry) int {
	return cmp.Or(cmp.Compare(x.Size, y.Size), cmp.Compare(x.Index, y.Index))
}

// Join returns the mark with what another of the same key adds: the newer
// edition, the revocations of both in order, and the longer life. If there are two
// editions of one instant and number, no single one is the newest, and the sum
// is zero. Join what was saved, and not what [MarkStore.LoadMark] returns where
// nothing is kept: that would never be forgotten.
func (m Mark) Join(other Mark) Mark {
	switch {
	case other.Sequence > m.Sequence || other.Sequence == m.Sequence && other.AsOf.After(m.AsOf):
		m.AsOf, m.Sequence, m.Sum = other.AsOf, other.Sequence, other.Sum
	case other.Sequence == m.Sequence && other.AsOf.Equal(m.AsOf) && other.Sum != m.Sum:
		m.Sum = [sha256.Size]byte{}
	}
	m.Revoked = slices.Concat(m.Revoked, other.Revoked)
	slices.SortFunc(m.Revoked, RevokedEntry.compare)
	m.Revoked = slices.Compact(m.Revoked)
	m.KeepUntil = laterEnd(m.KeepUntil, other.KeepUntil)
	return m
}

// laterEnd returns the later of two ends; the zero time is never.
func laterEnd(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if b.After(a) {
		return b
	}
	return a
}

// markAge is how long an edition bears on others: a list that is older is too
// old whatever the configuration.
var markAge = limits.Max().StatusAge + limits.MaxSkew
