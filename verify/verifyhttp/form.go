package verifyhttp

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/onepath"
	"github.com/safeconduct/safeconduct/verify"
)

// overriding are header fields by which some frameworks read another method or
// another target than the request line has.
var overriding = []struct {
	name  string
	fault sentence
}{
	{"X-Http-Method-Override", otherMethod}, {"X-Http-Method", otherMethod}, {"X-Method-Override", otherMethod},
	{"X-Original-Method", otherMethod}, {"X-Original-Url", otherTarget}, {"X-Rewrite-Url", otherTarget},
}

func isOverriding(name string) bool {
	for _, f := range overriding {
		if f.name == name {
			return true
		}
	}
	return false
}

// form refuses a request that two readers may take for two requests.
func (g *Guard) form(r *http.Request) error {
	if !g.methods[r.Method] {
		return found(verify.AuthorityOperationUnknown, notLetThrough, "", r.Method)
	}
	// Only both together are an upgrade (RFC 9110, section 7.8). Proxies send
	// Connection by itself.
	if len(r.Header["Upgrade"]) > 0 && hasToken(r.Header["Connection"], "upgrade") {
		return found(verify.AuthorityOperationUnknown, upgrades, "", r.Header["Upgrade"][0])
	}
	for _, f := range overriding {
		if slices.Contains(g.c.IgnoreFields, f.name) {
			continue
		}
		for _, value := range r.Header[f.name] {
			same := strings.EqualFold(value, r.Method)
			if f.fault == otherTarget {
				same = isTarget(r, value)
			}
			if !same {
				return found(verify.EnvelopeMalformed, f.fault, r.Method+" "+r.URL.RequestURI(), f.name+": "+value)
			}
		}
	}
	for _, value := range r.Header["Content-Encoding"] {
		if !strings.EqualFold(value, "identity") {
			return found(verify.EnvelopeMalformed, encodedBody, "identity", value)
		}
	}
	return onePath(r.URL)
}

// isTarget reports whether a field says the target that the request has: in the
// form of its request line, or as an absolute URL of the same host. A handler
// whose prefix was cut off may have another target than the request line.
func isTarget(r *http.Request, value string) bool {
	if rest, ok := strings.CutPrefix(value, "https://"+r.Host+"/"); ok {
		value = "/" + rest
	} else if rest, ok := strings.CutPrefix(value, "http://"+r.Host+"/"); ok {
		value = "/" + rest
	}
	return value != "" && (value == r.RequestURI || value == r.URL.RequestURI())
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

// onePath refuses a path that has more than one reading. It looks at the path as
// it was spelled: RawPath, where that is not what Path would be spelled as. A
// path without its first '/' is what http.StripPrefix leaves of one.
func onePath(u *url.URL) error {
	switch {
	case u == nil || u.Opaque != "" || u.Fragment != "" || u.Path == "*":
		return found(verify.EnvelopeMalformed, notAPath, "", "")
	case u.RawPath != "" && u.RawPath != u.EscapedPath():
		return found(verify.EnvelopeMalformed, notEncoded, u.EscapedPath(), u.RawPath)
	}
	if doubt := onepath.Doubt(u.EscapedPath()); doubt != "" {
		return found(verify.EnvelopeMalformed, sentence(doubt), "", u.EscapedPath())
	}
	return nil
}

func tooLarge(most int) error {
	return found(verify.EnvelopeTooLarge, bodyTooLong, most, "more")
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
		return nil, found(verify.EnvelopeMalformed, bodyUnread, "", err)
	case len(body) > most:
		return nil, tooLarge(most)
	case r.ContentLength > 0 && r.ContentLength != int64(len(body)):
		return nil, found(verify.EnvelopeMalformed, bodyOtherLength, r.ContentLength, len(body))
	}
	return body, nil
}
