package vcjwt

import (
	"bytes"
	"encoding/base64"
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/scratch"
)

// bounds are the hard maxima of tokens, which are also the defaults; a parser
// with lower ones checks these itself.
var bounds = limits.Default()

// token is a JWS in compact serialisation (RFC 7515 section 7.1), decoded. The
// text is not kept: what is accepted has one spelling only, and is written again
// when it is asked for.
type token struct {
	header, payload, signature string
	media, kid                 string
	algorithm                  did.Algorithm // that the header names
}

var _ credential.Envelope = (*token)(nil)

func (t *token) MediaType() string { return t.media }
func (t *token) KeyID() string     { return t.kid }
func (t *token) Payload() string   { return t.payload }
func (t *token) HeaderBytes() int  { return len(t.header) }

// AppendText appends the token.
func (t *token) AppendText(dst []byte) []byte {
	return appendSegment(append(t.appendSigned(dst), '.'), t.signature)
}

// appendSigned appends the part of the token that is signed: two segments and
// the point between them (RFC 7515 section 5.2).
func (t *token) appendSigned(dst []byte) []byte {
	return appendSegment(append(appendSegment(dst, t.header), '.'), t.payload)
}

// Check verifies the signature over the first two segments (RFC 7515 section
// 5.2, RFC 8037 section 3.1). This is the hot path of a verifier and is done
// here, not by go-jose, which would parse the token once more; tests hold it
// against go-jose.
func (t *token) Check(key did.PublicKey) error {
	if key.Algorithm() != t.algorithm {
		return &credential.Error{Code: code.ProofInvalid,
			Detail: "the key is of another algorithm than the token names", Limit: t.algorithm.String(), Actual: key.Algorithm().String()}
	}
	if want := t.algorithm.SignatureBytes(); len(t.signature) != want {
		return refuse(code.ProofInvalid, "a signature has %d bytes, this one %d", want, len(t.signature))
	}
	buf := scratch.Get()
	defer scratch.Put(buf)
	*buf = t.appendSigned(*buf)
	n := len(*buf)
	*buf = append(*buf, t.signature...)
	if !key.Verify((*buf)[:n], (*buf)[n:]) {
		return &credential.Error{Code: code.ProofInvalid, Detail: "the signature does not match the token",
			Hint: "the token was changed after signing, or the key is another"}
	}
	return nil
}

// alphabet is base64url without padding that takes no unused bits but zeros.
var alphabet = base64.RawURLEncoding.Strict()

// readToken splits and decodes a token.
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
	buf := scratch.Get()
	defer scratch.Put(buf)
	*buf = slices.Grow(*buf, hn+pn+sn)[:hn+pn+sn]
	for _, s := range []struct {
		name      string
		to, from  []byte
		beginning int
	}{
		{"header", (*buf)[:hn], header, 0},
		{"payload", (*buf)[hn : hn+pn], payload, first + 1},
		{"signature", (*buf)[hn+pn:], signature, last + 1},
	} {
		if _, err := alphabet.Decode(s.to, s.from); err != nil {
			return nil, refuse(code.EnvelopeMalformed, "the %s of a token, from byte %d on, is not base64url without padding: %v", s.name, s.beginning, err)
		}
	}
	decoded := string(*buf)
	return &token{header: decoded[:hn], payload: decoded[hn : hn+pn], signature: decoded[hn+pn:]}, nil
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

// appendSegment appends a segment of a token, encoded.
func appendSegment(dst []byte, decoded string) []byte {
	return base64.RawURLEncoding.AppendEncode(dst, []byte(decoded))
}
