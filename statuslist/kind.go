package statuslist

import (
	"context"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// Encoding is a way to publish a list: which document it is, and how its bits
// are packed into it.
type Encoding uint8

const (
	// Bitstring is W3C Bitstring Status List 1.0, the zero Encoding: GZIP in
	// multibase base64url ("u…"), in a VC 2.0.
	Bitstring Encoding = iota
	// StatusList2021 is its predecessor: GZIP in base64 without a prefix, in a
	// VC 1.1. It has statuses of one bit only.
	StatusList2021
)

// kinds has one row for each [Encoding]. To add a kind of list, write its row
// in a file of its own, and name it here and above.
var kinds = [...]*kind{
	Bitstring:      &kindBitstring,
	StatusList2021: &kind2021,
}

// packers has for each kind how bits become text. They are not part of the rows, so that a
// program which only reads lists does not link what compresses them.
var packers = [...]func(l *List) string{
	Bitstring:      func(l *List) string { return multibasePrefix + compress(l.bits) },
	StatusList2021: func(l *List) string { return compress(l.bits) },
}

// kind is everything in which one kind of list differs from the others.
type kind struct {
	name      string    // the type of the list; of its entries with "Entry" behind it
	stateURL  string    // the member of a Publisher's state with the list's URL
	mediaType string    // under which a list of this kind is served
	context   string    // what an entry needs in a passport beside the contexts of every passport; "" is nothing
	purposes  []Purpose // that an entry can have
	maxSize   int       // bits of one status
	texts     bool      // entries may have messages and references

	// unpack reads bits as text, within caps; see packers.
	unpack func(text string, size int, caps caps) ([]byte, error)

	// vc is the form of a list that is a credential. It is nil in a kind whose
	// lists are not: such a kind has sign, which makes one edition, and open,
	// which reads what was signed and says in handled whether raw is of its kind.
	vc   *vcForm
	sign func(ctx context.Context, signer did.Signer, d *draft) ([]byte, error)
	open func(raw []byte, caps caps) (l *ListCredential, handled bool, err error)
}

// kind returns the row of e, or nil if e is none of the constants.
func (e Encoding) kind() *kind {
	if int(e) >= len(kinds) {
		return nil
	}
	return kinds[e]
}

// String returns the type of the list in the encoding: "BitstringStatusList"
// or "StatusList2021".
func (e Encoding) String() string {
	if k := e.kind(); k != nil {
		return k.name
	}
	return "unknown encoding"
}

// MediaTypes returns the media types under which lists are published, each kind's
// own first: what a client that fetches lists accepts.
func MediaTypes() []string {
	var types []string
	for _, k := range kinds {
		types = append(types, k.mediaType)
	}
	return append(types, "application/vc+jwt", "application/ld+json", "application/json")
}

// Context returns the JSON-LD context that a VC 2.0 needs to carry an entry of
// this encoding, or "" if it needs none beside its own.
func (e Encoding) Context() string {
	if k := e.kind(); k != nil {
		return k.context
	}
	return ""
}

// namesWith returns "XEntry or YEntry": the types of entries, or of lists, for
// a message.
func namesWith(suffix string) string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name+suffix)
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
