package verifyhttp

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// overrides are header fields by which some frameworks read another method or
// another path than the request line has.
var overrides = [...]string{
	"X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Original-Url", "X-Rewrite-Url", "X-Original-Method",
}

// form refuses a request that two readers may take for two requests.
func (g *Guard) form(r *http.Request) error {
	if !g.methods[r.Method] {
		return fault(verify.AuthorityOperationUnknown, "the method %.20q is not let through", r.Method)
	}
	if len(r.Header["Upgrade"]) > 0 || hasToken(r.Header["Connection"], "upgrade") {
		return fault(verify.AuthorityOperationUnknown, "an upgrade would leave HTTP, and the guard behind")
	}
	for _, name := range overrides {
		if _, ok := r.Header[name]; ok {
			return fault(verify.EnvelopeMalformed, "the field %s would change what is asked for", name)
		}
	}
	if _, ok := r.Header["Content-Encoding"]; ok {
		return fault(verify.EnvelopeMalformed, "an encoded body (Content-Encoding) is not accepted")
	}
	if !oneTarget(r.URL) {
		return fault(verify.EnvelopeMalformed, "the path has more than one reading, or not its one spelling")
	}
	return nil
}

// oneTarget looks at the path as it was spelled: RawPath, where that is not
// what Path would be spelled as.
func oneTarget(u *url.URL) bool {
	return u != nil && u.Opaque == "" && u.Fragment == "" &&
		(u.RawPath == "" || u.RawPath == u.EscapedPath()) && onePath(u.EscapedPath())
}

func hasToken(values []string, token string) bool {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// onePath reports whether a path, as it stands in the request, has one reading
// and is spelled the one way in which that reading is: RFC 3986 without what
// its sections 6.2.2 would change, and without what servers differ about.
func onePath(p string) bool {
	if !strings.HasPrefix(p, "/") {
		return false
	}
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '/':
			rest := p[i+1:]
			segment, _, more := strings.Cut(rest, "/")
			if segment == "" && more || segment == "." || segment == ".." {
				return false
			}
		case c == '%':
			if i+2 >= len(p) {
				return false
			}
			hi, lo := upperHex(p[i+1]), upperHex(p[i+2])
			if hi < 0 || lo < 0 || !needsEncoding(byte(hi<<4|lo)) {
				return false
			}
			i += 2
		case unreserved(c):
		case strings.IndexByte("!$&'()*+,=:@", c) >= 0: // pchar without ';'
		default:
			return false
		}
	}
	return true
}

// needsEncoding reports whether a byte may stand percent-encoded in a path: it
// cannot stand there as it is, and decoded it means nothing to anybody.
func needsEncoding(c byte) bool {
	return c >= ' ' && c != 0x7f && !unreserved(c) && strings.IndexByte(`/\%;.!$&'()*+,=:@`, c) < 0
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func upperHex(c byte) int {
	return strings.IndexByte("0123456789ABCDEF", c)
}

func tooLarge(most int) error {
	return fault(verify.EnvelopeTooLarge, "the body has more than %d bytes", most)
}

// readBody reads the whole body, at most that many bytes.
func readBody(r *http.Request, most int) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > int64(most) {
		return nil, tooLarge(most)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(most)+1))
	var cap *http.MaxBytesError
	switch {
	case errors.As(err, &cap):
		return nil, tooLarge(int(cap.Limit))
	case err != nil:
		return nil, fault(verify.EnvelopeMalformed, "the body could not be read to its end")
	case len(body) > most:
		return nil, tooLarge(most)
	case r.ContentLength > 0 && r.ContentLength != int64(len(body)):
		return nil, fault(verify.EnvelopeMalformed, "the body has %d bytes and was announced with %d", len(body), r.ContentLength)
	}
	return body, nil
}
