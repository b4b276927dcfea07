package didweb

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A Client fetches other files than DID documents, such as status lists, as
// carefully as a [Resolver] does: HTTPS only, no redirects, no proxy, no
// address that is not public, and caps on size and time. It caches nothing and
// is safe for concurrent use.
type Client struct{ fetcher *fetcher }

// NewClient returns a Client. Of the configuration it does not use what is
// about caches and about the content of DID documents.
func NewClient(c Config) (*Client, error) {
	f, _, err := c.fetcher()
	if err != nil {
		return nil, err
	}
	return &Client{f}, nil
}

// Get fetches the file at a URL: https, a DNS name in lower case, no user, no
// fragment, and in the one spelling that it is sent in. The answer must be of
// one of these media types and of at most that many bytes.
//
// It fails with [did.ErrNotFound] if the server says 404 or 410, and with
// [did.ErrUnavailable] for everything else, a URL that is not fetched included.
func (c *Client) Get(ctx context.Context, address string, mediaTypes []string, most int) ([]byte, error) {
	u, err := fetchable(address)
	if err != nil {
		return nil, unavailable("%.200q: %w", address, err)
	}
	body, err := c.fetcher.get(ctx, u, wanted{mediaTypes, "the size", most})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return body, nil
}

// fetchable accepts what has one reading only.
func fetchable(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "https":
		return nil, fmt.Errorf("scheme %.20q, want https", u.Scheme)
	case u.User != nil:
		return nil, fmt.Errorf("a user in a URL")
	case u.Fragment != "" || u.Opaque != "" || strings.HasSuffix(u.Host, ":") || u.String() != address:
		return nil, fmt.Errorf("a fragment, or a spelling that others read otherwise")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return nil, fmt.Errorf("port %.32q, want 1 to 65535", port)
		}
	}
	return u, checkHost(u.Hostname())
}
