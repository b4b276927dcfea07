package verifyhttpsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ErrContent says that a body is not the one that a field Content-Digest has the digest of.
var ErrContent = errors.New("verifyhttpsig: the body has another digest")

// mostBody is the longest body that is read for its digest, unless the caller says another.
const mostBody = 1 << 20

const contentDigest = "content-digest"

// digests are those of RFC 9530 that are not broken.
var digests = map[string]func([]byte) []byte{
	"sha-256": func(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] },
	"sha-512": func(b []byte) []byte { sum := sha512.Sum512(b); return sum[:] },
}

// SetContentDigest sets the field Content-Digest of RFC 9530 to the SHA-256 of a body. It
// proves nothing until a signature covers it.
func SetContentDigest(h http.Header, body []byte) {
	sum := sha256.Sum256(body)
	h.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
}

// CheckContentDigest compares a body with the digests in the field Content-Digest: there must
// be one by sha-256 or sha-512, and all of these must be right. Others, such as md5, are passed
// over and prove nothing. Errors are ErrContent.
func CheckContentDigest(h http.Header, body []byte) error {
	all, err := members(h.Values("Content-Digest"))
	if err != nil {
		return fmt.Errorf("%w: Content-Digest: %w", ErrContent, err)
	}
	known := 0
	for name, text := range all {
		digest, ok := digests[name]
		if !ok {
			continue
		}
		known++
		want, err := bytesOf(text)
		if err != nil || subtle.ConstantTimeCompare(want, digest(body)) != 1 {
			return fmt.Errorf("%w: that by %s", ErrContent, name)
		}
	}
	if known == 0 {
		return fmt.Errorf("%w: none by sha-256 or sha-512 is there", ErrContent)
	}
	return nil
}

// bytesOf reads a byte sequence of RFC 9651.
func bytesOf(text string) ([]byte, error) {
	if len(text) < 2 || text[0] != ':' || text[len(text)-1] != ':' || strings.ContainsAny(text, "\r\n") {
		return nil, errSpelled
	}
	return base64.StdEncoding.Strict().DecodeString(text[1 : len(text)-1])
}

// bodyOf reads a body of at most a length, and puts it back.
func bodyOf(body *io.ReadCloser, most int64) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	if most == 0 {
		most = mostBody
	}
	text, err := io.ReadAll(io.LimitReader(*body, most+1))
	_ = (*body).Close()
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%w: it is longer than %d bytes", ErrContent, most)
	}
	if err != nil {
		*body = http.NoBody // what was read of it is not the body
		return nil, err
	}
	*body = io.NopCloser(bytes.NewReader(text))
	return text, nil
}
