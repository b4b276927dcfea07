// Package verifymcp carries passports over the Model Context Protocol: a [Guard]
// that lets a tool call through only if the agent may do what it means, and a
// [Presenter] with which the agent shows its passport with each call.
//
//	guard, err := verifymcp.New(verifymcp.Config{
//		Verifier: verifier,
//		Audience: "did:web:shop.example",
//		Tools: map[string]verifymcp.Call{
//			"charge": {Action: "payments.charge", Amount: "/amount", Currency: "USD", Payee: "/to"},
//		},
//	})
//	err = guard.Covers(ctx, server) // tools without a Call, pointers that lead nowhere
//	server.AddReceivingMiddleware(guard.Middleware)
//
// It stands on the official Go SDK, and works on every transport. What travels is
// described in docs/mcp.md, so that others can do the same in other languages. A
// tool or a method for which no [Call] is declared is refused.
package verifymcp

// Keys in _meta, and the code of a refusal that is a JSON-RPC error.
const (
	MetaPresentation = "io.github.safeconduct/presentation" // on a request: the text of the presentation
	MetaWantReceipt  = "io.github.safeconduct/want-receipt" // on a request: true
	MetaReceipt      = "io.github.safeconduct/receipt"      // on a result: text and proof
	MetaRefusal      = "io.github.safeconduct/refusal"      // on a result: the problem
	MetaCall         = "io.github.safeconduct/call"         // on a tool: what a call of it means

	// CodeRefused is the JSON-RPC code of a refusal. It is outside of the range that
	// JSON-RPC keeps for itself, and its data is the problem.
	CodeRefused = 403
)
