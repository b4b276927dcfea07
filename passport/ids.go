package passport

import (
	"crypto/rand"
	"fmt"
	"strings"
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

// isPassportID reports whether s ends in a ULID behind a prefix, which other
// systems choose for themselves.
func isPassportID(s string) bool {
	i := strings.LastIndexByte(s, ':')
	return i > 0 && isULID(s[i+1:])
}

// newID returns prefix with a new ULID of that instant, with 80 random bits.
func newID(prefix string, now time.Time) (string, error) {
	id, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("passport: a new identifier: %w", err)
	}
	return prefix + id.String(), nil
}
