package passport

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Identifiers of consent credentials begin with these; a ULID follows.
const (
	ManifestationURN = "urn:safeconduct:manifestation:"
	AcceptanceURN    = "urn:safeconduct:acceptance:"
)

// Manifestation is a person's signed will that agents may act for them: the
// content of a ManifestationOfWillCredential, by the person about themselves.
// Passports name it as their [Consent]; revoking it stops them all.
type Manifestation struct {
	ID              string // empty: a new one
	StatementDigest string // of the text that was signed, see Digest
	ValidFrom       time.Time
	ValidUntil      time.Time          // zero: until revoked; there is no longest lifetime
	Status          []statuslist.Entry // where its revocation is looked up, on lists by the same person
}

// Acceptance is a person's signed acceptance of an agreement: the content of
// an AgreementAcceptanceCredential. It lifts the obligation "sign_agreement"
// of that kind.
type Acceptance struct {
	ID         string // empty: a new one
	Agreement  string // IRI
	Version    string
	Kind       string // what the obligation asks for, such as "Resident"
	TextDigest string // see Digest
	AcceptedAt time.Time
	ValidFrom  time.Time
	ValidUntil time.Time // zero: until revoked
	Status     []statuslist.Entry
}

// IssueManifestation signs a Manifestation of Will with the key of the person,
// whose DID is issuer and subject. Of the options only Now, Suite and Format
// count.
func IssueManifestation(ctx context.Context, person did.Signer, m Manifestation, o IssueOptions) (*credential.Signed, error) {
	if _, err := multibase.DecodeDigest(m.StatementDigest); err != nil {
		return nil, invalid("/credentialSubject/statementDigest",
			"a manifestation names the digest of the statement that was signed: %v", err)
	}
	return issueConsent(ctx, person, ManifestationOfWill, ManifestationURN, m.ID, m.ValidFrom, m.ValidUntil, m.Status, &o, func(w *jsonwrite.Writer) {
		w.Member("type", "ManifestationOfWill")
		w.Member("statementDigest", m.StatementDigest)
	})
}

// IssueAcceptance signs the acceptance of an agreement, likewise.
func IssueAcceptance(ctx context.Context, person did.Signer, a Acceptance, o IssueOptions) (*credential.Signed, error) {
	if a.Agreement == "" || a.Kind == "" || a.TextDigest == "" || a.Version == "" {
		return nil, invalid("/credentialSubject", "an acceptance names the agreement, its version and kind, and the digest of its text")
	}
	if _, err := multibase.DecodeDigest(a.TextDigest); err != nil {
		return nil, invalid("/credentialSubject/textDigest", "%v", err)
	}
	if a.AcceptedAt.IsZero() {
		a.AcceptedAt = o.now()
	}
	if err := datetime.Check(a.AcceptedAt); err != nil {
		return nil, invalid("/credentialSubject/acceptedAt", "%v", err)
	}
	return issueConsent(ctx, person, AgreementAcceptance, AcceptanceURN, a.ID, a.ValidFrom, a.ValidUntil, a.Status, &o, func(w *jsonwrite.Writer) {
		w.Member("type", "AgreementAcceptance")
		w.Member("agreement", a.Agreement)
		w.Member("agreementVersion", a.Version)
		w.Member("agreementKind", a.Kind)
		w.Member("textDigest", a.TextDigest)
		w.Member("acceptedAt", datetime.Format(a.AcceptedAt))
	})
}

func issueConsent(ctx context.Context, person did.Signer, typ, urn, id string, from, until time.Time,
	status []statuslist.Entry, o *IssueOptions, subject func(*jsonwrite.Writer)) (*credential.Signed, error) {
	if person == nil {
		return nil, &Error{Code: code.RequestInvalid, Detail: "there is no signer"}
	}
	now := o.now().UTC().Truncate(time.Second)
	if from.IsZero() {
		from = now
	}
	if id == "" {
		var err error
		if id, err = newID(urn, now); err != nil {
			return nil, err
		}
	}
	who := person.KeyID().DID().String()
	w := jsonwrite.Writer{Buf: make([]byte, 0, 1024)}
	w.BeginObject()
	w.Strings("@context", contextsFor(status))
	w.Member("id", id)
	w.Strings("type", []string{credential.TypeCredential, typ})
	w.Member("issuer", who)
	w.Member("validFrom", datetime.Format(from))
	if !until.IsZero() {
		w.Member("validUntil", datetime.Format(until))
	}
	w.Name("credentialSubject")
	w.BeginObject()
	w.Member("id", who)
	subject(&w)
	w.EndObject()
	if err := appendStatus(&w, status, false); err != nil {
		return nil, err
	}
	w.EndObject()
	so := credential.SignOptions{Suite: o.Suite, Format: o.Format}
	if o.Format == nil {
		so.Created = now
	}
	return credential.SignJSON(ctx, person, w.Buf, so)
}

// ConsentTo returns the reference by which a passport names a consent
// credential: its id, type and digest.
func ConsentTo(s *credential.Signed) (Consent, error) {
	c := s.Unverified()
	for _, typ := range []string{ManifestationOfWill, AgreementAcceptance} {
		if c.HasType(typ) && c.ID != "" {
			return Consent{ID: c.ID, Type: typ, Digest: s.Digest()}, nil
		}
	}
	return Consent{}, &Error{Code: code.EnvelopeUnsupported, Detail: "not a consent credential with an id"}
}
