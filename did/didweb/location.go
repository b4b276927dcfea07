package didweb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/dnsname"
	"github.com/safeconduct/safeconduct/internal/limits"
)

const (
	method   = "web"
	fileName = "did.json"
	rootDir  = ".well-known"
)

// maxSegments caps the path of a did:web.
var maxSegments = limits.Default().DIDPathSegments

// location is where the document of a did:web stands.
type location struct {
	host string // a DNS name in lower case
	port string // "" means 443
	path []string
}

// URL returns the address of the document of a did:web (did:web, section
// 3.2): https://host/.well-known/did.json, or https://host/a/b/did.json for
// did:web:host:a:b. It fails with [did.ErrMethodNotSupported] for another
// method, and with [did.ErrInvalidDID] for a host that is an IP address or not
// a DNS name in lower case, a port that is not 1 to 65535 in its shortest form
// behind "%3A", any other percent-encoding, and a path of more than 32
// segments or with an empty one, "." or "..".
func URL(id did.DID) (string, error) {
	l, err := locate(id)
	if err != nil {
		return "", err
	}
	return "https://" + l.authority() + "/" + l.file(), nil
}

// NewDID returns the did:web of a host ("issuer.example" or
// "issuer.example:8443") and the path segments under it, if any. It fails as
// [URL] does.
func NewDID(host string, path ...string) (did.DID, error) {
	name, port, found := strings.Cut(host, ":")
	text := "did:" + method + ":" + name
	if found {
		text += portMark + port
	}
	for _, segment := range path {
		text += ":" + segment
	}
	// A colon of the caller's would begin another segment.
	if strings.Count(text, ":") != 2+len(path) {
		return did.DID{}, fmt.Errorf("%w: a colon in host %.64q or in a path segment", did.ErrInvalidDID, host)
	}
	id, err := did.Parse(text)
	if err != nil {
		return did.DID{}, err
	}
	if _, err := locate(id); err != nil {
		return did.DID{}, err
	}
	return id, nil
}

// portMark is the only percent-encoding in a did:web.
const portMark = "%3A"

func locate(id did.DID) (location, error) {
	if id.IsZero() {
		return location{}, fmt.Errorf("%w: the zero DID names nobody", did.ErrInvalidDID)
	}
	if id.Method() != method {
		return location{}, fmt.Errorf("%w: %q, want \"web\"", did.ErrMethodNotSupported, id.Method())
	}
	fail := func(format string, args ...any) (location, error) {
		return location{}, fmt.Errorf("%w: %.128q: "+format, append([]any{did.ErrInvalidDID, id.String()}, args...)...)
	}
	parts := strings.Split(id.SpecificID(), ":")
	l := location{path: parts[1:]}
	var hasPort bool
	if l.host, l.port, hasPort = strings.Cut(parts[0], portMark); hasPort {
		if n, err := strconv.ParseUint(l.port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != l.port {
			return fail("port %.32q, want 1 to 65535", l.port)
		}
	}
	if err := dnsname.Check(l.host); err != nil {
		return fail("%w", err)
	}
	if len(l.path) > maxSegments {
		return fail("DIDPathSegments is %d, at most %d is allowed", len(l.path), maxSegments)
	}
	for _, segment := range l.path {
		switch {
		case segment == "" || segment == "." || segment == "..":
			return fail("path segment %q", segment)
		case strings.Contains(segment, "%"):
			return fail("percent-encoding in path segment %.64q", segment)
		}
	}
	return l, nil
}

// authority returns the host, with the port if one is given.
func (l location) authority() string {
	if l.port == "" {
		return l.host
	}
	return l.host + ":" + l.port
}

// file returns the path of the document, without a leading slash.
func (l location) file() string {
	if len(l.path) == 0 {
		return rootDir + "/" + fileName
	}
	return strings.Join(l.path, "/") + "/" + fileName
}
