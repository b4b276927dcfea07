package httpsource

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/safefetch"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Config configures a [Source]. The zero Config is right for production.
type Config struct {
	// TTL is how long a list is handed out before its host is asked again,
	// where neither the host nor the list says. Zero means a minute.
	TTL time.Duration
	// MinTTL and MaxTTL bound what the host and the list say: nobody is asked
	// more often than MinTTL, and a revocation is seen after MaxTTL at the
	// latest while the host is up. Zero means 5 seconds and 15 minutes.
	MinTTL, MaxTTL time.Duration

	// RootCAs are the certificate authorities to believe; nil means the
	// system's.
	RootCAs *x509.CertPool
	// Timeout is the time for one fetch, from look-up to last byte. Zero means
	// 5 seconds, at most 15.
	Timeout time.Duration
	// ConnectTimeout is the part of it for finding the host and connecting, all
	// its addresses together. Zero means 2 seconds, at most 15.
	ConnectTimeout time.Duration
	// LookupNetIP looks a host up; nil means that of net.DefaultResolver. Its
	// answers are not trusted: each address is judged before and at dial.
	LookupNetIP func(ctx context.Context, network, host string) ([]netip.Addr, error)

	// Documents caps one list as it is served: EncodedListBytes and
	// DocumentBytes together. Zero fields: their defaults.
	Documents credential.Bounds
	// Lists and Bytes are the most that is kept. Zero means 1,024 lists and
	// 64 MiB; at most 16,384 and 512 MiB.
	Lists, Bytes int

	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Observe is told of every fetch, for metrics and logs; see
	// [statuslist.CacheOptions]. Nil: nobody is told.
	Observe func(statuslist.FetchEvent)

	// InsecureAllowPrivateAddresses lets lists be fetched from loopback, private
	// and other addresses that are not public. For tests only: a stranger's
	// passport can then make this process talk to its own network.
	InsecureAllowPrivateAddresses bool
}

// Source is a [statuslist.Source] over HTTPS. It is safe for concurrent use.
//
// It fails with status.unavailable: with [statuslist.ErrNotFound] where the host
// says 404 or 410, and for a URL that is never fetched, such as one of http; without
// for everything else.
type Source struct {
	cache *statuslist.Cache
}

var _ statuslist.Source = (*Source)(nil)

// New returns a Source that has no list yet. It fails with request.invalid if a
// value of the configuration is out of range.
func New(c Config) (*Source, error) {
	b, err := limits.Bounds{
		Documents: limits.Documents(c.Documents), DIDFetchTime: c.Timeout, DIDConnectTime: c.ConnectTimeout,
	}.Resolve()
	if err != nil {
		return nil, &code.Error{Code: code.RequestInvalid, Err: err}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	f := &fetcher{
		now:  c.Now,
		most: b.Documents.EncodedListBytes + b.Documents.DocumentBytes,
		ttl:  cmp.Or(c.TTL, time.Minute), minTTL: cmp.Or(c.MinTTL, 5*time.Second), maxTTL: cmp.Or(c.MaxTTL, 15*time.Minute),
		client: safefetch.New(safefetch.Config{
			RootCAs: c.RootCAs, Timeout: b.DIDFetchTime, ConnectTimeout: b.DIDConnectTime, Now: c.Now,
			LookupNetIP: c.LookupNetIP, InsecureAllowPrivateAddresses: c.InsecureAllowPrivateAddresses,
		}),
	}
	if f.minTTL < 0 || f.ttl < 0 || f.maxTTL < f.minTTL {
		return nil, &code.Error{Code: code.RequestInvalid,
			Detail: fmt.Sprintf("TTL %s, MinTTL %s, MaxTTL %s: want none negative, and MaxTTL not below MinTTL", f.ttl, f.minTTL, f.maxTTL)}
	}
	cache, err := statuslist.NewCache(f, statuslist.CacheOptions{Lists: c.Lists, Bytes: c.Bytes, Now: c.Now, Observe: c.Observe})
	if err != nil {
		return nil, err
	}
	return &Source{cache}, nil
}

// StatusList returns the list at url: from memory while it is fresh, or while
// its host is down.
func (s *Source) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	return s.kept().StatusList(ctx, url)
}

// Run fetches lists that are in use again before they have to be, until the
// context is done; see [statuslist.Cache.Run]. Without it, one caller waits for
// that, and the others get the list of before meanwhile.
func (s *Source) Run(ctx context.Context) error { return s.kept().Run(ctx) }

// kept returns the cache; nil, which has no list, if New did not make the Source.
func (s *Source) kept() *statuslist.Cache {
	if s == nil {
		return nil
	}
	return s.cache
}
