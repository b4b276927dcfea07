package passport

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/did"
)

// isULID reports whether s is a ULID in its one spelling: 26 characters in
// upper case. Two texts that decode to one id are not both accepted.
func isULID(s string) bool {
	if len(s) != ulid.EncodedSize || s[0] > '7' { // which would be more than 128 bits
		return false
	}
	for i := range len(s) {
		if !ulidDigit[s[i]] {
			return false
		}
	}
	return true
}

// ulidDigit has the characters of ULIDs.
var ulidDigit = func() (t [256]bool) {
	for _, c := range []byte(ulid.Encoding) {
		t[c] = true
	}
	return t
}()

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

// NewIntentID returns a new identifier for an intent made at that instant. An
// agent that may have to ask for the same act again keeps it.
func NewIntentID(at time.Time) (string, error) { return newID(IntentURN, at) }

// IntentIDOf derives the identifier of an intent from an idempotency key: the
// same agent, audience and key give the same identifier, so that an act that is
// asked for again under one key is done at most once, and another act under that
// key is refused with ledger.conflict. The key is any text, taken as it is; it
// cannot be read off the identifier if it cannot be guessed. Empty arguments are
// an error.
//
// The identifier has the form of a ULID, whose time means nothing: it is the
// first 128 bits of the SHA-256 of the three, each behind its length.
func IntentIDOf(agent did.DID, audience, key string) (string, error) {
	if agent.IsZero() || audience == "" || key == "" {
		return "", fmt.Errorf("passport: an intent's identifier is derived from an agent, an audience and a key, and one of them is empty")
	}
	h := sha256.New()
	for _, part := range []string{"safeconduct intent id", agent.String(), audience, key} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return IntentURN + ulid.ULID(h.Sum(nil)[:16]).String(), nil
}
