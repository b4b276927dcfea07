package strictjson

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a text and where.
type Error struct {
	Offset int    // byte offset in the text
	Limit  string // the cap that was passed, as named in package limits; "" for a syntax error
	Detail string
}

func (e *Error) Error() string {
	return fmt.Sprintf("json: byte %d: %s", e.Offset, e.Detail)
}

// OtherEncoding says of a text that is not UTF-8 without a byte order mark what
// it is, as far as its first bytes tell: some tools write UTF-16 unasked, and
// what they wrote looks right on the screen. It returns "" for every other text.
func OtherEncoding(text string) string {
	switch {
	case strings.HasPrefix(text, "\uFEFF"):
		return "the text begins with a byte order mark, want UTF-8 without one"
	case strings.HasPrefix(text, "\xFF\xFE"), strings.HasPrefix(text, "\xFE\xFF"),
		everyOther(text, 0), everyOther(text, 1):
		return "the text is UTF-16, want UTF-8 (PowerShell's > writes UTF-16, Set-Content -Encoding utf8NoBOM does not)"
	}
	return ""
}

// everyOther reports whether the bytes of ASCII in UTF-16 begin the text, with
// the zeros in the first or in the second place.
func everyOther(text string, zero int) bool {
	text = text[:min(len(text), 4)]
	if len(text) < 2 || len(text)%2 != 0 {
		return false
	}
	for i := range len(text) {
		if (text[i] == 0) != (i%2 == zero) {
			return false
		}
	}
	return true
}
