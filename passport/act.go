package passport

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Act is what somebody asks to do: the arithmetic side of a request. Zero
// members are not stated, and what is not stated passes no restriction.
type Act struct {
	Audience   string
	Action     string // needed
	Resource   string
	Amount     Money // zero: none
	Payee      string
	Category   string
	Rail       string
	Region     string
	Attributes credential.Value // a JSON object, or absent: none
	At         time.Time        // the instant that time windows are judged by
}

// IsPayment reports whether the act is a payment: it has an amount, a
// category, a rail or a payee.
func (a *Act) IsPayment() bool {
	return !a.Amount.IsZero() || a.Category != "" || a.Rail != "" || a.Payee != ""
}

// check reports what keeps an act from being judged at all. Patterns compare
// as text, so only a well-formed action may meet them.
func (a *Act) check() *Error {
	bad := func(detail string, err error) *Error {
		return &Error{Code: code.RequestInvalid, Detail: detail, Err: err}
	}
	if a == nil {
		return bad("there is no act to judge", nil)
	}
	if err := CheckAction(a.Action); err != nil {
		return bad("the action of the act", err)
	}
	if a.Attributes.Exists() && a.Attributes.Kind() != strictjson.Object {
		return bad("the attributes of an act are an object, not "+a.Attributes.Kind().String(), nil)
	}
	return nil
}
