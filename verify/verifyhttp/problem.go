package verifyhttp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

const (
	problemMediaType = "application/problem+json"
	problemType      = "urn:safeconduct:code:" // the code stands behind it
	mostProblem      = 32 << 10                // bytes of one that are read
)

// Problem is the body of a refusal: an RFC 9457 problem. Every refusal of the
// verifier has the same members, whatever the reason.
type Problem struct {
	Type      string // urn:safeconduct:code: and the code
	Title     string // what the code means, in words; the same for all with this code
	Detail    string // what the guard has found wrong in the request itself; else empty
	Status    int    // the HTTP status
	Code      verify.Code
	Verdict   verify.Verdict // Deny or Undetermined
	RequestID string         // req_ and the id of the decision, for asking the server's people; may be empty

	// Until is when the refusal passes by itself, by the server's clock and rounded
	// up to seconds: a budget or a rate has room again, a passport begins. Zero: it
	// does not, or the server does not know. The field Retry-After says the same as
	// a span.
	Until time.Time

	// Scope is the scope that would have been needed: with
	// authority.scope_missing and .scope_withdrawn only.
	Scope string

	// Reasons are what the agent's own passports say against the act, each with its
	// limit and the actual value. A [Guard] tells none: see [Problem.AddReasons].
	Reasons []Reason
}

// Reason is one reason of a refusal, as far as it follows from what the agent
// itself has shown.
type Reason struct {
	Code   verify.Code
	Detail string // what is wrong, in words
	Limit  string // what would have been right, such as "50.00 USD per day"; may be empty
	Actual string // the value met; may be empty
	Until  time.Time
}

// NewProblem returns what a client may know of a refusal. It holds the code
// and, where the code is about a scope, its name, and of what a [Guard] has
// found in the request by itself the sentence that says so, which quotes
// nothing, and when it passes by itself; nothing else of the error, which may quote the presentation or the
// surroundings of the verifier. An error that is not a refusal is
// internal.error.
func NewProblem(d *verify.Decision, err error) Problem {
	c := codeOf(err)
	info, _ := verify.Lookup(c)
	p := Problem{Type: problemType + string(c), Title: info.Meaning, Status: info.HTTP, Code: c, Verdict: verify.Deny}
	if info.Undetermined {
		p.Verdict = verify.Undetermined
	}
	if d != nil && d.ID != "" {
		p.RequestID = "req_" + d.ID
	}
	var refusal *verify.Refusal
	if !errors.As(err, &refusal) {
		return p
	}
	if c == refusal.Code() {
		p.Status = refusal.HTTPStatus()
	}
	p.Until = ceil(refusal.Until())
	aboutScope := c == verify.AuthorityScopeMissing || c == verify.AuthorityScopeWithdrawn
	for i := range refusal.Violations {
		v := &refusal.Violations[i]
		if v.Code != c {
			continue
		}
		if aboutScope && p.Scope == "" && isScope(v.Limit) {
			p.Scope = v.Limit
		}
		if p.Detail == "" {
			p.Detail = public(v.Detail)
		}
	}
	return p
}

// ceil rounds up to seconds: who comes back then must not be early.
func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// isScope lets through what can only be a name.
func isScope(s string) bool { return len(s) <= 128 && visible(s) }

// codeOf returns the primary code of an error, internal.error if it has none
// of the vocabulary.
func codeOf(err error) verify.Code {
	var refusal *verify.Refusal
	if errors.As(err, &refusal) {
		if _, ok := verify.Lookup(refusal.Code()); ok {
			return refusal.Code()
		}
	}
	return verify.InternalError
}

func statusOf(c verify.Code) int {
	info, _ := verify.Lookup(c)
	return info.HTTP
}

// WriteProblem answers a refusal with a [Problem]. It is the [DenyFunc] that
// serves unless another is set.
func WriteProblem(w http.ResponseWriter, _ *http.Request, d *verify.Decision, err error) {
	p := NewProblem(d, err)
	h := w.Header()
	h.Set("Content-Type", problemMediaType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(p.append(nil)) // a client that has gone needs no answer
}

// ReadProblem reads the problem in a response, for an agent that was refused.
// It reads at most 32 KiB of the body and leaves closing it to the caller. It
// fails if the response is not a problem with a code. What it returns is the
// server's word, and nothing more.
func ReadProblem(r *http.Response) (*Problem, error) {
	if !isProblem(r) {
		return nil, fmt.Errorf("verifyhttp: the answer %d is not of type %s", r.StatusCode, problemMediaType)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, mostProblem+1))
	if err != nil {
		return nil, fmt.Errorf("verifyhttp: reading a problem: %w", err)
	}
	p := &Problem{}
	if err := p.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	p.Status = r.StatusCode
	return p, nil
}

func isProblem(r *http.Response) bool {
	base, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && base == problemMediaType
}

// isReplay reports whether a response says that the presentation was used
// before. It leaves the body as it was.
func isReplay(r *http.Response) bool {
	if r.StatusCode != statusOf(verify.LedgerReplay) || r.Body == nil || !isProblem(r) {
		return false
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, mostProblem+1))
	again := *r
	again.Body = io.NopCloser(bytes.NewReader(head))
	p, readErr := ReadProblem(&again)
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	return err == nil && readErr == nil && p.Code == verify.LedgerReplay
}
