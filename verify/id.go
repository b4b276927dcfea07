package verify

import (
	"crypto/rand"
	"fmt"
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
	id, err := ulid.New(stamp, rand.Reader)
	if err != nil {
		return fmt.Errorf("verify: a new identifier: %w", err)
	}
	d.ID = id.String()
	return nil
}
