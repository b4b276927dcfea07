package vcjwt

import (
	"bytes"
	"encoding/base64"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// bounds are the hard maxima of tokens, which are also the defaults; a parser
// with lower ones checks these itself.
var bounds = limits.Default()

// token is a JWS in compact serialisation (RFC 7515 section 7.1), decoded.
type token struct {
	text                       []byte // all of it
	signed                     int    // length of the part that is signed: two segments and the point
	header, payload, signature []byte
	envelope                   credential.Envelope // here to save an allocation
}

// alphabet is base64url without padding that takes no unused bits but zeros.
var alphabet = base64.RawURLEncoding.Strict()

// readToken splits and decodes a token, which it keeps.
func readToken(text []byte) (*token, error) {
	// Count first: a million points must not become a million slices.
	if n := bytes.Count(text, point); n != 2 {
		return nil, refuse(code.EnvelopeMalformed, "a token has 3 segments, this text %d", n+1)
	}
	// Base64 decoders skip line breaks, even strict ones.
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return nil, refuse(code.EnvelopeMalformed, "a line break at byte %d of a token", i)
	}
	if i := bytes.IndexByte(text, '\r'); i >= 0 {
		return nil, refuse(code.EnvelopeMalformed, "a line break at byte %d of a token", i)
	}
	first := bytes.IndexByte(text, '.')
	last := bytes.LastIndexByte(text, '.')
	header, payload, signature := text[:first], text[first+1:last], text[last+1:]
	hn, pn, sn := alphabet.DecodedLen(len(header)), alphabet.DecodedLen(len(payload)), alphabet.DecodedLen(len(signature))
	buf := make([]byte, hn+pn+sn)
	t := &token{text: text, signed: last, header: buf[:hn:hn], payload: buf[hn : hn+pn : hn+pn], signature: buf[hn+pn:]}
	for _, s := range []struct {
		name      string
		to, from  []byte
		beginning int
	}{{"header", t.header, header, 0}, {"payload", t.payload, payload, first + 1}, {"signature", t.signature, signature, last + 1}} {
		if _, err := alphabet.Decode(s.to, s.from); err != nil {
			return nil, refuse(code.EnvelopeMalformed, "the %s of a token, from byte %d on, is not base64url without padding: %v", s.name, s.beginning, err)
		}
	}
	return t, nil
}

var point = []byte{'.'}

// looksLikeJWT tells a token, spelled rightly or not, from what other formats
// should see. A token begins with the base64 of '{', and "~" is for the
// disclosures of an SD-JWT.
func looksLikeJWT(raw []byte) bool {
	text := bytes.TrimLeft(raw, " \t\r\n")
	switch {
	case len(text) == 0 || bytes.IndexByte(text, '~') >= 0:
		return false
	case text[0] == 'e':
		return bytes.IndexByte(text, '.') >= 0 || bytes.HasPrefix(text, []byte("eyJ"))
	}
	return text[0] == '.'
}
