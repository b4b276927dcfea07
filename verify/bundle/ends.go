package bundle

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/statuslist"
)

// identity is what a document says of itself, proven or not.
type identity struct {
	id   string
	ends time.Time // of no use from then on, whoever delivers it; zero: it has no end
}

// until is the end of an entry that promises to be of use until then.
func (of identity) until(useBy time.Time) time.Time {
	if !of.ends.IsZero() && of.ends.Before(useBy) {
		return of.ends
	}
	return useBy
}

// identify reads the name that a document gives itself, and its end: of a list
// or a credential the earliest of its validUntil and its proofs' expires, and of
// a list the greatest age at which any verifier takes it.
func (b *Bounds) identify(kind Kind, content []byte, formats []credential.Format) (identity, error) {
	if kind == DIDDocuments {
		doc, err := did.DocumentParser{Bounds: b.DIDs}.Parse(content)
		if err != nil {
			return identity{}, &Error{Code: code.EnvelopeMalformed, Err: err}
		}
		return identity{id: doc.ID().String()}, nil
	}
	p := b.parser(formats)
	p.StatusList = kind == StatusLists
	signed, err := p.Credential(content)
	if err != nil {
		return identity{}, err
	}
	m := signed.Unverified()
	if m.ID == "" {
		return identity{}, fault(code.EnvelopeMalformed, "/id", "it has no id to be found by")
	}
	var asOf time.Time
	if kind == StatusLists {
		l, err := statuslist.Parser{Bounds: b.Lists}.Credential(signed)
		if err != nil {
			return identity{}, err
		}
		asOf = l.AsOf
	}
	return identity{m.ID, endOf(signed, asOf)}, nil
}

// endOf is the end of a credential, or of a list that speaks as of an instant.
func endOf(signed *credential.Signed, asOf time.Time) (end time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (end.IsZero() || t.Before(end)) {
			end = t
		}
	}
	sooner(signed.Unverified().ValidUntil)
	for i := range signed.NumProofs() {
		sooner(signed.Proof(i).Expires)
	}
	if !asOf.IsZero() {
		sooner(asOf.Add(oldestList))
	}
	return end.Truncate(time.Second)
}

// oldestList is the greatest age of a status list that a verifier may be
// configured to take.
var oldestList = limits.Max().StatusAge

// Ends returns the instant from which the content of an entry is of no use,
// whatever the bundle says: zero if it has no end. A bundle made by [Create]
// promises nothing beyond it. Package refresh asks, to tell an entry that ended
// with its content from one that was meant to end early.
func Ends(kind Kind, content []byte, o CreateOptions) (time.Time, error) {
	bounds, err := o.Bounds.Resolve()
	if err != nil {
		return time.Time{}, &Error{Code: code.RequestInvalid, Err: err}
	}
	of, err := bounds.identify(kind, content, o.Formats)
	return of.ends, err
}

// EndsFirst returns the entry that is of no use first, if that is before the
// bundle ends: from then on what needs it is undetermined, so the next edition
// must be there. Nil if every entry lasts as long as the bundle. Entries that
// are missing already do not count; see [Info.Missing].
func (in Info) EndsFirst() *Entry {
	var first *Entry
	for i := range in.Entries {
		e := in.Entries[i]
		if !in.missing(&e) && e.UseBy.Before(in.ValidUntil) && (first == nil || e.UseBy.Before(first.UseBy)) {
			first = &e
		}
	}
	return first
}

// Missing returns the entries that were of no use any more when the bundle was
// made: they could not be fetched in time. They answer nothing, and are in the
// bundle so that every edition tells of them and the next one asks for them
// again.
func (in Info) Missing() (list []Entry) {
	for i := range in.Entries {
		if in.missing(&in.Entries[i]) {
			list = append(list, in.Entries[i])
		}
	}
	return list
}

func (in Info) missing(e *Entry) bool { return !in.Created.Before(e.UseBy) }
