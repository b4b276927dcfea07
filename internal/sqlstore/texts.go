package sqlstore

import (
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

// untext is what text was made of.
func untext(s string) string {
	if rest, ok := strings.CutPrefix(s, quoted); ok {
		if plain, err := strconv.Unquote(rest); err == nil {
			return plain
		}
	}
	return s
}
