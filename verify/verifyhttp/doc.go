// Package verifyhttp carries passports over HTTP: a [Guard] that lets a
// request through to a handler only if the agent may do what it asks for, and
// a [RoundTripper] with which the agent presents itself.
//
//	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
//		Verifier: verifier,
//		Audience: "did:web:shop.example",
//		Request:  question, // func(*http.Request) (verify.Request, error)
//	})
//	http.Handle("POST /charge", guard.Handler(charge))
//
// The host says in GuardConfig.Request what a request means: which action, on
// what, for how much. The guard adds who is asked (the audience, from its
// configuration alone) and the digest of the body, and asks the verifier.
//
// # The header carrier
//
// The field Agent-Passport, once, holds the presentation: the exact bytes in
// base64url without padding, or, of one in an envelope such as vp+jwt, the
// envelope as it is. Other fields carry it only where [GuardConfig.Headers] names
// them: X-Grantex-Passport, and Authorization with the scheme Bearer. A request that holds a presentation in
// two places, or two of them in one field, joined by a comma or folded over
// lines, is refused with 401 and so is one with none, or one that is longer
// than GuardConfig.MaxHeader.
//
// # The body carrier
//
// Servers and proxies cap header fields, often at 8 KiB in all, and a chain of
// passports may be longer. The presentation then travels in the body: a
// request of the media type application/agent-presentation+json, without
// parameters, whose body is a JSON object of
//
//	presentation  the text that the header field would have had; needed
//	body          the body that is meant, base64url without padding; absent: none
//	contentType   its media type; absent: the request has none
//
// and nothing else. Method, target and all other fields stay as they are. The
// guard unpacks it before anything else looks at the request: the digest, the
// host's question and the handler see the body that is meant and its media
// type. There is one round trip and nothing to remember between two of them.
// Proxies may drop the body of a GET, so acts with long chains are best asked
// for with POST.
//
// # What the agent signs, and what it does not
//
// The intent of the presentation holds bodyDigest, the digest of the body
// (passport.Digest), absent for an empty one. Method, path, query and header
// fields are bound as far as the host's question speaks of them, such as in
// Request.Resource: what the question leaves out, the agent has not signed.
//
// Body, trailers and encoding: the body is read once, up to GuardConfig.MaxBody,
// and the handler reads those very bytes. Trailers are dropped. A request with
// another Content-Encoding than identity is refused: the digest is over the
// bytes on the wire, and what they expand to would be for the handler to find
// out.
//
// Path: the decision and the handler see one path. A target that two readers may
// take for two paths is refused with 400: one with an empty or a dot segment,
// with ';', a backslash, a control or an invisible character, or with one of
// these or '/', '.' or '%' percent-encoded. Other percent-encoding is legal and
// stays as it was sent. A passport's wildcards keep the same rule
// (passport.TextCovers). A field that overrides method or target, such as
// X-Original-URL, must say what the request line says; see
// [GuardConfig].IgnoreFields.
//
// # Answers
//
// A refusal is an RFC 9457 problem with the code of the refusal, under the
// status that verify.Lookup gives, never stored by caches: 401 not shown or
// not proven, 403 not allowed, 409 decided before, 429 too often, 503 could not
// find out. It holds a sentence for the code and, of what the guard itself has
// found in the request, a fixed sentence as its detail; no text from the
// request, the passport or the verifier's surroundings. Where a refusal passes
// by itself it says when, as the member until and in the field Retry-After. See
// [WriteProblem].
//
// # Asking again
//
// An agent that may ask for one act twice, because answers get lost, sends the
// field Idempotency-Key: the [RoundTripper] derives the intent's identifier from
// it (passport.IntentIDOf), and the act is done at most once. The repeat is
// refused with ledger.repeated (409), or answered by GuardConfig.Repeat.
//
// # Receipts
//
// A host that keeps receipts ([GuardConfig].Receipt) has one on disk of every
// decision before it acts on it. An agent that asks with the field
// Want-Agent-Receipt: ?1 gets its own back in the field Agent-Receipt of the
// answer, with a proof that the log has it, of refusals too. Both are byte
// sequences of RFC 9651. [ReadReceipt] takes them out of the header;
// receipt.Verify of package verify/receipt checks them, without a network and at
// any time. Nothing of them is proven before.
//
// # After the handler
//
// An allowed decision has reserved what the act uses. What becomes of it once
// the handler has answered is [GuardConfig.Settle]; by default it is committed
// after a status below 400 and otherwise left open, which counts as spent and
// is flagged when its time is over: an error after money has moved must not
// give the budget back. A handler that knows that nothing was done says so
// with Decision.Release, which [verify.FromContext] gives it.
package verifyhttp
