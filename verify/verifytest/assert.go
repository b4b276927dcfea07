package verifytest

import (
	"errors"
	"testing"

	"github.com/safeconduct/safeconduct/verify"
)

// AssertAllowed fails the test unless err, from Verify, is nil.
func AssertAllowed(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatalf("want allowed, got %v", err)
	}
}

// AssertDenied fails the test unless err is a refusal whose primary code is
// that one.
func AssertDenied(tb testing.TB, err error, code verify.Code) {
	tb.Helper()
	var r *verify.Refusal
	if !errors.As(err, &r) {
		tb.Fatalf("want a refusal with %s, got %v", code, err)
	}
	if r.Code() != code {
		tb.Fatalf("want %s, got %v", code, err)
	}
}
