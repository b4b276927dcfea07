package verifyhttp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/verify"
)

// Limiter counts requests of a caller, so that strangers cannot make a server
// work without end. It is not part of an agent's authority: rates that a
// passport grants are kept by the ledger. Implementations must be safe for
// concurrent use.
type Limiter interface {
	// Take counts one request of that caller and says whether it is within the
	// limit. An error refuses the request with ledger.unavailable.
	Take(ctx context.Context, caller string) (Quota, error)
}

// Quota is where a caller stands. The zero Quota refuses.
type Quota struct {
	OK        bool
	Limit     int           // requests per Window
	Remaining int           // how many are left
	Window    time.Duration // over which they count
	Reset     time.Duration // until the window ends
}

var quotaFields = [...]string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Window", "X-RateLimit-Reset"}

// setHeader writes X-RateLimit-Limit, -Remaining, -Window (such as 60s) and -Reset
// (in seconds) and, for a refused request, Retry-After.
func (q *Quota) setHeader(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(max(q.Limit, 0)))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(q.Remaining, 0)))
	h.Set("X-RateLimit-Window", seconds(q.Window)+"s")
	h.Set("X-RateLimit-Reset", seconds(q.Reset))
	if !q.OK {
		h.Set("Retry-After", seconds(max(q.Reset, time.Second)))
	}
}

// limit asks the limiter, if there is one.
func (g *Guard) limit(ctx context.Context, r *http.Request) (*Quota, error) {
	if g.c.Limiter == nil {
		return nil, nil
	}
	q, err := g.c.Limiter.Take(ctx, g.c.LimitKey(r))
	switch {
	case err != nil:
		return nil, fault(verify.LedgerUnavailable, "the limiter did not answer: %v", err)
	case !q.OK:
		return &q, &code.Error{
			Code: verify.LedgerRateExceeded, Detail: string(tooManyRequests), Until: g.now().Add(q.Reset),
			Limit: fmt.Sprintf("%d in %s", q.Limit, q.Window), Actual: "more",
		}
	}
	return &q, nil
}

// OriginKey names the caller by the address that the request came from, in the
// form of [AddressKey]. It reads no header field: behind a proxy all callers have
// the proxy's address, and the host knows better.
func OriginKey(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return AddressKey(host)
}

// AddressKey names a caller by an address: an IPv4 address, or the /64 network of
// an IPv6 address, of which one caller has any number. Text that is not an
// address is left as it is. It serves a GuardConfig.LimitKey that reads the
// address from a field which the host's own proxy sets.
func AddressKey(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return network.String()
}
