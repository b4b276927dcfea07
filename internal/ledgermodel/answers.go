package ledgermodel

import (
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Says returns what a verifier makes of a ledger's error: codes, and what is said of
// charges. Two ledgers agree if that is the same.
func Says(err error) (list []string) {
	for _, e := range joined(err) {
		var c *verify.ChargeError
		var code verify.Code
		var fault *passport.Error
		switch {
		case e == nil:
		case errors.As(e, &c):
			list = append(list, fmt.Sprintf("%+v %s", *c, c.Error()))
		case errors.As(e, &fault):
			list = append(list, string(fault.Code))
		case errors.As(e, &code):
			list = append(list, string(code))
		default:
			said := e.Error()
			for _, known := range []error{verify.ErrSettled, verify.ErrUnknownDecision, verify.ErrNotReserved} {
				if errors.Is(e, known) {
					said = known.Error()
				}
			}
			list = append(list, said)
		}
	}
	return list
}

func joined(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// AtCap reports whether a cap is met, perhaps by what has ended and was not forgotten
// yet.
func AtCap(err error) bool {
	for _, e := range joined(err) {
		var c *verify.ChargeError
		if errors.Is(e, verify.LedgerRateExceeded) && !errors.As(e, &c) {
			return true
		}
	}
	return false
}
