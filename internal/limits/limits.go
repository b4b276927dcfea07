// Package limits holds every bound on what a stranger can make this library
// do. It is the one file to read when the question is "how large may an input
// be?".
//
// A field of zero means its default. A field may be lowered freely and raised
// up to its hard maximum; a negative one, or one above the maximum, is a
// configuration error of Resolve, never a silent clamp.
//
// Hosts see bounds where they belong: [Documents] is credential.Bounds, [DIDs]
// is did.Bounds and [Lists] is statuslist.Bounds, field for field, so that each
// converts into the other; the rest are fields of one Bounds or option each. The
// table names them.
package limits

import (
	"fmt"
	"time"
)

// Bounds are the caps on inputs. All sizes are bytes unless the name says
// otherwise. The comment behind each field gives default and hard maximum.
type Bounds struct {
	Documents
	DIDs  DIDs
	Lists Lists

	Links          int // passports in a chain, the root not counted: 5, 10
	AuthorityItems int // items of one list of authority: 64, 256
	Fetches        int // list and DID fetches of one decision: 16, 16
	NonceBytes     int // longest challenge: 128, 128 (the shortest is always 16)
	LiveNonces     int // unexpired nonces of one agent: 100,000, 1,000,000

	AgentActs    int // acts of one agent that a ledger remembers, each for a day or so: 200,000, 10,000,000
	RootActs     int // acts of all agents below one root that it remembers: 1,000,000, 100,000,000
	RootAccounts int // budgets and rates that the passports below one root open: 16,384, 1,048,576

	StatusMemoryBytes int // what is remembered of one anchor's status lists, see verify.Bounds: 16 MiB, 512 MiB

	IntentLifetime     time.Duration // 5 min, 1 h
	CredentialLifetime time.Duration // 720 h, 87,600 h
	StatusAge          time.Duration // 24 h, 7 d

	StatusCacheEntries int // lists that a cache holds: 1,024, 16,384
	StatusCacheBytes   int // bytes of these lists: 64 MiB, 512 MiB

	DIDBytes        int // one DID or DID URL: 2,048, 2,048
	DIDPathSegments int // path segments of a did:web: 32, 32
	DIDCacheEntries int // documents, and as many failures, that a cache holds: 1,024, 16,384

	DIDCacheAge    time.Duration // how long a DID document is used before it is fetched again: 5 min, 24 h
	DIDFailureAge  time.Duration // how long a failed resolution is remembered: 30 s, 60 s
	DIDFetchTime   time.Duration // one did:web fetch from look-up to last byte: 5 s, 15 s
	DIDConnectTime time.Duration // its connecting, all addresses together: 2 s, 15 s

	BundleBytes    int           // one trust bundle: 16 MiB, 64 MiB
	BundleEntries  int           // documents, lists, credentials and anchors in it together: 1,024, 4,096
	BundleLifetime time.Duration // 720 h, 8,784 h

	HTTPHeaderBytes     int           // a presentation in a header field, as text: 16 KiB, 63 KiB
	HTTPSentHeaderBytes int           // above this a client puts it into the body instead: 7 KiB, 63 KiB
	HTTPBodyBytes       int           // the body of a guarded request: 1 MiB, 64 MiB
	HTTPDecisionTime    time.Duration // reading the body and deciding: 10 s, 1 min
	RateKeys            int           // callers that a limiter tells apart in one window: 65,536, 1,048,576
}

