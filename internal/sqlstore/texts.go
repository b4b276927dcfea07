package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted begins a text that no column of every engine could hold as it is.
const quoted = "\x1a"

// text is a text as a parameter. What an agent has written may have a NUL, which
// PostgreSQL refuses, and one such record must not fail its neighbours.
func text(s string) string {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) && !strings.HasPrefix(s, quoted) {
		return s
	}
	return quoted + strconv.QuoteToASCII(s)
}

// How long texts in an index may be, in bytes: PostgreSQL takes 2,700 for all columns of one.
const (
	mostAgent    = 2048 // no DID is longer
	mostDecision = 512  // an id has 26
)

func agentText(s string) string    { return keyText(s, mostAgent) }
func decisionText(s string) string { return keyText(s, mostDecision) }

// keyText is a text as a parameter for a column that an index has. Of one that is too long
// the beginning is kept, and a digest of the whole.
func keyText(s string, most int) string {
	t := text(s)
	if len(t) <= most {
		return t
	}
	sum := sha256.Sum256([]byte(s))
	cut := most - 2*len(sum) - len("…")
	for !utf8.RuneStart(t[cut]) {
		cut--
	}
	return strings.TrimPrefix(t[:cut], quoted) + "…" + hex.EncodeToString(sum[:])
}

// untext is what text was made of.
func untext(s string) string {
	if rest, ok := strings.CutPrefix(s, quoted); ok {
		if plain, err := strconv.Unquote(rest); err == nil {
			return plain
		}
	}
	return s
}
