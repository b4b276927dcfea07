package registry

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/internal/hostcall"
)

// Class is of calls that are counted together (A16).
type Class string

// The classes.
const (
	ClassOrigin Class = "origin" // of an address that nobody knows
	ClassKey    Class = "key"    // of a key
	ClassLogin  Class = "login"  // attempts to log in
	ClassWrite  Class = "write"  // that change something
	ClassRead   Class = "read"   // that do not
)

// Rate is so many calls in a window of that length.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Rates are the usual rates of each class: the first three are those of AIP-1's
// service, the others those of APort's.
func Rates() map[Class]Rate {
	return map[Class]Rate{
		ClassOrigin: {60, time.Minute}, ClassKey: {300, time.Minute}, ClassLogin: {10, 5 * time.Minute},
		ClassWrite: {60, time.Minute}, ClassRead: {100, time.Minute},
	}
}

// Quota is where a caller stands. The zero Quota refuses. It has the members of
// verifyhttp.Quota, so that one is converted into the other.
type Quota struct {
	OK        bool
	Limit     int           // calls per Window
	Remaining int           // how many are left
	Window    time.Duration // over which they count
	Reset     time.Duration // until the window ends
}

// Limiter counts a call of a caller, and says whether it is within the limit. A
// limiter of package verifyhttp, one for each class, serves:
//
//	func(ctx context.Context, class registry.Class, caller string) (registry.Quota, error) {
//		q, err := limiters[class].Take(ctx, caller)
//		return registry.Quota(q), err
//	}
type Limiter func(ctx context.Context, class Class, caller string) (Quota, error)

// Admit counts a call by the limiter of the office (A16), for a host to ask before it
// serves one: the caller is an address or the id of a key. Beyond the limit it fails
// with RATE_LIMITED, where the limiter itself fails, or panics, with INTERNAL: then
// nobody is served. Without a limiter everybody is admitted, and the answer has no fields.
func (r *Registry) Admit(ctx context.Context, class Class, caller string) (Quota, error) {
	if r.config.Limiter == nil {
		return Quota{OK: true}, nil
	}
	var q Quota
	var err error
	panicked := hostcall.Try("the limiter", func() { q, err = r.config.Limiter(ctx, class, caller) })
	switch err = errors.Join(panicked, err); {
	case err != nil:
		return Quota{}, &Error{Code: Internal, Status: 503, Detail: "the limiter did not answer", Err: err}
	case !q.OK:
		return q, refuse(RateLimited, "", "more than %d in %s: ask again in %s", q.Limit, q.Window, q.Reset)
	}
	return q, nil
}

// Fields are the header fields of every answer: X-RateLimit-Limit, -Remaining, -Window
// (such as 60s) and -Reset (in seconds), and Retry-After where the call is refused.
// There are none without a limiter. Negative numbers are told as 0; who is refused is
// told to wait a second at least.
func (q Quota) Fields() map[string]string {
	if q.Limit == 0 && q.OK {
		return nil
	}
	f := map[string]string{
		"X-RateLimit-Limit":     strconv.Itoa(max(q.Limit, 0)),
		"X-RateLimit-Remaining": strconv.Itoa(max(q.Remaining, 0)),
		"X-RateLimit-Window":    wholeSeconds(q.Window) + "s",
		"X-RateLimit-Reset":     wholeSeconds(q.Reset),
	}
	if !q.OK {
		f["Retry-After"] = wholeSeconds(max(q.Reset, time.Second))
	}
	return f
}

// wholeSeconds rounds up: who asks again then is not too early.
func wholeSeconds(d time.Duration) string {
	d = max(d, 0)
	whole := d / time.Second
	if d%time.Second > 0 {
		whole++
	}
	return strconv.FormatInt(int64(whole), 10)
}
