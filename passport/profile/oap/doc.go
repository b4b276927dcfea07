// Package oap reads and writes the Open Agent Passport of APort: passports and
// decisions as native JSON in both of their dialects, their digest and signature,
// and the Verifiable Credentials 1.1 that APort's tools export.
//
// A native passport is not signed. What is signed is a credential around it
// ([ParseCredential]), a presentation of such credentials ([ParsePresentation]) and
// a decision ([ParseDecision]). Parsing never verifies: Verify does, with a key that
// the caller has pinned.
//
// The strict reading, which is the zero one, takes what APort's tools write and
// that means something, and refuses what they let through: duplicate members,
// integers that JavaScript rounds, members beside the signed ones, unread headers,
// what has expired or is suspended, a presentation for another domain, credentials in
// a presentation that nobody signed. [Compatible] says what those tools would say,
// in their words: for migration and comparison, not for decisions.
//
// # Digests
//
// Three are in use, and this package computes each by its name:
// [Passport.Digest] is SHA-256 over JCS (RFC 8785), which the specification means;
// the tools sort by JavaScript's rules, which differ for keys like "9";
// [LocalDecision] hashes as the guardrails' shell script does.
//
// # Translation
//
// [Passport.Translate] makes a passport of this library, without loss, or names the
// member that it cannot carry over; [FromPassport] goes the other way. A block of limits that no
// facet of an authority stands for is carried in the extension "oap" and judged by the pack that the
// host configures (package verify/policy/packs); without one it is refused by name.
package oap

// Reading is how a foreign document is read.
type Reading uint8

const (
	// Strict, the zero Reading, refuses whatever two readers could see
	// differently, whatever no signature covers, and whatever does not hold now.
	Strict Reading = iota
	// Compatible says what APort's own tools say.
	Compatible
)

// Spelling is which of the two dialects of a document is meant.
type Spelling uint8

const (
	// Spec is the dialect of the published schemas: passport_id, issued_at,
	// expires_at.
	Spec Spelling = iota
	// Registry is the dialect of APort's service, its examples and its tools:
	// agent_id, created_at, expires_in.
	Registry
)

// Version is the only version of the format.
const Version = "oap/1.0"
