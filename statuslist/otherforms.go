package statuslist

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// What an encodedList is, where it is not what it should be. These functions
// only choose words: the text is refused whatever they say.

// multibasePrefixes names what a text may be in, by its first character, where
// that is not base64url without padding.
var multibasePrefixes = map[byte]string{
	'U': "base64url with padding", 'm': "base64", 'M': "base64 with padding",
	'z': "base58btc", 'f': "base16", 'F': "base16", 'b': "base32", 'B': "base32",
}

const gzipBase64 = "H4s" // how base64 of GZIP begins

// notMultibase tells what a text is that does not begin with "u".
func notMultibase(text string) *code.Error {
	switch {
	case text == "":
		return fail(ErrMalformed, "", "encodedList is empty")
	case strings.HasPrefix(text, gzipBase64):
		err := fail(ErrMalformed, "", "encodedList is base64 without a multibase prefix, which is the form of StatusList2021")
		err.Hint = "put \"u\" in front of base64url without padding"
		return err
	case strings.HasPrefix(text, "data:"):
		return fail(ErrMalformed, "", "encodedList is a data: URL, want \"u\" and base64url without padding")
	}
	if name := multibasePrefixes[text[0]]; name != "" {
		return fail(ErrMalformed, "", "encodedList has the multibase prefix %.1q (%s), want \"u\" (base64url without padding)", text, name)
	}
	return fail(ErrMalformed, "", "encodedList begins with %.1q, want the multibase prefix \"u\" (base64url without padding)", text)
}

// magics are how other forms of data begin.
var magics = []struct{ begin, name string }{
	{"\x28\xb5\x2f\xfd", "Zstandard"}, {"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"}, {"PK\x03\x04", "a ZIP archive"},
	{gzipBase64, "base64 a second time"}, {multibasePrefix + gzipBase64, "multibase a second time"},
}

const gzipMagic = "\x1f\x8b"

// notGzip tells what bytes are that do not begin as GZIP does.
func notGzip(packed []byte) *code.Error {
	const want = "want GZIP (RFC 1952)"
	for _, m := range magics {
		if strings.HasPrefix(string(packed), m.begin) {
			return fail(ErrMalformed, "", "encodedList is %s, %s", m.name, want)
		}
	}
	switch {
	case isZlib(packed):
		err := fail(ErrMalformed, "", "encodedList is zlib (RFC 1950), %s", want)
		err.Hint = "compress it with gzip; functions called deflate or compress make zlib"
		return err
	case len(packed)*8 >= MinEntries:
		return fail(ErrMalformed, "", "encodedList is %d bytes that are not compressed, %s", len(packed), want)
	}
	return fail(ErrMalformed, "", "encodedList begins with the bytes % x and not as GZIP does (1f 8b)", packed[:min(len(packed), 4)])
}

// isZlib reports whether bytes begin with a header of zlib (RFC 1950, 2.2): the
// method DEFLATE, and 16 bits that are a multiple of 31.
func isZlib(b []byte) bool {
	return len(b) >= 2 && b[0]&0x0f == 8 && b[0]>>4 <= 7 && (uint16(b[0])<<8|uint16(b[1]))%31 == 0
}
