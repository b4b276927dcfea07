package bundle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// Bundle is a trust bundle that [Open] has checked: a [did.Resolver], a
// [statuslist.Source], a place to find consent credentials, and a list of
// anchors. It is immutable and safe for concurrent use.
//
// It looks at its clock whenever it is asked. Before created and from
// validUntil on it answers nobody, did:key included; past its own use-by an
// entry is as if it could not be found. The verdict is then undetermined.
type Bundle struct {
	info Info
	full []bool // of each entry: of use as long as it can be, and not by decision for less
	now  func() time.Time
	skew time.Duration

	documents   map[did.DID]*document
	lists       map[string]*list
	credentials map[string]*sibling
	anchors     []anchor
}

type document struct {
	doc   *did.Document
	useBy time.Time
}

type list struct {
	fetched *statuslist.Fetched
	useBy   time.Time
	asOf    time.Time
	vouched bool
}

type sibling struct {
	text   string
	digest string // by which passports refer to it
	useBy  time.Time
	of     string // of an acceptance of an agreement: whose it says it is; else ""
	kind   string // of an acceptance: of which kind of agreement
}

type anchor struct {
	verify.Anchor
	useBy  time.Time
	digest string
}

var (
	_ did.KeyResolver         = (*Bundle)(nil)
	_ statuslist.Source       = (*Bundle)(nil)
	_ verify.AcceptanceSource = (*Bundle)(nil)
)

// Info returns what the bundle says of itself, which here is proven. The
// result is a copy.
func (b *Bundle) Info() Info {
	in := b.info
	in.Audience, in.Entries = slices.Clone(in.Audience), slices.Clone(in.Entries)
	return in
}

// clock returns the present instant, the zero time if nobody has opened the
// bundle: then it is of no use.
func (b *Bundle) clock() time.Time {
	if b.now == nil {
		return time.Time{}
	}
	return b.now()
}

// usable judges bundle and entry at this instant.
func (b *Bundle) usable(now, useBy time.Time) error {
	if err := b.inDate(now); err != nil {
		return err
	}
	if !now.Before(useBy.Add(b.skew)) {
		return &Error{Code: code.StatusStale, Detail: "of use only until then", Limit: datetime.Format(useBy),
			Actual: datetime.Format(now), Hint: "fetch a newer bundle"}
	}
	return nil
}

// Resolve returns the document of id out of the bundle, or the one that
// follows from the name of a did:key or did:jwk. An issuer whose anchor is past
// its use-by is not resolved, whoever delivered its document. What is out of
// date is [did.ErrUnavailable] with the code proof.unresolvable, what is not in
// the bundle [did.ErrNotFound].
func (b *Bundle) Resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	doc, _, err := b.document(ctx, id)
	return doc, err
}

// ResolveKey finds one key that may be used at an instant, as
// [did.Document.Key] does. Whether the bundle is out of date is judged as of
// now.
func (b *Bundle) ResolveKey(ctx context.Context, id did.URL, rel did.Relationship, at time.Time) (did.PublicKey, error) {
	if selfDescribing(id.DID()) {
		if err := b.believed(id.DID(), b.clock()); err != nil {
			return did.PublicKey{}, err
		}
		return did.ResolveKey(ctx, did.KeyMethods(), id, rel, at)
	}
	doc, _, err := b.document(ctx, id.DID())
	if err != nil {
		return did.PublicKey{}, err
	}
	return doc.Key(id, rel, at)
}

func (b *Bundle) document(ctx context.Context, id did.DID) (*did.Document, time.Time, error) {
	now := b.clock()
	if id.IsZero() {
		return nil, now, fmt.Errorf("%w: the zero DID names nobody", did.ErrInvalidDID)
	}
	if err := b.believed(id, now); err != nil {
		return nil, now, err
	}
	if selfDescribing(id) {
		doc, err := did.KeyMethods().Resolve(ctx, id)
		return doc, now, err
	}
	d := b.documents[id]
	if d == nil {
		return nil, now, fmt.Errorf("%w: %s is not in the trust bundle", did.ErrNotFound, id)
	}
	if err := b.usable(now, d.useBy); err != nil {
		return nil, now, unresolved(id, err)
	}
	return d.doc, now, nil
}

// believed refuses everybody when the bundle is out of date, and an anchor that
// is.
func (b *Bundle) believed(id did.DID, now time.Time) error {
	end := b.info.ValidUntil
	for i := range b.anchors {
		if b.anchors[i].Issuer == id {
			end = b.anchors[i].useBy
		}
	}
	if err := b.usable(now, end); err != nil {
		return unresolved(id, err)
	}
	return nil
}

// unresolved carries the code of what it comes to, so that the reason inside is
// not taken for one about the passport.
func unresolved(id did.DID, cause error) error {
	return &Error{Code: code.ProofUnresolvable, Detail: "the trust bundle does not answer", Actual: id.String(),
		Err: fmt.Errorf("%w: %w", did.ErrUnavailable, cause)}
}

