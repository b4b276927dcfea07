package httpsource

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/statuslist"
)

// fresh says how long a list is handed out before its host is asked again: for
// what the host and the list say, whichever is less, not beyond the list's own
// end, and within the bounds. What the list says is not proven; within the
// bounds it can do no harm.
func (f *fetcher) fresh(h http.Header, list *statuslist.Fetched, at time.Time) time.Duration {
	d, stated := lifetime(h, at)
	l, err := statuslist.ReadUnverified(list.Raw)
	if err == nil && l.HasTTL && (!stated || l.TTL < d) {
		d, stated = l.TTL, true
	}
	if !stated {
		d = f.ttl
	}
	if err == nil && !l.ValidUntil.IsZero() {
		d = min(d, l.ValidUntil.Sub(at))
	}
	return min(max(d, f.minTTL), f.maxTTL)
}

// maxSeconds is a year, beyond which RFC 9111 sends nobody.
const maxSeconds = 365 * 24 * 60 * 60

// lifetime is for how long the host says that its answer is good (RFC 9111,
// sections 4.2 and 5.2.2), from now on. Whatever it says about caches that are
// shared is not for us.
func lifetime(h http.Header, at time.Time) (d time.Duration, stated bool) {
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(name) {
			case "no-cache", "no-store":
				return 0, true
			case "max-age":
				// Twice, or not a number: the least holds.
				if n := seconds(strings.Trim(value, `"`)); !stated || n < d {
					d, stated = n, true
				}
			}
		}
	}
	if stated {
		return max(d-seconds(h.Get("Age")), 0), true
	}
	if h.Get("Expires") == "" {
		return 0, false
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil {
		return 0, true // "0", which many hosts write
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		at = date // by the host's own clock
	}
	return max(expires.Sub(at), 0), true
}

// seconds reads delta-seconds. What is not a number is none.
func seconds(s string) time.Duration {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil && n == 0 {
		return 0
	}
	return time.Duration(min(n, maxSeconds)) * time.Second
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds or a date.
func retryAfter(s string, now time.Time) time.Duration {
	if t, err := http.ParseTime(s); err == nil {
		return max(t.Sub(now), 0)
	}
	return seconds(s)
}
