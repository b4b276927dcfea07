package verifyhttp

import (
	"context"
	"errors"
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
)

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

// What the networks of one site have together: so many times the rate of one,
// and one of so many parts of the callers that are told apart.
const (
	siteRates = 16
	siteParts = 64
)

// MemoryLimiter is a [Limiter] that counts in this process, in windows that
// follow each other and begin for all callers at once. It forgets everything
// when a window ends, so its size is bounded.
//
// A caller that is an IPv6 network of 64 bits, as [OriginKey] names it, counts
// for its site of 48 bits as well, which has 16 times the Rate and a 64th of
// Keys: a site has 65,536 networks, and would otherwise have as many rates and
// leave no room for others. Callers beyond Keys share 256 counts by a secret
// hash, so that a flood of them takes few others down with it.
type MemoryLimiter struct {
	rate Rate
	keys int
	now  func() time.Time
	seed maphash.Seed

	mu     sync.Mutex
	window int64 // number of the current window
	counts map[string]int
	sites  map[string]site
	others [256]int // counts that callers beyond keys share
}

type site struct{ requests, networks int }

// NewMemoryLimiter checks the options and returns a limiter.
func NewMemoryLimiter(o MemoryLimiterOptions) (*MemoryLimiter, error) {
	if o.Rate.Requests <= 0 || o.Rate.Window <= 0 || o.Rate.Requests > maxRequests {
		return nil, errors.New("verifyhttp: a limiter needs a Rate of 1 to 100,000,000 requests in a window longer than zero")
	}
	b, err := limits.Bounds{RateKeys: o.Keys}.Resolve()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &MemoryLimiter{rate: o.Rate, keys: b.RateKeys, now: o.Now, seed: maphash.MakeSeed()}
	l.begin(0)
	return l, nil
}

// maxRequests leaves room for the rate of a site in 32 bits.
const maxRequests = 1e8

// Take implements [Limiter]. It never fails. A clock that goes back begins a
// new window.
func (l *MemoryLimiter) Take(_ context.Context, caller string) (Quota, error) {
	if l == nil || l.now == nil {
		return Quota{}, errors.New("verifyhttp: the MemoryLimiter was not made (NewMemoryLimiter makes one)")
	}
	now := l.now().UnixNano()
	length := int64(l.rate.Window)
	window := now / length
	if now%length < 0 {
		window-- // before 1970
	}
	network := siteOf(caller)
	l.mu.Lock()
	defer l.mu.Unlock()
	if window != l.window {
		l.begin(window)
	}
	n, known := l.counts[caller]
	at := l.sites[network]
	room := len(l.counts)+len(l.sites) < l.keys && (network == "" || at.networks < max(l.keys/siteParts, 1))
	other := maphash.String(l.seed, caller) % uint64(len(l.others))
	if !known && !room {
		n = l.others[other]
	}
	left := l.rate.Requests - n
	if network != "" {
		left = min(left, siteRates*l.rate.Requests-at.requests)
	}
	ok := left > 0
	if ok { // refused requests do not count on, so that no count overflows
		left--
		switch {
		case known:
			l.counts[caller]++
		case room:
			l.counts[strings.Clone(caller)] = 1 // it may be a part of something larger
			at.networks++
		default:
			l.others[other]++
		}
		if _, listed := l.sites[network]; network != "" && (listed || room) {
			at.requests++
			l.sites[network] = at
		}
	}
	return Quota{
		OK: ok, Limit: l.rate.Requests, Remaining: max(left, 0),
		Window: l.rate.Window, Reset: time.Duration((window+1)*length - now),
	}, nil
}

func (l *MemoryLimiter) begin(window int64) {
	l.window, l.counts, l.sites, l.others = window, map[string]int{}, map[string]site{}, [256]int{}
}

// siteOf returns the network of 48 bits around an IPv6 network of 64, or "".
func siteOf(caller string) string {
	if !strings.HasSuffix(caller, "::/64") {
		return ""
	}
	network, err := netip.ParsePrefix(caller)
	if err != nil || !network.Addr().Is6() {
		return ""
	}
	site, err := network.Addr().Prefix(48)
	if err != nil {
		return ""
	}
	return site.String()
}
