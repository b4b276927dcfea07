package bundle

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Bounds are the caps on trust bundles and what is in them. A field of zero
// means its default. A field may be lowered freely, and raised up to its
// maximum; out of range it is refused with request.invalid. Behind each field:
// its default, its maximum.
type Bounds struct {
	Bytes          int           // one bundle: 16 MiB, 64 MiB
	Entries        int           // documents, lists, credentials and anchors in it together: 1,024, 4,096
	Lifetime       time.Duration // from created to validUntil: 720 h, 8,784 h
	AuthorityItems int           // items of one list of an anchor, and of the audience: 64, 256

	DIDs      did.Bounds        // one DID document; zero fields: their defaults
	Lists     statuslist.Bounds // one status list; zero fields: their defaults
	Documents credential.Bounds // one credential; zero fields: their defaults
}

// Resolve replaces every zero field by its default. It fails on a field that is
// out of its range, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	l, err := limits.Bounds{
		DIDs: limits.DIDs(b.DIDs), Lists: limits.Lists(b.Lists), Documents: limits.Documents(b.Documents),
		BundleBytes: b.Bytes, BundleEntries: b.Entries, BundleLifetime: b.Lifetime, AuthorityItems: b.AuthorityItems,
	}.Resolve()
	if err != nil {
		return Bounds{}, err
	}
	return Bounds{
		DIDs: did.Bounds(l.DIDs), Lists: statuslist.Bounds(l.Lists), Documents: credential.Bounds(l.Documents),
		Bytes: l.BundleBytes, Entries: l.BundleEntries, Lifetime: l.BundleLifetime, AuthorityItems: l.AuthorityItems,
	}, nil
}

// caps allow what the entries of a bundle may need, and no more.
func (b *Bounds) caps() credential.JSONCaps {
	c := b.Documents.JSON(b.Bytes)
	c.ArrayLength = max(c.ArrayLength, b.Entries)
	// An entry has seven members, an anchor lists beside.
	c.Members += 16 * b.Entries
	c.StringBytes = b.Documents.DocumentBytes + b.Documents.EncodedListBytes
	return c
}

// parser reads the credentials of a bundle.
func (b *Bounds) parser(formats []credential.Format) credential.Parser {
	return credential.Parser{Bounds: b.Documents, Formats: formats}
}
