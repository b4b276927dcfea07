// Package verifygrpc carries passports over gRPC: a [Guard] whose interceptors let a
// call through only if the agent may do what it means, and a [Presenter] with which
// the agent shows its passport with each call.
//
//	guard, err := verifygrpc.New(verifygrpc.Config{
//		Verifier: verifier,
//		Audience: "did:web:shop.example",
//		Methods: map[string]verifygrpc.Method{
//			"/shop.v1.Shop/Charge": {Call: meaning.Call{Action: "payments.charge", Amount: "/total"}},
//		},
//		Open: []string{"/grpc.health.v1.Health/Check"},
//	})
//	server := grpc.NewServer(grpc.UnaryInterceptor(guard.Unary), grpc.StreamInterceptor(guard.Stream))
//
// # What travels
//
// The metadata key agent-passport-bin holds the presentation, once, as it is. The
// JSON Pointers of a declaration are into the ProtoJSON form of the request message,
// and intent.bodyDigest is the digest of the JCS form (RFC 8785) of
//
//	{"message": <the ProtoJSON form>, "method": "/shop.v1.Shop/Charge"}
//
// so that the message is bound by what it says, in every language. An attribute of the
// intent that is a 64-bit integer is a number there, as long as a double holds it exactly;
// in the message it is a text, as ProtoJSON has it. Of a stream that the
// client sends the method alone is bound, without "message"; it has to be declared so.
//
// A refusal is a status (Unauthenticated, PermissionDenied, ResourceExhausted,
// Unavailable, …) with an ErrorInfo: the reason is the code in capitals, and the
// metadata has the problem of package verifyhttp in JSON. Receipts come back in the
// trailer, in agent-receipt-bin and agent-receipt-proof-bin, to whoever sends
// want-agent-receipt: ?1.
package verifygrpc

// Keys of metadata.
const (
	KeyPassport     = "agent-passport-bin"
	KeyWantReceipt  = "want-agent-receipt"
	KeyReceipt      = "agent-receipt-bin"
	KeyReceiptProof = "agent-receipt-proof-bin"

	// Domain is that of the ErrorInfo of a refusal.
	Domain = "safeconduct.github.io"
)
