package meaning_test

import (
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// A server declares what a call of a tool means, and finds when it starts whether that makes sense.
func ExampleCall() {
	charge := meaning.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to"}
	fmt.Println(charge.Check())
	arguments, err := credential.ParseValue(`{"amount":"12.50","to":"did:web:cloud.example"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	act, err := charge.Act(arguments)
	fmt.Println(act.Action, act.Amount, act.Payee, err)

	charge.Amount = ""
	fmt.Println(charge.Check())
	// Output:
	// <nil>
	// payments.charge 12.50 USD did:web:cloud.example <nil>
	// a currency without an amount
}
