package passport

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
)

// isULID reports whether s is a ULID in its one spelling: 26 characters in
// upper case. Two texts that decode to one id are not both accepted.
func isULID(s string) bool {
	if len(s) != ulid.EncodedSize {
		return false
	}
	id, err := ulid.ParseStrict(s)
	return err == nil && id.String() == s
}

// newID returns prefix with a new ULID of that instant, with 80 random bits.
func newID(prefix string, now time.Time) (string, error) {
	id, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("passport: a new identifier: %w", err)
	}
	return prefix + id.String(), nil
}
