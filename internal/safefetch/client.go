package safefetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// Config configures a [Client]. Times must be resolved: zero is no time at all.
type Config struct {
	RootCAs        *x509.CertPool // nil: the system's
	Timeout        time.Duration  // for one fetch, from look-up to last byte
	ConnectTimeout time.Duration  // for finding the host and connecting, all its addresses together
	Now            func() time.Time
	LookupNetIP    LookupFunc // nil: that of net.DefaultResolver

	// InsecureAllowPrivateAddresses lets the client reach addresses that are not
	// public. For tests only.
	InsecureAllowPrivateAddresses bool
}

// maxHeaderBytes is far more than the header of a plain answer needs.
const maxHeaderBytes = 16 << 10

// Client fetches files. It caches nothing and is safe for concurrent use.
type Client struct {
	transport *http.Transport
	timeout   time.Duration
}

// New returns a Client.
func New(c Config) *Client { return &Client{timeout: c.Timeout, transport: Transport(c)} }

// Transport returns the guarded connections of a Client, for what is sent instead of
// fetched: no proxy, no private address, no connection that outlives its request.
func Transport(c Config) *http.Transport {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.LookupNetIP == nil {
		c.LookupNetIP = net.DefaultResolver.LookupNetIP
	}
	g := &guard{lookup: c.LookupNetIP, allowPrivate: c.InsecureAllowPrivateAddresses, connect: c.ConnectTimeout}
	return &http.Transport{
		Proxy:                  nil, // not even from the environment: a proxy would dial unjudged
		DialContext:            g.DialContext,
		DisableCompression:     true,
		DisableKeepAlives:      true, // no connection outlives its fetch
		MaxResponseHeaderBytes: maxHeaderBytes,
		// A handshake may go on after its request has given up.
		TLSHandshakeTimeout: c.Timeout,
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    c.RootCAs,
			Time:       c.instant,
		},
	}
}

// instant reads the clock for certificates. One that panics would end the process,
// as a look-up would; at the zero time no certificate is valid.
func (c Config) instant() (at time.Time) {
	defer func() { _ = recover() }()
	return c.Now()
}

// Want says what is asked for, and what an answer may be.
type Want struct {
	Types []string // media types
	Most  int      // bytes
	ETag  string   // of the file that the caller has; the answer may then be that it has not changed
}

// Answer is what a host answered. Its body is nil where NotModified.
type Answer struct {
	Body        []byte
	Header      http.Header
	NotModified bool
}

// StatusError is the error for an answer of another status than was wanted.
type StatusError struct {
	Status int
	Header http.Header
}

func (e *StatusError) Error() string {
	if e.Gone() {
		return fmt.Sprintf("status %d", e.Status)
	}
	return fmt.Sprintf("status %d, want 200", e.Status)
}

// Gone reports whether the host says that there is no such file.
func (e *StatusError) Gone() bool {
	return e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// Get fetches a file in the time that is allowed for it. It fails with a
// [*StatusError] if the host has no such file, or says so with any status but
// 200.
func (c *Client) Get(ctx context.Context, u *url.URL, want Want) (*Answer, error) {
	if ctx == nil {
		return nil, callctx.ErrNil
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	a, err := c.roundTrip(ctx, u, want)
	if ctx.Err() != nil {
		// An answer may still win the race against its own cancellation.
		return nil, context.Cause(ctx)
	}
	return a, err
}

func (c *Client) roundTrip(ctx context.Context, u *url.URL, want Want) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", strings.Join(want.Types, ", "))
	req.Header.Set("User-Agent", "safeconduct")
	if want.ETag != "" {
		req.Header.Set("If-None-Match", want.ETag)
	}
	// The transport alone: it follows no redirect and keeps no cookie.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if want.ETag != "" && resp.StatusCode == http.StatusNotModified {
		return &Answer{Header: resp.Header, NotModified: true}, nil
	}
	if err := checkHead(resp, want.Types); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(want.Most)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > want.Most {
		return nil, fmt.Errorf("the answer has more than the %d bytes that are allowed", want.Most)
	}
	return &Answer{Body: body, Header: resp.Header}, nil
}

// checkHead accepts exactly a plain answer with a file in it.
func checkHead(resp *http.Response, accepted []string) error {
	if resp.StatusCode != http.StatusOK {
		return &StatusError{Status: resp.StatusCode, Header: resp.Header}
	}
	if resp.Header.Get("Refresh") != "" {
		return fmt.Errorf("a Refresh header, which is a redirect")
	}
	if encodings := resp.Header.Values("Content-Encoding"); len(encodings) > 0 {
		return fmt.Errorf("Content-Encoding %.64q, want none", encodings)
	}
	types := resp.Header.Values("Content-Type")
	if len(types) != 1 {
		return fmt.Errorf("%d Content-Type headers, want one", len(types))
	}
	media, _, err := mime.ParseMediaType(types[0])
	if err != nil {
		return fmt.Errorf("Content-Type %.64q: %w", types[0], err)
	}
	if !slices.Contains(accepted, media) {
		return fmt.Errorf("Content-Type %.64q, want one of %s", media, strings.Join(accepted, ", "))
	}
	return nil
}
