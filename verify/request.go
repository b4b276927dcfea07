package verify

import (
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// Request is the question: may the presenter do this, now? It comes from the
// caller's own knowledge of what is about to happen, never from what was
// presented; every member is compared with the signed intent.
type Request struct {
	Audience string // who is asked to act, as agents name it; needed
	Nonce    string // the challenge handed out before, 16 to 128 bytes; empty: the agent's own serves, once

	passport.Act // what is about to happen

	BodyDigest string // see passport.Digest; empty: no body

	// Usage says how much the act uses of named counters, beside "requests",
	// of which every act uses one. A counter that is not named uses 0.
	Usage map[string]int64

	// Operation is what is called, as Config.Operations names it; Action is then
	// its scope. Empty without a registry.
	Operation string
	// CredentialKind is how the caller was authenticated, as Config.Operations
	// names the kinds.
	CredentialKind string
	// ResourceOwner is whose resource it is; it must be the passport's
	// principal, else the refusal is shown as 404 (see ErrForeignResource). Empty:
	// nobody's in particular. For what does not exist name an owner that nobody
	// is: it is then refused with the same words as what belongs to others.
	ResourceOwner string
	// MinAssurance is how well the principal must be identified. Zero: L0.
	MinAssurance passport.Level
	// Running is what the agent runs, as its host measured it; see
	// policy.Attestations. Zero: not measured; else each member must be what the
	// passport says, and one that is absent here must be absent there.
	Running passport.Attestation
	// Discharges names the kinds of obligation that the caller has discharged
	// or will. One that is not named refuses.
	Discharges []string

	// AcceptRepeat says that the caller can repeat its stored answer: an intent
	// that was allowed before is then allowed again with Decision.Repeated set,
	// and nothing is spent. False: it is refused with ledger.repeated.
	AcceptRepeat bool
}

// check reports what is wrong with the caller's own question.
func (q *Request) check(b *Bounds) *Violation {
	bad := func(member, format string, args ...any) *Violation {
		return &Violation{
			Step: StepEnvelope, Code: code.RequestInvalid, Path: "Request." + member, Detail: fmt.Sprintf(format, args...),
			Hint: "this is the caller's own Request, not what was presented",
		}
	}
	switch {
	case q.Audience == "":
		return bad("Audience", "is empty; it names who is asked to act")
	case q.Nonce != "" && (len(q.Nonce) < limits.NonceMinBytes || len(q.Nonce) > b.NonceBytes):
		return bad("Nonce", "has %d bytes, want %d to %d", len(q.Nonce), limits.NonceMinBytes, b.NonceBytes)
	case q.Attributes.Exists() && q.Attributes.Kind() != strictjson.Object:
		return bad("Attributes", "is %s, want an object", q.Attributes.Kind())
	}
	for name := range q.Attributes.Members() {
		if isActMember(name) {
			return bad("Attributes", "%q is a member of the request itself, not an attribute", name)
		}
	}
	if err := passport.CheckAction(q.Action); err != nil {
		return bad("Action", "%v", err)
	}
	if q.MinAssurance.Rank() < 0 {
		return bad("MinAssurance", "%.20q is not a level of assurance", q.MinAssurance)
	}
	if q.Region != "" {
		if err := passport.CheckRegion(q.Region); err != nil {
			return bad("Region", "%v", err)
		}
	}
	if q.BodyDigest != "" {
		if _, err := multibase.DecodeDigest(q.BodyDigest); err != nil {
			return bad("BodyDigest", "%v", err)
		}
	}
	if len(q.Usage) > 0 {
		for name, n := range q.Usage {
			if n < 0 {
				return bad("Usage", "%q is %d, want 0 or more", name, n)
			}
		}
	}
	name, text := unclear(&q.Act, b.Documents.IRIBytes)
	if !isPlain(q.Audience, b.Documents.IRIBytes) {
		name, text = "audience", q.Audience
	}
	if name != "" {
		return bad(strings.ToUpper(name[:1])+name[1:],
			"%.80q has white space, control characters or '*', or more than %d bytes", text, b.Documents.IRIBytes)
	}
	return nil
}
