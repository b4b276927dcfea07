package credential

import "github.com/safeconduct/safeconduct/internal/limits"

// Bounds are the caps on what a stranger can make this package do. A field of
// zero means its default. A field may be lowered freely, and raised up to its
// maximum; a negative one, or one above its maximum, is refused with
// request.invalid. Sizes are in bytes. Behind each field: its default, its
// maximum.
type Bounds struct {
	DocumentBytes     int // one credential or other JSON document: 256 KiB, 1 MiB
	PresentationBytes int // one presentation with its credentials: 512 KiB, 1 MiB
	JWTBytes          int // one compact token, or another envelope: 256 KiB, 256 KiB
	JWTHeaderBytes    int // its header, decoded: 4 KiB, 4 KiB
	EncodedListBytes  int // the encodedList of a status list, for Parser.StatusList: 3 MiB, 24 MiB

	JSONDepth   int // nested arrays and objects: 32, 64
	JSONMembers int // members and items of one document, all levels together: 4,096, 16,384
	ArrayLength int // items of one array: 1,024, 4,096
	KeyBytes    int // one name of a member: 256, 1,024
	StringBytes int // one string that is neither a token nor an encodedList: 16 KiB, 64 KiB
	IRIBytes    int // one identifier: 2,048, 2,082

	Contexts        int // entries of @context: 8, 16
	Proofs          int // proofs of one document: 8, 16
	ProofChainDepth int // links of previousProof that are followed: 4, 8
	Credentials     int // credentials in one presentation: 16, 32
	StatusEntries   int // status entries of one credential: 6, 8

	Quads             int // the RDF of one credential, in quads: 1,024, 4,096
	PresentationQuads int // the RDF of one presentation with its credentials: 4,096, 4,096
	BlankNodes        int // blank nodes of one canonicalisation: 256, 1,024
	EqualBlankNodes   int // blank nodes that look alike at first sight: 6, 8
	NDegreeCalls      int // steps taken to tell those apart: 1,024, 4,096
}

// Resolve replaces every zero field by its default. It fails on a field that is
// out of its range, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	d, err := limits.Documents(b).Resolve()
	return Bounds(d), err
}

// JSON returns the caps for parsing a document of at most size bytes. The zero
// Bounds allow nothing: see [Bounds.Resolve].
func (b *Bounds) JSON(size int) JSONCaps { return JSONCaps(b.json(size)) }

func (b *Bounds) json(size int) limits.JSON { return (*limits.Documents)(b).JSON(size) }

// JSONCaps are the caps of one strict parse, as [Bounds.JSON] makes them. A
// field of zero allows nothing.
type JSONCaps struct {
	Bytes       int // the text
	Depth       int // nested arrays and objects
	Members     int // members and items, all levels together
	ArrayLength int // items of one array
	KeyBytes    int // one name of a member
	StringBytes int // one string
}
