package didweb

import (
	"context"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/safefetch"
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
	if c == nil || c.fetcher == nil {
		return nil, unavailable(errors.New("the client was not made (NewClient makes one)"))
	}
	u, err := safefetch.ParseURL(address)
	if err != nil {
		return nil, unavailable(fmt.Errorf("%.200q: %w", address, err))
	}
	body, err := c.fetcher.get(ctx, u, safefetch.Want{Types: mediaTypes, Most: most})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return body, nil
}
