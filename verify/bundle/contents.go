package bundle

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// MediaType is the media type of a trust bundle.
const MediaType = "application/vnd.safeconduct.trust-bundle+json"

// Error is a refusal; see [credential.Error]. Its codes are those of package
// verify, so that errors.Is(err, verify.TimeExpired) works here as there.
type Error = credential.Error

// Kind is the kind of an entry: the member of the bundle that it is in.
type Kind string

// The kinds of entries.
const (
	DIDDocuments Kind = "didDocuments"
	StatusLists  Kind = "statusLists"
	Credentials  Kind = "credentials" // consent and agreement credentials
	Anchors      Kind = "anchors"
)

var kinds = [...]Kind{DIDDocuments, StatusLists, Credentials, Anchors}

// Contents are what [Create] puts into a bundle.
type Contents struct {
	// ID names the series of bundles in which Sequence counts: an absolute
	// IRI, the same for every edition. Required.
	ID string
	// Sequence grows with every edition, from 1 to 2^53-1. The number of a
	// build or the time in Unix seconds will do. Required.
	Sequence int64
	// Audience are the verifiers that it is for. None: for every verifier that
	// trusts the signer.
	Audience []string
	// Created is now if it is zero. In whole seconds.
	Created time.Time
	// ValidUntil ends everything in the bundle. Required, and at most
	// Bounds.Lifetime behind Created.
	ValidUntil time.Time

	DIDDocuments []Item
	StatusLists  []Item
	Credentials  []Item
	Anchors      []Anchor
}

// Item is a document in a bundle, byte for byte as it was fetched.
type Item struct {
	Content   []byte
	Source    string    // where it was got, an absolute IRI; "": its own id (a DID, the URL of a list)
	FetchedAt time.Time // zero: Contents.Created, which it must not be after
	UseBy     time.Time // zero: Contents.ValidUntil, which it must not be after; never later than the content's own end

	// Vouched marks a status list without a proof, as some systems publish
	// them: the signer of the bundle says that it is the list. Only such a list
	// may have it, and must. See [Bundle.Vouched].
	Vouched bool
}

// Anchor is an issuer that the signer of the bundle says may be trusted, and
// for what.
type Anchor struct {
	verify.Anchor
	Source    string    // why: an absolute IRI of a register or a contract; "": the DID of the bundle's signer
	FetchedAt time.Time // as of when; zero: Contents.Created
	UseBy     time.Time // zero: Contents.ValidUntil
}

// Info is what a bundle says of itself.
type Info struct {
	ID         string
	Issuer     did.DID
	Sequence   int64
	Audience   []string
	Created    time.Time
	ValidUntil time.Time
	KeyID      did.URL // the key that the proof names
	Digest     string  // of the whole bundle with its proof, over its JCS form
	Entries    []Entry // in the order of the text
}

// Entry describes one entry of a bundle.
type Entry struct {
	Kind      Kind
	ID        string // a DID, the URL of a list, the id of a credential
	Source    string
	Digest    string // SHA-256 multihash, multibase base64url
	FetchedAt time.Time
	UseBy     time.Time // no later than the content's own end; if the bundle is not older, the entry is missing
	Bytes     int
	Vouched   bool
}
