package verify

import (
	"errors"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Violation is one reason to refuse. It prints as one line.
type Violation struct {
	Step   StepName
	Code   Code
	Path   string // where in the presented document: a JSON Pointer, or ""
	Detail string // what was wrong
	Limit  string // what would have been right, where that is one value
	Actual string // the value met
	Hint   string // the likely cause, or what to do
	Err    error  // the cause, may be nil

	// Until is the first instant at which asking again can make sense, where a
	// refusal passes by itself and that is known: a budget or a rate, hours, a
	// list that is early or due again, what is not valid yet. Zero: it does not
	// pass by itself, or nobody here knows when.
	Until time.Time
}

// ErrForeignResource is the cause of a violation by an act on what belongs to another account than that of the
// passport's principal (see [Request].ResourceOwner). Whoever asks is told that there is no such thing.
var ErrForeignResource = errors.New("the resource belongs to another account than the passport's principal")

// HTTPStatus is the status that a server answers with, if this is why it refuses: that of the code, but 404 for
// another account's resource.
func (v *Violation) HTTPStatus() int {
	if errors.Is(v.Err, ErrForeignResource) {
		return 404
	}
	info, _ := Lookup(v.Code)
	return info.HTTP
}

// Error returns the violation in one line: code, place, what was wrong, what
// would have been right and what was met, cause, hint.
func (v *Violation) Error() string {
	return v.fault().Error()
}

// String returns what Error returns, so that a Violation prints as well as a
// pointer to one, which is the error.
func (v Violation) String() string { return v.Error() }

// why is Error without the values, which a Decision has in members of their own.
func (v *Violation) why() string {
	f := v.fault()
	f.Limit, f.Actual, f.Until = "", "", time.Time{}
	return f.Error()
}

// Is makes errors.Is(err, code) true for the violation's code.
func (v *Violation) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == v.Code
}

// Unwrap returns the cause.
func (v *Violation) Unwrap() error { return v.Err }

func (v *Violation) fault() *code.Error {
	return &code.Error{
		Code: v.Code, Path: v.Path, Detail: v.Detail, Limit: v.Limit, Actual: v.Actual, Hint: v.Hint, Until: v.Until,
		Err: v.Err,
	}
}

// Refusal is the error of [Verifier.Verify]: deny or undetermined. errors.Is
// finds each of its codes, errors.As each [*Violation].
type Refusal struct {
	ID         string  // of the Decision
	Verdict    Verdict // Deny or Undetermined
	Violations []Violation
	Subject    Subject // whose act was refused, as far as that could be read

	primary int
	own     own
}

// Code returns the primary code. See [Decision.Code].
func (r *Refusal) Code() Code {
	if r.primary < len(r.Violations) {
		return r.Violations[r.primary].Code
	}
	return InternalError
}

// HTTPStatus is the status that a server answers with: that of the primary violation.
func (r *Refusal) HTTPStatus() int {
	if r.primary < len(r.Violations) {
		return r.Violations[r.primary].HTTPStatus()
	}
	info, _ := Lookup(InternalError)
	return info.HTTP
}

// Until returns the first instant at which asking again can make sense: when
// every reason of the refusal has passed. Zero if one of them does not pass by
// itself, or if nobody here knows when it does.
func (r *Refusal) Until() time.Time { return passes(r.Violations) }

// passes returns when the last of the reasons has passed by itself.
func passes(list []Violation) (last time.Time) {
	for i := range list {
		until := list[i].Until
		if until.IsZero() {
			return until
		}
		if until.After(last) {
			last = until
		}
	}
	return last
}

// own marks, by a bit for each of the first 64 violations, those that follow from
// the passports shown, and those of them that tell what others have used.
type own struct{ all, shared uint64 }

// mark marks the newest violation.
func (o *own) mark(list []Violation, shared bool) {
	bit := uint64(1) << (len(list) - 1) // 0 from the 65th on
	o.all |= bit
	if shared {
		o.shared |= bit
	}
}

// Own returns the reasons that follow from what the agent itself has shown and
// proven: the authority that its passports state, and the budgets and rates of
// them. An adapter may tell them to the agent, or to the model in it, with limit
// and actual value; every other reason may quote the host's rules, its
// configuration or its surroundings. Of a budget above the agent's own passport
// Actual is empty, for others spend from it, too. Err is nil. Empty: there are no
// such reasons.
func (r *Refusal) Own() []Violation {
	var list []Violation
	for i := range r.Violations {
		bit := uint64(1) << i
		if r.own.all&bit == 0 || i >= 64 {
			continue
		}
		v := r.Violations[i]
		v.Err = nil
		if r.own.shared&bit != 0 {
			v.Actual = ""
		}
		list = append(list, v)
	}
	return list
}

// Error tells the primary violation, and code and place of each other one. All
// of them, in full, are in Violations:
//
//	for _, v := range refusal.Violations {
//		log.Println(v)
//	}
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(r.Verdict.String())
	if r.primary < len(r.Violations) {
		b.WriteString(": ")
		b.WriteString(r.Violations[r.primary].Error())
	}
	for i := range r.Violations {
		if i != r.primary {
			b.WriteString("; also ")
			b.WriteString(string(r.Violations[i].Code))
			if at := r.Violations[i].Path; at != "" {
				b.WriteString(" at ")
				b.WriteString(code.OneLine(at))
			}
		}
	}
	return b.String()
}

// Unwrap returns the violations.
func (r *Refusal) Unwrap() []error {
	out := make([]error, len(r.Violations))
	for i := range r.Violations {
		out[i] = &r.Violations[i]
	}
	return out
}
