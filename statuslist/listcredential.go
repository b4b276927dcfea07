package statuslist

import (
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// ListCredential is a published list: a credential whose subject is a bit
// string. It is what the document says, and nothing of it is proven: package
// verify checks the proofs, the issuer and the age before it asks for a
// status. It is shared by its readers and must not be changed.
type ListCredential struct {
	ID       string // where it is published; entries refer to it by this URL
	Issuer   string
	Encoding Encoding
	Purposes []Purpose // at least one; exactly one in StatusList2021

	MediaType string // to serve it under

	ValidFrom  time.Time // zero if not stated
	ValidUntil time.Time // zero if not stated

	// AsOf is the instant for which the list speaks: the later of ValidFrom
	// and the created of the issuer's proof. Never zero.
	AsOf time.Time

	// TTL says after what time a cache should fetch again, from 0 to 7 days
	// (a negative ttl reads as 0). It says nothing about how old a list may be.
	// HasTTL is false, and TTL 0, if the list states none.
	TTL    time.Duration
	HasTTL bool

	bits []byte
	caps caps
}

// Parser reads list credentials. Its zero value is what [ParseCredential]
// uses.
type Parser struct {
	Bounds Bounds // zero fields: their defaults
}

// Bounds are the caps on a status list. A field of zero means its default. A
// field may be lowered freely, and raised up to its maximum; out of range it is
// refused with request.invalid. Behind each field: its default, its maximum.
//
// The encoded text of a list may have half as many bytes again; that of a long
// one also needs credential.Bounds.EncodedListBytes.
type Bounds struct {
	Bytes   int // the list, expanded: 2 MiB, 16 MiB
	Entries int // its entries: 16,777,216, 16,777,216
}

// Resolve replaces every zero field by its default. It fails on a field that is
// out of its range, naming the field and the range.
func (b Bounds) Resolve() (Bounds, error) {
	l, err := limits.Lists(b).Resolve()
	return Bounds(l), err
}

// ParseCredential reads the list out of a credential, which must have been
// parsed with credential.Parser{StatusList: true} if its list is long. It
// verifies nothing.
//
// A BitstringStatusListCredential is a VC 2.0; a StatusList2021Credential is
// a VC 1.1, because its context redefines protected terms of the 2.0 one.
// Anything else, and anything that its own type does not provide for, is
// refused with status.invalid.
func ParseCredential(signed *credential.Signed) (*ListCredential, error) {
	return Parser{}.Credential(signed)
}

// Credential reads one list credential. See [ParseCredential].
func (p Parser) Credential(signed *credential.Signed) (*ListCredential, error) {
	bounds, err := p.Bounds.Resolve()
	if err != nil {
		return nil, &code.Error{Code: code.RequestInvalid, Err: err}
	}
	if signed == nil {
		return nil, &code.Error{Code: code.RequestInvalid, Detail: "there is no list credential to read"}
	}
	c := signed.Unverified()
	l := &ListCredential{
		ID: c.ID, Issuer: c.Issuer.ID, ValidFrom: c.ValidFrom, ValidUntil: c.ValidUntil,
		caps: capsOf(bounds),
	}
	if l.Encoding, err = kindOf(c); err != nil {
		return nil, err
	}
	k := l.Encoding.kind()
	if l.MediaType = k.mediaType; signed.Format() != nil {
		l.MediaType = signed.MediaType()
	}
	if k.vc.checkContexts != nil {
		if err := k.vc.checkContexts(c, signed.Proofs()); err != nil {
			return nil, err
		}
	}
	// Without its own address a list could be passed off as another list of
	// the same issuer.
	if c.ID == "" {
		err := fail(ErrMalformed, "", "a list without id, want the URL where it is published")
		err.Hint = "without it, one list of an issuer could be passed off as another"
		return nil, err
	}
	if err := checkURL("/id", c.ID); err != nil {
		return nil, err
	}
	if len(c.Status) > 0 {
		return nil, fail(ErrVerification, "/credentialStatus", "a list that can itself be revoked, which nobody would check")
	}
	if l.AsOf = asOf(c, signed.Proofs()); l.AsOf.IsZero() {
		return nil, fail(ErrVerification, "", "the list does not say when it was made: neither validFrom nor created in the issuer's proof")
	}
	if len(c.Subjects) != 1 {
		return nil, fail(ErrMalformed, "/credentialSubject", "%d subjects, a list has one", len(c.Subjects))
	}
	if err := l.subject(c.Subjects[0], k); err != nil {
		return nil, err
	}
	return l, nil
}
