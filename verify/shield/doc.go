// Package shield puts verification in front of a Go function, or a tool of an
// agent, in one line:
//
//	charge := shield.Enforce(verifier, question, pay)
//	receipt, err := charge(ctx, presented, order)
//
// question says what a call means; pay is the function as it was. The call is
// verified first, and pay runs only if it is allowed. Observe has the same
// shape, and refuses nothing: it tells what Enforce would have done, for a
// trial run on real traffic.
package shield
