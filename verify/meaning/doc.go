// Package meaning says what a call of a tool means, where calls are a name and JSON
// arguments: which argument is the amount, which the payee. It is for adapters of
// protocols that carry such calls, as the Model Context Protocol does, and links no
// network.
//
//	charge := meaning.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to"}
//	act, err := charge.Act(arguments)
package meaning
