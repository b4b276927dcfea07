package aip1

import (
	"time"
)

// Decimal is a number as text, such as "500.00": what AIP-1 has as a JSON number.
type Decimal string

// Object is the JSON text of an object.
type Object string

// Envelope is an intent envelope. One that [Verifier.Verify] returned is proven;
// in the compatible reading only as far as the SDK looks.
type Envelope struct {
	Agent      Agent
	Principal  Principal
	Intent     Intent
	Boundaries Boundaries // the agent's own word about its limits

	Tier      Tier
	Nonce     string // entropy: "nonce:" and at least 32 hexadecimal digits
	TTL       int    // seconds, 1 to 86,400
	IssuedAt  time.Time
	ExpiresAt time.Time // zero: none is said, which means 300 s after IssuedAt

	Proof Proof

	head headings
	read *record
}

// headings are the members that say what a document is.
type headings struct{ context, kind, version string }

// Agent is who signs.
type Agent struct {
	ID, Version, Runtime string
	Attestation          Attestation
}

// Attestation is what the agent says that it runs.
type Attestation struct {
	Method                                                      string
	FrameworkID, BuildHash, SystemPromptHash, RegistrySignature string // "": null
	Classifier                                                  string
	Confidence                                                  Decimal
}

// Principal is for whom the agent acts.
type Principal struct {
	Type, ID string
	Chain    []Link
}

// Link is a link of the delegation chain. Nobody but the agent has signed it.
type Link struct {
	From, To, Scope      string
	Narrows              bool // boundary_monotonicity, which says nothing
	GrantedAt, ExpiresAt time.Time
}

// Intent is what the agent is about to do.
type Intent struct {
	Action, Target string
	Parameters     Object
}

// Boundaries are what an agent may do.
type Boundaries struct {
	// AllowedActions and DeniedActions are exact words. An empty AllowedActions
	// allows nothing here, and all in the SDK.
	AllowedActions, DeniedActions []string
	Limit                         Limit
	DataAccess                    []string // which nothing enforces
	Geo                           string   // countries, separated by commas; "": null
	Window                        *TimeWindow
}

// Limit bounds amounts, in major units of a currency. Zero is "no limit";
// with neither, nothing may be spent here.
type Limit struct {
	PerTransaction, PerDay Decimal
	Currency               string
}

// TimeWindow is a stretch of time, both ends part of it.
type TimeWindow struct{ Start, End time.Time }

// Proof is what stands around a signature. It is not signed.
type Proof struct {
	Type    string
	Created time.Time
	Method  string // verification_method
	Purpose string
	Value   string
}

// Mandate is what a principal lets an agent do. It is sent beside the envelope.
type Mandate struct {
	ID              string // "mandate:" and 32 hexadecimal digits
	Issuer, Subject string
	Boundaries      Boundaries
	IssuedAt        time.Time
	ExpiresAt       time.Time // zero: never
	Proof           Proof

	head headings
	read *record
}

// ParseEnvelopeUnverified reads an envelope, proven or not. Errors are [*Error].
func ParseEnvelopeUnverified(text string, r Reading) (*Envelope, error) {
	rec, err := r.parse(envelopeModel, text)
	if err != nil {
		return nil, err
	}
	return envelopeOf(rec), nil
}

// ParseMandateUnverified reads a mandate, proven or not. Errors are [*Error].
func ParseMandateUnverified(text string, r Reading) (*Mandate, error) {
	rec, err := r.parse(mandateModel, text)
	if err != nil {
		return nil, err
	}
	return mandateOf(rec), nil
}

func envelopeOf(rec *record) *Envelope {
	e := &Envelope{read: rec}
	rec.fill(e)
	return e
}

func mandateOf(rec *record) *Mandate {
	m := &Mandate{read: rec}
	rec.fill(m)
	return m
}

// Canonical returns the bytes that are signed of an envelope that was read, to
// the byte those of the SDK. They are nil for one that was not, and for one with
// a member missing that the SDK draws.
func (e *Envelope) Canonical() []byte { return e.read.signedBytes() }

// Canonical returns the bytes that are signed of a mandate that was read.
func (m *Mandate) Canonical() []byte { return m.read.signedBytes() }

func (r *record) signedBytes() []byte {
	if r == nil {
		return nil
	}
	if b, ok := r.canonical(); ok {
		return b
	}
	return nil
}
