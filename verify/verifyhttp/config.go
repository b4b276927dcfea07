package verifyhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
)

// Header fields that can carry a presentation.
const (
	HeaderPassport      = "Agent-Passport"     // the default
	HeaderGrantex       = "X-Grantex-Passport" // where Grantex clients put it
	HeaderAuthorization = "Authorization"      // with the scheme Bearer
)

// GuardConfig says what a [Guard] asks, and which verifier. [NewGuard] copies it.
type GuardConfig struct {
	// Verifier decides. Nil is an error.
	Verifier *verify.Verifier

	// Audience is the name under which agents know this server; empty is an
	// error. Nothing of a request, not Host and not X-Forwarded-*, has a say in
	// it.
	Audience string

	// Request says what an HTTP request means. Nil is an error. It gets a copy
	// whose body can be read; what it does to the copy reaches nobody. Audience
	// and BodyDigest are the guard's to fill in: leaving them empty is best,
	// and another value than the guard's is refused with request.invalid.
	//
	// Texts with white space, control characters or '*', such as those of a path that
	// was decoded, cannot be asked about: the client gets envelope.malformed. A host
	// whose paths have them names them as URL.EscapedPath spells them.
	//
	// An error refuses. One that wraps a [verify.Code], such as
	// verify.EnvelopeMalformed for a body that makes no sense or
	// verify.AuthorityOperationUnknown, is answered with that code; any other
	// is request.invalid, a fault of the host (500).
	//
	// It must be safe for concurrent use.
	Request func(*http.Request) (verify.Request, error)

	// Headers are the fields that may carry a presentation. Nil:
	// Agent-Passport only. A list replaces that; empty and not nil: none, the
	// body carrier only.
	Headers []string

	// Methods are the methods let through to verification, in upper case. Nil:
	// GET, POST, PUT, PATCH, DELETE. No method is ever let through unverified;
	// what must answer without a passport, such as a CORS preflight, goes in
	// front of the guard. CONNECT and upgrades are always refused.
	Methods []string

	// IgnoreFields are header fields by which some frameworks read another method
	// or target than the request line has, and which a proxy in front sets to
	// something else: X-Original-URL, X-Rewrite-URL, X-Original-Method,
	// X-HTTP-Method-Override, X-HTTP-Method, X-Method-Override. They are removed,
	// unread. Nil: a request with such a field is refused unless it says what the
	// request line says.
	IgnoreFields []string

	// MaxHeader is the longest presentation in a header field, in bytes of
	// text. Zero: 16 KiB; at most 63 KiB.
	MaxHeader int

	// MaxBody is the longest body in bytes, after it was unpacked. Zero: 1 MiB;
	// at most 64 MiB. It is held in memory.
	MaxBody int

	// Timeout bounds verification and, under Handler, the reading of the body
	// too unless the http.Server has a ReadTimeout of its own. Zero: 10 s; at
	// most 1 min.
	Timeout time.Duration

	// Limiter is asked before anything is decoded. Nil: no limit. LimitKey
	// says whom a request counts for; nil: [OriginKey].
	Limiter  Limiter
	LimitKey func(*http.Request) string

	// RetryAfter is what the field Retry-After says for a refusal that is
	// undetermined and does not know when it passes: a list could not be fetched,
	// the ledger did not answer. Zero: 30 s; at most 1 h. Refusals that know, say so.
	RetryAfter time.Duration

	// Repeat answers in place of the handler when an act was allowed before
	// (Request.AcceptRepeat): it repeats the stored answer and must not act.
	// Nil: such a request is refused with ledger.repeated.
	Repeat http.Handler

	// Settle says what becomes of the reservation of an allowed decision after
	// the handler has returned with that status. Nil: [SettleSuccess].
	Settle func(d *verify.Decision, status int) AfterAct

	// Deny answers a refusal. Nil: [WriteProblem]. The guard has then already
	// set Cache-Control, WWW-Authenticate and the fields of the Limiter.
	Deny DenyFunc

	// Observe, if not nil, is told of every decision, before the handler or
	// Deny runs: for logs, metrics and receipts. err is nil if and only if the
	// act is allowed. It must not read the request's body.
	Observe func(r *http.Request, d *verify.Decision, err error)

	// Receipt, if not nil, keeps a receipt of each decision, before the handler or
	// Deny runs: the Keep of a receipt.Keeper of verify/receipt.
	// The receipt and its proof go into the field Agent-Receipt of the answer, if
	// the client asked for them. The Verifier needs verify.Config.Evidence. Only
	// Handler does so; with Check it is the host's to do.
	Receipt func(ctx context.Context, d *verify.Decision) (receipt, proof []byte, err error)

	// Unsealed, if not nil, is told when Receipt failed. The decision stands all
	// the same: a full disk neither forbids nor allows an act.
	Unsealed func(d *verify.Decision, err error)

	// Unsettled, if not nil, is told when a reservation could not be settled.
	// It then counts as spent.
	Unsettled func(d *verify.Decision, err error)

	// Now is the clock of decisions that the guard takes by itself, without
	// the verifier; nil: time.Now.
	Now func() time.Time
}

