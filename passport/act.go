package passport

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Act is what somebody is about to do. An agent signs it in its [Intent], and
// a verifier is asked about it: the two have one Act and must agree on every
// member. A zero member is not stated; under a restriction, what is not stated
// is refused. See specification section 4 of the passport.
type Act struct {
	Action   string // needed; see CheckAction
	Resource string // what is acted on; empty: nothing in particular
	Amount   Money  // transactionAmount; zero: no money moves, so no ceiling and no budget is judged
	Payee    string // who is paid
	Category string // what the payment is for
	Rail     string // how the payment travels
	Region   string // ISO 3166-1 alpha-2 or 3166-2

	// Attributes is a JSON object of everything else that limits and parameters
	// of capabilities are judged by; absent: none. In an intent it is called
	// parameters.
	Attributes credential.Value
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
