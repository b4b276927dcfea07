// Package grantex reads and writes agent passports as Grantex sends them: the
// header X-Grantex-Passport.
//
// Such a passport is a JSON object in base64url. Its proof is labelled
// Ed25519Signature2020 but is a JWT, RS256 as Grantex signs it, and only what
// the JWT says is signed. The object around it repeats the claims and adds some;
// [Verifier] compares the two member by member. A Grantex passport is a bearer
// token: it names no audience and no key of its agent, so it serves whoever
// holds it.
//
// The strict reading, which is the zero one, takes every passport that a
// Grantex service issues and that means something, and refuses what the
// service's own verifier lets through: members that nobody signed, a status
// entry that was moved or dropped, another kind of credential in the passport's
// clothes, lifetimes beyond the issuer's own bound, a parent that nobody knows.
// [Compatible] says what that verifier would say, with its codes: for migration
// and comparison, not for decisions.
//
// [Passport.Translate] makes a passport of this library, without loss, or names
// the member that cannot be carried over. [Emit] writes a passport that the
// verifier of Grantex accepts, signed with Ed25519. [Dialect] is for
// verify.Config.Dialects.
//
// Amounts are read from the text of the JSON number and never go through a
// floating-point number. Keys are those of a pinned JWKS: nothing is fetched.
package grantex

// Reading is how a foreign document is read.
type Reading uint8

const (
	// Strict, the zero Reading, refuses whatever two readers could see
	// differently, and whatever was not signed.
	Strict Reading = iota
	// Compatible says what the verifier of Grantex itself says.
	Compatible
)

// Names of the wire.
const (
	// Header is the HTTP header that carries a passport.
	Header = "X-Grantex-Passport"
	// Context is the second context of a passport.
	Context = "https://grantex.dev/contexts/mpp/v1"
	// URN begins the identifiers of passports; a ULID follows.
	URN = "urn:grantex:passport:"

	contextVC      = "https://www.w3.org/ns/credentials/v2"
	typeCredential = "VerifiableCredential"
	typePassport   = "AgentPassportCredential"
	typeSubject    = "AIAgent"
	typeProof      = "Ed25519Signature2020" // the label; the proof is a JWT
	typeStatus     = "StatusList2021Entry"
	typeList       = "StatusList2021Credential"
)

// Categories are the nine payment categories that Grantex knows.
var categories = []string{"inference", "compute", "data", "storage", "search", "media", "delivery", "browser",
	"general"}
