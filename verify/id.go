package verify

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// name gives the decision its id.
func (d *Decision) name(at time.Time) error {
	// A clock before 1970 or far ahead does not fit into a ULID; the id then
	// has the nearest instant that does.
	ms := at.UnixMilli()
	if ms < 0 {
		ms = 0
	}
	stamp := min(uint64(ms), ulid.MaxTime())
	var random [10]byte
	if _, err := io.ReadFull(rand.Reader, random[:]); err != nil {
		return fmt.Errorf("verify: a new identifier: %w", err)
	}
	d.ID = ulidText(stamp<<16|uint64(binary.BigEndian.Uint16(random[:])), binary.BigEndian.Uint64(random[2:]))
	return nil
}

// ulidText writes the two halves of a ULID as [ulid.ULID.String] does: in a loop, of less code.
func ulidText(high, low uint64) string {
	var text [ulid.EncodedSize]byte
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = ulid.Encoding[low&31]
		high, low = high>>5, high<<59|low>>5
	}
	return string(text[:])
}