// StatusList returns the list at url: the same pointer every time. What is not
// in the bundle or is past its date is status.unavailable; the cause tells
// status.stale and time.expired apart. How old a list may be beside that, and
// who signed it, package verify judges.
func (b *Bundle) StatusList(_ context.Context, url string) (*statuslist.Fetched, error) {
	l := b.lists[url]
	if l == nil {
		return nil, &Error{Code: code.StatusUnavailable, Detail: "the list is not in the trust bundle", Actual: url, Err: statuslist.ErrRetrieval}
	}
	if err := b.usable(b.clock(), l.useBy); err != nil {
		return nil, &Error{Code: code.StatusUnavailable, Detail: "the list in the trust bundle is out of date",
			Actual: url, Err: fmt.Errorf("%w: %w", statuslist.ErrRetrieval, err)}
	}
	return l.fetched, nil
}

// Vouched reports whether f came out of this bundle as a list without a proof,
// for which the signer of the bundle stands instead of its issuer. Package
// verify refuses such a list as unsigned unless its caller asks here.
func (b *Bundle) Vouched(f *statuslist.Fetched) bool {
	for _, l := range b.lists {
		if l.vouched && l.fetched == f {
			return true
		}
	}
	return false
}

// Sibling returns the credential of that id and digest, as the consent of a
// passport names it. It is not verified here. If the bundle has none of that
// id, or another edition of it, that is consent.missing; past its date it is
// status.unavailable.
func (b *Bundle) Sibling(_ context.Context, id, digest string) ([]byte, error) {
	s := b.credentials[id]
	switch {
	case s == nil:
		return nil, &Error{Code: code.ConsentMissing, Detail: "the credential is not in the trust bundle", Actual: id}
	case s.digest != digest:
		return nil, &Error{Code: code.ConsentMissing, Detail: "the trust bundle has another edition of the credential", Limit: digest, Actual: s.digest}
	}
	if err := b.usable(b.clock(), s.useBy); err != nil {
		return nil, &Error{Code: code.StatusUnavailable, Detail: "the credential in the trust bundle is out of date", Actual: id, Err: err}
	}
	return []byte(s.text), nil
}

// Acceptances returns the acceptances of agreements that say they are of that principal and are in date, so that
// agents need not carry them: one of each kind, then the others, both in the order of their ids. They are not
// verified here.
func (b *Bundle) Acceptances(_ context.Context, principal string) (list [][]byte, err error) {
	now, kinds := b.clock(), map[string]bool{}
	var others [][]byte // of a kind that the list has
	for _, id := range slices.Sorted(maps.Keys(b.credentials)) {
		switch s := b.credentials[id]; {
		case s.of == "" || s.of != principal || b.usable(now, s.useBy) != nil:
		case kinds[s.kind]:
			others = append(others, []byte(s.text))
		default:
			kinds[s.kind] = true
			list = append(list, []byte(s.text))
		}
	}
	return append(list, others...), nil
}

// Anchors returns the anchors that are in date, as copies; none if the bundle
// is not. A Verifier keeps those it was made with; see the package comment on
// what ends them.
func (b *Bundle) Anchors() []verify.Anchor {
	now := b.clock()
	var out []verify.Anchor
	for i := range b.anchors {
		if b.usable(now, b.anchors[i].useBy) == nil {
			out = append(out, cloneAnchor(b.anchors[i].Anchor))
		}
	}
	return out
}

// Contents returns everything in the bundle, as copies, for the next edition to
// be made from. Of an entry that is of use as long as it can be, to the end of
// the bundle or of its content, UseBy is zero.
func (b *Bundle) Contents() Contents {
	in := b.Info()
	c := Contents{ID: in.ID, Sequence: in.Sequence, Audience: in.Audience, Created: in.Created, ValidUntil: in.ValidUntil}
	for i, e := range in.Entries {
		if b.full[i] {
			e.UseBy = time.Time{}
		}
		it := Item{Source: e.Source, FetchedAt: e.FetchedAt, UseBy: e.UseBy, Vouched: e.Vouched}
		switch e.Kind {
		case DIDDocuments:
			if id, err := did.Parse(e.ID); err == nil {
				it.Content = b.documents[id].doc.Bytes()
			}
			c.DIDDocuments = append(c.DIDDocuments, it)
		case StatusLists:
			it.Content = slices.Clone(b.lists[e.ID].fetched.Raw)
			c.StatusLists = append(c.StatusLists, it)
		case Credentials:
			it.Content = []byte(b.credentials[e.ID].text)
			c.Credentials = append(c.Credentials, it)
		case Anchors:
			a := Anchor{Anchor: cloneAnchor(b.anchorOf(e.ID).Anchor), Source: e.Source, FetchedAt: e.FetchedAt, UseBy: e.UseBy}
			c.Anchors = append(c.Anchors, a)
		}
	}
	return c
}