// DenyFunc answers a refused request. The decision is never nil; the error is
// a [*verify.Refusal].
type DenyFunc func(w http.ResponseWriter, r *http.Request, d *verify.Decision, err error)

// AfterAct is what becomes of a reservation once the handler is done. The zero AfterAct is LeaveOpen.
type AfterAct uint8

// The settlements.
const (
	// LeaveOpen leaves it to whoever holds the decision. When its time is over
	// it counts as spent and is flagged for reconciliation.
	LeaveOpen AfterAct = iota
	// Commit makes it final: the act was done.
	Commit
	// Release gives it back: the act was not done. The nonce stays used. A
	// request whose context is over by then, since the client has gone or time
	// ran out, is left open instead; a handler that knows calls Decision.Release.
	Release
)

// SettleSuccess commits after a status below 400 and leaves everything else
// open. A handler may fail after money has moved; what then happened is not
// for a status code to say.
func SettleSuccess(_ *verify.Decision, status int) AfterAct {
	if status < 400 {
		return Commit
	}
	return LeaveOpen
}

// SettleByStatus commits below 400, releases after 4xx, and leaves 5xx open.
// It is for handlers that answer 4xx only if they have done nothing.
func SettleByStatus(_ *verify.Decision, status int) AfterAct {
	switch {
	case status < 400:
		return Commit
	case status < 500:
		return Release
	}
	return LeaveOpen
}

// Guard lets a request through only if the agent that makes it may. It is
// immutable and safe for concurrent use. The zero Guard refuses everything.
type Guard struct {
	c         GuardConfig
	methods   map[string]bool
	challenge []string // values of WWW-Authenticate
}

// NewGuard checks a configuration and returns a Guard for it.
func NewGuard(c GuardConfig) (*Guard, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Verifier == nil {
		fail("Verifier is nil: nothing could be decided; see verify.New")
	}
	if c.Audience == "" {
		fail("Audience is empty: name this server as agents know it, such as did:web:shop.example; it is never taken from a request")
	} else if !visible(c.Audience) {
		fail("Audience %.80q holds spaces, quotation marks, control or non-ASCII characters", c.Audience)
	}
	if c.Request == nil {
		fail("Request is nil: the guard does not know what a request means")
	}
	if c.Headers == nil {
		c.Headers = []string{HeaderPassport}
	}
	headers, seen := make([]string, 0, len(c.Headers)), map[string]bool{}
	for _, name := range c.Headers {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !isToken(name):
			fail("Headers: %.80q is not the name of a header field", name)
		case seen[canonical]:
			fail("Headers: %s is listed twice", canonical)
		case notCarriers[canonical]:
			fail("Headers: %s has another meaning in HTTP", canonical)
		}
		seen[canonical], headers = true, append(headers, canonical)
	}
	c.Headers = headers
	ignored := make([]string, 0, len(c.IgnoreFields))
	for _, name := range c.IgnoreFields {
		if !isOverriding(http.CanonicalHeaderKey(name)) {
			fail("IgnoreFields: %.80q does not override method or target, and is not looked at", name)
		}
		ignored = append(ignored, http.CanonicalHeaderKey(name))
	}
	c.IgnoreFields = ignored
	if c.Methods == nil {
		c.Methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	}
	methods := make(map[string]bool, len(c.Methods))
	for _, m := range c.Methods {
		if !isToken(m) || m != strings.ToUpper(m) || m == http.MethodConnect {
			fail("Methods: %.20q cannot be let through", m)
		}
		methods[m] = true
	}
	if c.RetryAfter < 0 || c.RetryAfter > time.Hour {
		fail("RetryAfter is %s, want 0 to 1 h", c.RetryAfter)
	}
	if c.RetryAfter == 0 {
		c.RetryAfter = 30 * time.Second
	}
	b, err := limits.Bounds{HTTPHeaderBytes: c.MaxHeader, HTTPBodyBytes: c.MaxBody, HTTPDecisionTime: c.Timeout}.Resolve()
	if err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("verifyhttp: configuration: %w", err)
	}
	c.MaxHeader, c.MaxBody, c.Timeout = b.HTTPHeaderBytes, b.HTTPBodyBytes, b.HTTPDecisionTime
	if c.LimitKey == nil {
		c.LimitKey = OriginKey
	}
	if c.Settle == nil {
		c.Settle = SettleSuccess
	}
	if c.Deny == nil {
		c.Deny = WriteProblem
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	g := &Guard{c: c, methods: methods, challenge: []string{`AgentPassport audience="` + c.Audience + `"`}}
	if seen[HeaderAuthorization] {
		g.challenge = append(g.challenge, `Bearer realm="`+c.Audience+`"`)
	}
	return g, nil
}

// notCarriers are fields that HTTP itself reads.
var notCarriers = map[string]bool{
	"Host": true, "Connection": true, "Content-Length": true, "Content-Type": true, "Content-Encoding": true,
	"Transfer-Encoding": true, "Trailer": true, "Te": true, "Upgrade": true, "Cookie": true, "Proxy-Authorization": true,
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// visible reports whether s can be put in quotation marks in a header field.
func visible(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
