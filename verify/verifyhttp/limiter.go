package verifyhttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
)

// Limiter counts requests of a caller, so that strangers cannot make a server
// work without end. It is no part of an agent's authority: rates that a
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

// setHeader writes X-RateLimit-Limit, -Remaining, -Window and -Reset (the last
// two in seconds) and, for a refused request, Retry-After.
func (q *Quota) setHeader(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(q.Limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(q.Remaining, 0)))
	h.Set("X-RateLimit-Window", seconds(q.Window))
	h.Set("X-RateLimit-Reset", seconds(q.Reset))
	if !q.OK {
		h.Set("Retry-After", seconds(q.Reset))
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
		return &q, fault(verify.LedgerRateExceeded, "more than %d requests in %s", q.Limit, q.Window)
	}
	return &q, nil
}

// OriginKey names the caller by the address that the request came from: an
// IPv4 address, or the /64 network of an IPv6 address, of which one caller has
// any number. It reads no header field: behind a proxy all callers have the
// proxy's address, and the host knows better.
func OriginKey(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
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

// Rate is a limit: so many requests in a window of that length.
type Rate struct {
	Requests int
	Window   time.Duration
}

// OriginRate is the usual rate of one address that is not known by name.
func OriginRate() Rate { return Rate{60, time.Minute} }

// KeyRate is the usual rate of one key.
func KeyRate() Rate { return Rate{300, time.Minute} }

// LoginRate is the usual rate of attempts to log in.
func LoginRate() Rate { return Rate{10, 5 * time.Minute} }

// WriteRate and ReadRate are those of the Open Agent Passport's service.
func WriteRate() Rate { return Rate{60, time.Minute} }

// ReadRate is described at WriteRate.
func ReadRate() Rate { return Rate{100, time.Minute} }

// MemoryLimiterOptions configure a [MemoryLimiter].
type MemoryLimiterOptions struct {
	Rate Rate             // needed
	Keys int              // callers told apart in one window; zero: 65,536, at most 1,048,576
	Now  func() time.Time // the clock; nil: time.Now
}

// MemoryLimiter is a [Limiter] that counts in this process, in windows that
// follow each other and begin for all callers at once. It forgets everything
// when a window ends, so its size is bounded: callers beyond Keys share one
// count.
type MemoryLimiter struct {
	rate Rate
	keys int
	now  func() time.Time

	mu     sync.Mutex
	window int64 // number of the current window
	counts map[string]int
	others int
}

// NewMemoryLimiter checks the options and returns a limiter.
func NewMemoryLimiter(o MemoryLimiterOptions) (*MemoryLimiter, error) {
	if o.Rate.Requests <= 0 || o.Rate.Window <= 0 {
		return nil, errors.New("verifyhttp: a limiter needs a Rate of at least one request in a window longer than zero")
	}
	b, err := limits.Bounds{RateKeys: o.Keys}.Resolve()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &MemoryLimiter{rate: o.Rate, keys: b.RateKeys, now: o.Now, counts: map[string]int{}}, nil
}

// Take implements [Limiter]. It never fails. A clock that goes back begins a
// new window.
func (l *MemoryLimiter) Take(_ context.Context, caller string) (Quota, error) {
	now := l.now().UnixNano()
	length := int64(l.rate.Window)
	window := now / length
	if now%length < 0 {
		window-- // before 1970
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if window != l.window {
		l.window, l.counts, l.others = window, map[string]int{}, 0
	}
	n, known := l.counts[caller]
	shared := !known && len(l.counts) >= l.keys
	if shared {
		n = l.others
	}
	ok := n < l.rate.Requests
	if ok { // refused requests do not count on, so that no count overflows
		n++
	}
	switch {
	case shared:
		l.others = n
	case known:
		l.counts[caller] = n
	default:
		l.counts[strings.Clone(caller)] = n // it may be a part of something larger
	}
	return Quota{
		OK: ok, Limit: l.rate.Requests, Remaining: l.rate.Requests - n,
		Window: l.rate.Window, Reset: time.Duration((window+1)*length - now),
	}, nil
}
