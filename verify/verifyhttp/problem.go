package verifyhttp

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/verify"
)

const (
	problemMediaType = "application/problem+json"
	problemType      = "urn:safeconduct:code:" // the code stands behind it
)

// Problem is the body of a refusal: an RFC 9457 problem. Every refusal has the
// same members, whatever the reason.
type Problem struct {
	Type      string // urn:safeconduct:code: and the code
	Title     string // what the code means, in words; the same for all with this code
	Status    int    // the HTTP status
	Code      verify.Code
	Verdict   verify.Verdict // Deny or Undetermined
	RequestID string         // req_ and the id of the decision, for asking the server's people; may be empty

	// Scope is the scope that would have been needed: with
	// authority.scope_missing and .scope_withdrawn only.
	Scope string
}

// NewProblem returns what a client may know of a refusal. It holds the code
// and, where the code is about a scope, its name; nothing else of the error,
// which may quote the presentation or the surroundings of the verifier. An
// error that is no refusal is internal.error.
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
	if (c == verify.AuthorityScopeMissing || c == verify.AuthorityScopeWithdrawn) && errors.As(err, &refusal) {
		for i := range refusal.Violations {
			if v := &refusal.Violations[i]; v.Code == c && isScope(v.Limit) {
				p.Scope = v.Limit
				break
			}
		}
	}
	return p
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

func (p *Problem) append(dst []byte) []byte {
	w := jsonwrite.Writer{Buf: dst}
	w.BeginObject()
	w.Member("type", p.Type)
	w.Member("title", p.Title)
	w.Name("status")
	w.Int(int64(p.Status))
	w.Member("code", string(p.Code))
	w.Member("verdict", p.Verdict.String())
	w.Member("requestId", p.RequestID)
	w.Member("scope", p.Scope)
	w.EndObject()
	return w.Buf
}

// ReadProblem reads the problem in a response, for an agent that was refused.
// It reads at most 4 KiB of the body and leaves closing it to the caller. It
// fails if the response is not a problem with a code. What it returns is the
// server's word, and nothing more.
func ReadProblem(r *http.Response) (*Problem, error) {
	const most = 4 << 10
	if base, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || base != problemMediaType {
		return nil, fmt.Errorf("verifyhttp: the answer %d is not of type %s", r.StatusCode, problemMediaType)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("verifyhttp: reading a problem: %w", err)
	}
	v, err := strictjson.Parse(string(raw), limits.Default().JSON(most))
	if err != nil {
		return nil, fmt.Errorf("verifyhttp: reading a problem: %w", err)
	}
	p := &Problem{
		Type: v.Get("type").Str(), Title: v.Get("title").Str(), Status: r.StatusCode, Code: verify.Code(v.Get("code").Str()),
		RequestID: v.Get("requestId").Str(), Scope: v.Get("scope").Str(),
	}
	if p.Code == "" {
		p.Code = verify.Code(strings.TrimPrefix(p.Type, problemType))
	}
	if _, ok := verify.Lookup(p.Code); !ok {
		return nil, fmt.Errorf("verifyhttp: the problem %.80q has no code of this vocabulary", p.Type)
	}
	if verdict := v.Get("verdict").Str(); verdict == verify.Undetermined.String() {
		p.Verdict = verify.Undetermined
	}
	return p, nil
}
