// Package peer answers the reference tests as this library does, through its
// public interface wherever there is one. It is what the tests of this project
// run, what adapters/safeconduct runs, and an example of an adapter.
package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
)

// New returns this library as a verifier.
func New() vectors.Verifier { return vectors.VerifierFunc(answer) }

// question is one case on its way through.
type question struct {
	kind  string
	now   time.Time
	input json.RawMessage
}

// kinds are the functions that answer each kind.
var kinds = map[string]func(*question) (vectors.Answer, error){
	"json": jsonKind, "jcs": jcsKind, "rdfc": rdfcKind,
	"did": didKind, "proof": proofKind, "statuslist": statusKind, "passport": passportKind,
	"money": moneyKind, "time": timeKind, "action": actionKind, "region": regionKind, "text": textKind,
	"window": windowKind,
	"narrow": narrowKind, "permits": permitsKind, "present": presentKind,
	"ledger": ledgerKind, "bundle": bundleKind, "dialect": dialectKind, "code": codeKind,
}

func answer(r vectors.Request) vectors.Answer {
	f := kinds[r.Kind]
	if f == nil {
		return vectors.Answer{ID: r.ID, Unsupported: true}
	}
	q := &question{kind: r.Kind, input: r.Input}
	if r.Now != "" {
		at, err := time.Parse(time.RFC3339Nano, r.Now)
		if err != nil {
			return vectors.Answer{ID: r.ID, Error: err.Error()}
		}
		q.now = at
	}
	a, err := f(q)
	var b *broken
	switch {
	case errors.As(err, &b):
		a = vectors.Answer{Error: b.Error()}
	case err != nil:
		a = vectors.Answer{Verdict: "refuse", Codes: codes(err)}
	}
	a.ID = r.ID
	return a
}

// broken is an error of the case or of this package, and not an answer.
type broken struct{ err error }

func (b *broken) Error() string { return b.err.Error() }

func brokenf(format string, args ...any) error { return &broken{fmt.Errorf(format, args...)} }

// read decodes the input.
func (q *question) read(into any) error {
	if err := json.Unmarshal(q.input, into); err != nil {
		return &broken{err}
	}
	return nil
}

// accept is the answer to what is right, with an output that may be nil.
func accept(output any) (vectors.Answer, error) {
	a := vectors.Answer{Verdict: "accept"}
	if output == nil {
		return a, nil
	}
	var err error
	a.Output, err = plain(output)
	return a, err
}

// plain writes JSON without escapes for HTML.
func plain(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, &broken{err}
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

type object = map[string]any

// codes returns the code of an error, or those of joined ones.
func codes(err error) (list []string) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			list = append(list, codes(e)...)
		}
		return list
	}
	var e *credential.Error
	var c verify.Code
	var v *verify.Violation
	switch {
	case errors.As(err, &e):
		return []string{string(e.Code)}
	case errors.As(err, &v):
		return []string{string(v.Code)}
	case errors.As(err, &c):
		return []string{string(c)}
	}
	return nil
}
