package didweb

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/safefetch"
)

// Config configures a [Resolver]. The zero Config is right for production.
type Config struct {
	// RootCAs are the certificate authorities to believe; nil means the
	// system's.
	RootCAs *x509.CertPool

	// Timeout is the time for one fetch, from look-up to last byte. Zero means
	// 5 seconds, at most 15.
	Timeout time.Duration

	// ConnectTimeout is the part of it for finding the host and connecting,
	// all its addresses together. Zero means 2 seconds, at most 15.
	ConnectTimeout time.Duration

	// TTL, NegativeTTL and Entries bound the cache as in [did.CacheConfig].
	// Zero means 5 minutes, 30 seconds and 1,024.
	TTL, NegativeTTL time.Duration
	Entries          int

	// Bounds caps the documents. Zero fields: their defaults.
	Bounds did.Bounds

	// Now tells the time, for the cache and for certificates; nil means
	// [time.Now].
	Now func() time.Time

	// LookupNetIP looks a host up; nil means that of [net.DefaultResolver].
	// Its answers are not trusted: each address is judged before and at dial.
	LookupNetIP func(ctx context.Context, network, host string) ([]netip.Addr, error)

	// InsecureAllowPrivateAddresses lets DIDs reach loopback, private and
	// other addresses that are not public. For tests only: a stranger's DID
	// can then make this process talk to its own network.
	InsecureAllowPrivateAddresses bool
}

// A Resolver resolves did:web over HTTPS, with a cache. It is safe for
// concurrent use.
//
// It fails with [did.ErrInvalidDID] for a DID without a location (see [URL]);
// with [did.ErrMethodNotSupported] for another method; with [did.ErrNotFound]
// if the server says 404 or 410; with [did.ErrInvalidDocument] if what it
// serves is not the DID's document; and with [did.ErrUnavailable] for
// everything else: no connection, a refused address, a bad certificate, a
// redirect, another status, too many bytes, too much time.
type Resolver struct {
	cache *did.Cache
}

var _ did.Resolver = (*Resolver)(nil)

// New returns a Resolver with an empty cache. It fails if a value of the
// configuration is out of range.
func New(c Config) (*Resolver, error) {
	f, b, err := c.fetcher()
	if err != nil {
		return nil, err
	}
	cache, err := did.NewCache(did.CacheConfig{
		Resolver: did.ResolverFunc(f.fetch),
		TTL:      b.DIDCacheAge, NegativeTTL: b.DIDFailureAge, Entries: b.DIDCacheEntries,
		Now: c.Now,
	})
	if err != nil {
		return nil, err
	}
	return &Resolver{cache: cache}, nil
}

// fetcher checks the configuration and builds what fetches.
func (c Config) fetcher() (*fetcher, limits.Bounds, error) {
	b, err := limits.Bounds{
		DIDs: limits.DIDs(c.Bounds), DIDFetchTime: c.Timeout, DIDConnectTime: c.ConnectTimeout,
		DIDCacheAge: c.TTL, DIDFailureAge: c.NegativeTTL, DIDCacheEntries: c.Entries,
	}.Resolve()
	if err != nil {
		return nil, b, fmt.Errorf("didweb: %w", err)
	}
	return &fetcher{
		most:   b.DIDs.DocumentBytes,
		parser: did.DocumentParser{Bounds: did.Bounds(b.DIDs)},
		client: safefetch.New(safefetch.Config{
			RootCAs: c.RootCAs, Timeout: b.DIDFetchTime, ConnectTimeout: b.DIDConnectTime, Now: c.Now,
			LookupNetIP: c.LookupNetIP, InsecureAllowPrivateAddresses: c.InsecureAllowPrivateAddresses,
		}),
	}, b, nil
}

// Resolve returns the document of a did:web, from the cache or from its host.
func (r *Resolver) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	// Before the cache: what has no location has no business in it.
	if _, err := locate(id); err != nil {
		return nil, err
	}
	return r.kept().Resolve(ctx, id)
}

// kept returns the cache; nil, which finds nothing, if New did not make the
// Resolver.
func (r *Resolver) kept() *did.Cache {
	if r == nil {
		return nil
	}
	return r.cache
}

// Forget drops what the cache knows about id, so that the next call fetches.
func (r *Resolver) Forget(id did.DID) { r.kept().Forget(id) }