// Documents are the caps on credentials, presentations and other signed JSON.
type Documents struct {
	DocumentBytes     int // one credential or other JSON document: 256 KiB, 1 MiB
	PresentationBytes int // one presentation with its credentials: 512 KiB, 1 MiB
	JWTBytes          int // one compact JWS: 256 KiB, 256 KiB
	JWTHeaderBytes    int // its decoded header: 4 KiB, 4 KiB
	EncodedListBytes  int // the encodedList of a status list: 3 MiB, 24 MiB

	JSONDepth   int // nested arrays and objects: 32, 64
	JSONMembers int // object members and array items in one document, all levels together: 4,096, 16,384
	ArrayLength int // items of one array: 1,024, 4,096
	KeyBytes    int // one decoded member name: 256, 1,024
	StringBytes int // one decoded string: 16 KiB, 64 KiB (encoded lists and tokens have caps of their own)
	IRIBytes    int // one identifier: 2,048, 2,082

	Contexts        int // entries of @context: 8, 16
	Proofs          int // proofs on one document: 8, 16
	ProofChainDepth int // previousProof links followed: 4, 8
	Credentials     int // credentials in one presentation: 16, 32
	StatusEntries   int // credentialStatus entries of one credential: 6, 8

	Quads             int // RDF quads of one credential: 1,024, 4,096
	PresentationQuads int // RDF quads of one presentation: 4,096, 4,096
	BlankNodes        int // blank nodes of one canonicalisation: 256, 1,024
	EqualBlankNodes   int // blank nodes that share a first-degree hash: 6, 8
	NDegreeCalls      int // hash-n-degree-quads calls: 1,024, 4,096
}

// DIDs are the caps on DID documents.
type DIDs struct {
	DocumentBytes int // one DID document: 64 KiB, 256 KiB
	Methods       int // its verification methods: 64, 256
	Services      int // its services: 32, 128
}

// Lists are the caps on status lists.
type Lists struct {
	Bytes   int // one list, expanded: 2 MiB, 16 MiB
	Entries int // its entries: 16,777,216, 16,777,216
}

// NonceMinBytes is the shortest challenge accepted: 128 bits.
const NonceMinBytes = 16

// MaxSkew is the largest clock skew a configuration may allow.
const MaxSkew = 5 * time.Minute

const (
	kib = 1 << 10
	mib = 1 << 20
)

// Default returns every bound at its default.
func Default() Bounds { return defaults }

var defaults = tabled()

func tabled() (b Bounds) {
	for _, f := range fields(&b) {
		f.set(f.def)
	}
	return b
}

// Max returns every bound at its hard maximum.
func Max() Bounds {
	var b Bounds
	for _, f := range fields(&b) {
		f.set(f.max)
	}
	return b
}

// Resolve replaces every zero field by its default. It fails on a field that
// is negative or above its hard maximum, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	// The usual cases need no table: every parser resolves its bounds.
	if b == (Bounds{}) || b == defaults {
		return defaults, nil
	}
	for _, f := range fields(&b) {
		switch v := f.get(); {
		case v == 0:
			f.set(f.def)
		case v < 0 || v > f.max:
			return Bounds{}, fmt.Errorf("%s is %s, want 1 to %s (0 means %s)", f.name, f.show(v), f.show(f.max), f.show(f.def))
		}
	}
	return b, nil
}

// Resolve is [Bounds.Resolve] for these alone.
func (d Documents) Resolve() (Documents, error) {
	if d == (Documents{}) || d == defaults.Documents {
		return defaults.Documents, nil
	}
	b, err := Bounds{Documents: d}.Resolve()
	return b.Documents, err
}

// Shared is [Documents.Resolve] for those who keep the result and never change
// it: bounds that are all at their defaults are not copied.
func (d *Documents) Shared() (*Documents, error) {
	if *d == (Documents{}) || *d == defaults.Documents {
		return &defaults.Documents, nil
	}
	b, err := d.Resolve()
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// Resolve is [Bounds.Resolve] for these alone.
func (d DIDs) Resolve() (DIDs, error) {
	b, err := Bounds{DIDs: d}.Resolve()
	return b.DIDs, err
}

// Resolve is [Bounds.Resolve] for these alone.
func (l Lists) Resolve() (Lists, error) {
	b, err := Bounds{Lists: l}.Resolve()
	return b.Lists, err
}

// JSON are the caps of one strict parse.
type JSON struct {
	Bytes, Depth, Members, ArrayLength, KeyBytes, StringBytes int
}

// JSON returns the caps for a document of at most size bytes.
func (b Documents) JSON(size int) JSON {
	return JSON{
		Bytes: size, Depth: b.JSONDepth, Members: b.JSONMembers,
		ArrayLength: b.ArrayLength, KeyBytes: b.KeyBytes, StringBytes: b.StringBytes,
	}
}
