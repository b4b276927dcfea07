package safefetch

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/dnsname"
)

// ParseURL accepts an address that has one reading only: https, a DNS name in
// lower case, no user, no fragment, and in the one spelling that it is sent in.
func ParseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "https":
		return nil, fmt.Errorf("scheme %.20q, want https", u.Scheme)
	case u.User != nil:
		return nil, errors.New("a user in a URL")
	case u.Fragment != "" || u.Opaque != "" || strings.HasSuffix(u.Host, ":") || u.String() != address:
		return nil, errors.New("a fragment, or a spelling that others read otherwise")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return nil, fmt.Errorf("port %.32q, want 1 to 65535", port)
		}
	}
	return u, dnsname.Check(u.Hostname())
}
