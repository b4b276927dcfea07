// Package aip1 reads and writes the intent envelopes and mandates of AIP-1, the
// Agent Intent Protocol, version 1.0.0, byte for byte as its Python SDK does.
//
// An agent signs an envelope: who it is, for whom it acts, what it is about to
// do, and what it may do. That last part it signs itself, so it binds nobody but
// the agent; a mandate, signed by the principal and sent beside the envelope, is
// what grants. [Verifier] takes both.
//
// The strict reading, which is the zero one, takes what the SDK writes and
// refuses what its verifier lets through: members that are not signed, two
// amounts, an amount in another currency, an empty list of actions for "all", a
// mandate of a stranger or wider than what the agent itself declared, an envelope
// of next year, links that nobody signed. [Compatible] says what that verifier
// would say, with its codes: for migration and comparison, not for decisions.
//
// [Envelope.Translate] and [Mandate.Translate] make an intent and a passport of
// this library, without loss, or name the member that cannot be carried over.
// [Sign], [SealHMAC] and [Issue] write what the SDK's verifier accepts. [Dialect]
// is for verify.Config.Dialects.
//
// Amounts are read from the text of the JSON number. The SDK itself keeps the
// three limits as floating-point numbers, and so do the signed bytes; a number
// that means something else there than what it says is refused.
package aip1

// Reading is how a foreign document is read.
type Reading uint8

const (
	// Strict, the zero Reading, refuses whatever two readers could see
	// differently, and whatever was not signed.
	Strict Reading = iota
	// Compatible says what the verifier of the Python SDK itself says.
	Compatible
)

// Tier is how much of an envelope the SDK looks at. The signer chooses it.
type Tier string

// The tiers.
const (
	Tier0 Tier = "tier_0"
	Tier1 Tier = "tier_1"
	Tier2 Tier = "tier_2"
)

// Names of the wire.
const (
	// Version is the one version of the protocol.
	Version = "1.0.0"
	// Context is the @context of both kinds of document.
	Context = "https://aip.protocol/v1"

	typeEnvelope = "IntentEnvelope"
	typeMandate  = "Mandate"
	typeProof    = "Ed25519Signature2020"
	purpose      = "assertionMethod"
)
