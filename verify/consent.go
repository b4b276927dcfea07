package verify

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// SiblingSource finds consent credentials that are not in the presentation. A
// trust bundle is one. Implementations are safe for concurrent use; what they
// return is verified like everything else. An error means that there is none.
type SiblingSource interface {
	Sibling(ctx context.Context, id, digest string) ([]byte, error)
}

// AcceptanceSource is a [SiblingSource] that also finds the acceptances of agreements that a principal has
// given, so that the agent need not carry them: an issuer's office is one. At most 16 are looked at, so one of each
// kind should come before a second one. What it returns is verified like what is presented; an error means that
// there is none.
type AcceptanceSource interface {
	SiblingSource
	Acceptances(ctx context.Context, principal string) ([][]byte, error)
}

// SiblingFunc makes a function a [SiblingSource].
type SiblingFunc func(ctx context.Context, id, digest string) ([]byte, error)

// Sibling calls f.
func (f SiblingFunc) Sibling(ctx context.Context, id, digest string) ([]byte, error) {
	return f(ctx, id, digest)
}

// consents judges the consent that each link names: found, the very document,
// by the principal, in force. Part of step 6.
func (r *run) consents(ctx context.Context) {
	principal := r.links[0].passport.HumanPrincipal
	for i := range r.links {
		c := &r.links[i].passport.Consent
		if c.IsZero() {
			continue
		}
		path := r.place(i) + "/credentialSubject/consent"
		s := r.sibling(ctx, c)
		if s == nil {
			r.add(Violation{Code: ConsentMissing, Path: path,
				Detail: "the consent credential is neither in the presentation nor at hand", Actual: c.ID,
				Hint: "the agent presents it with the passport (PresentOptions.Siblings), or Config.Siblings has it"})
			continue
		}
		r.because(code.At(code.Elsewhere(r.consent(ctx, s, c, principal)), path), ConsentInvalid)
	}
	if needs := r.operation(); needs.NeedsConsent && !r.standsOnWill() {
		r.add(Violation{
			Code: ConsentMissing, Actual: needs.Scope,
			Detail: "the operation needs a passport that stands on a signed Manifestation of Will",
		})
	}
}

// standsOnWill asks the root alone: what its issuer did not grant for want of a
// consent, a delegate cannot make up for.
func (r *run) standsOnWill() bool {
	return r.links[0].passport.Consent.Type == passport.ManifestationOfWill
}

// sibling finds a consent credential by id, nil if there is none.
func (r *run) sibling(ctx context.Context, c *passport.Consent) *credential.Signed {
	for _, s := range r.siblings {
		if s.Unverified().ID == c.ID {
			return s
		}
	}
	if r.v.config.Siblings == nil || r.fetch() != nil {
		return nil
	}
	raw, err := siblingOf(ctx, r.v.config.Siblings, c)
	if err != nil {
		return nil
	}
	s, err := r.v.parser.Credential(raw)
	if err != nil || s.Unverified().ID != c.ID {
		return nil
	}
	return s
}

// consent judges one consent credential.
func (r *run) consent(ctx context.Context, s *credential.Signed, c *passport.Consent, principal string) error {
	m := s.Unverified()
	bad := func(cd Code, detail, limit, actual string) error {
		return &code.Error{Code: cd, Detail: detail, Limit: limit, Actual: actual}
	}
	switch {
	case !m.HasType(c.Type):
		return bad(ConsentInvalid, "the consent is of another type", c.Type, fmt.Sprint(m.Type))
	case s.Digest() != c.Digest:
		return bad(ConsentInvalid, "the consent is another edition than the passport was issued on",
			c.Digest, s.Digest())
	case len(m.Subjects) != 1 || principal == "" || m.Subjects[0].Get("id").Str() != principal || m.Issuer.ID != principal:
		return bad(ConsentSubjectMismatch, "the consent is not by the principal of the passport, about himself",
			orAbsent(principal), m.Issuer.ID)
	case lacking(m.Subjects[0], c.Type) != "":
		return bad(ConsentInvalid, "the consent does not say what its type says", lacking(m.Subjects[0], c.Type), "")
	case m.ValidFrom.IsZero() || r.tooEarly(m.ValidFrom):
		e := &code.Error{Code: ConsentInvalid, Detail: "the consent is not in force yet"}
		if !m.ValidFrom.IsZero() {
			e.Until, e.Hint = r.begins(m.ValidFrom), r.earlyHint(m.ValidFrom)
		}
		return e
	case r.ended(m.ValidUntil):
		return bad(ConsentExpired, "the consent has ended", "", "")
	}
	if at, err := datetime.Parse(m.Subjects[0].Get("acceptedAt").Str()); err == nil && r.tooEarly(at) {
		return &code.Error{
			Code: ConsentInvalid, Detail: "the agreement is not accepted yet", Until: r.begins(at), Hint: r.earlyHint(at),
		}
	}
	issuer, err := did.Parse(m.Issuer.ID)
	if err != nil {
		return &code.Error{Code: ConsentInvalid, Detail: "the issuer of the consent has no keys", Err: err}
	}
	if err := r.provenSibling(ctx, s, issuer); err != nil {
		return err
	}
	return r.siblingStatus(ctx, s, issuer)
}

// consentSubjects are what the subject of each type of consent says, beside its id.
var consentSubjects = map[string]struct {
	subject         string // its type
	digest          string // of the text that was signed
	texts, instants []string
}{
	passport.ManifestationOfWill: {subject: "ManifestationOfWill", digest: "statementDigest"},
	passport.AgreementAcceptance: {
		subject: "AgreementAcceptance", digest: "textDigest",
		texts: []string{"agreement", "agreementVersion", "agreementKind"}, instants: []string{"acceptedAt"},
	},
}

// lacking returns the first member that the subject of a consent does not have as it
// must, "" if there is none: whoever signed less has not consented to anything.
func lacking(subject credential.Value, typ string) string {
	must := consentSubjects[typ]
	if subject.Get("type").Str() != must.subject {
		return "type " + must.subject
	}
	if _, err := multibase.DecodeDigest(subject.Get(must.digest).Str()); err != nil {
		return must.digest
	}
	for _, name := range must.texts {
		if subject.Get(name).Str() == "" {
			return name
		}
	}
	for _, name := range must.instants {
		if _, err := datetime.Parse(subject.Get(name).Str()); err != nil {
			return name
		}
	}
	return ""
}

// provenSibling checks every proof of a sibling: all by its issuer, as
// assertions.
func (r *run) provenSibling(ctx context.Context, s *credential.Signed, issuer did.DID) error {
	proofs := s.Proofs()
	if len(proofs) == 0 {
		return &code.Error{Code: ConsentInvalid, Detail: "the consent is not signed"}
	}
	for i := range proofs {
		if method := proofs[i].VerificationMethod; method.DID() != issuer {
			return &code.Error{
				Code: ConsentInvalid, Detail: "the consent is signed by another party",
				Limit: issuer.String(), Actual: method.String(),
			}
		}
		switch from := proofs[i].Created; {
		case r.tooEarly(from):
			return &code.Error{
				Code: ConsentInvalid, Detail: "the proof of the consent is not valid yet", Limit: datetime.Format(from),
				Actual: datetime.Format(r.now), Hint: r.earlyHint(from), Until: r.begins(from),
			}
		case r.ended(proofs[i].Expires):
			return &code.Error{Code: ConsentExpired, Detail: "the proof of the consent has ended"}
		}
		key, err := r.key(ctx, proofs[i].VerificationMethod, did.AssertionMethod)
		if err != nil {
			err = keyFault(err, "")
			if c := code.Of(err); undetermined(c) || c == EnvelopeTooLarge {
				return err
			}
			return &code.Error{Code: ConsentInvalid, Detail: "the key that signed the consent is not to be used", Err: err}
		}
		if err := s.CheckProof(i, key, did.AssertionMethod); err != nil {
			return &code.Error{Code: ConsentInvalid, Detail: "the proof of the consent does not hold", Err: err}
		}
	}
	return nil
}

// siblingStatus judges the status entries of a sibling, by lists of its issuer.
func (r *run) siblingStatus(ctx context.Context, s *credential.Signed, issuer did.DID) error {
	for _, v := range s.Unverified().Status {
		e, err := statuslist.ParseEntry(v)
		if err != nil {
			return &code.Error{Code: ConsentInvalid, Detail: "the status entry of the consent is not right", Err: err}
		}
		found, err := r.isSet(ctx, bearer{issuer: issuer, depth: 1, until: s.Unverified().ValidUntil}, &e)
		if err != nil && !found.set {
			return err
		}
		if !found.set {
			continue
		}
		if r.operation().OutlivesConsent && s.Unverified().HasType(passport.ManifestationOfWill) {
			continue
		}
		return &code.Error{Code: ConsentRevoked, Detail: "the consent was withdrawn",
			Actual: fmt.Sprintf("%s#%d", e.URL, e.Index), Hint: "a new consent needs a new passport that stands on it"}
	}
	return nil
}

// agreements collects the kinds of agreement that the principal has accepted,
// from the siblings that hold. One that does not hold lifts nothing.
func (r *run) agreements(ctx context.Context) {
	principal := r.links[0].passport.HumanPrincipal
	for _, s := range append(r.siblings[:len(r.siblings):len(r.siblings)], r.stored(ctx, principal)...) {
		m := s.Unverified()
		if !m.HasType(passport.AgreementAcceptance) || len(m.Subjects) != 1 || principal == "" {
			continue
		}
		kind := m.Subjects[0].Get("agreementKind").Str()
		c := &passport.Consent{ID: m.ID, Type: passport.AgreementAcceptance, Digest: s.Digest()}
		if kind != "" && r.consent(ctx, s, c, principal) == nil {
			r.accepted = append(r.accepted, kind)
		}
	}
}

// mostAcceptances is how many acceptances that were not presented are looked at.
const mostAcceptances = 16

// stored returns the acceptances of the principal that are at hand, where something may ask for one.
func (r *run) stored(ctx context.Context, principal string) (list []*credential.Signed) {
	source, ok := r.v.config.Siblings.(AcceptanceSource)
	asks := len(r.v.config.Policy) > 0
	for _, o := range r.operation().Obligations {
		asks = asks || o.Kind == SignAgreement
	}
	if !ok || !asks || principal == "" || r.fetch() != nil {
		return nil
	}
	found, err := acceptancesOf(ctx, source, principal)
	if err != nil {
		return nil
	}
	for _, raw := range found[:min(len(found), mostAcceptances)] {
		if s, err := r.v.parser.Credential(raw); err == nil {
			list = append(list, s)
		}
	}
	return list
}

func siblingOf(ctx context.Context, source SiblingSource, c *passport.Consent) (raw []byte, err error) {
	defer caught("the source of siblings", &err)
	return source.Sibling(ctx, c.ID, c.Digest)
}

func acceptancesOf(ctx context.Context, source AcceptanceSource, principal string) (found [][]byte, err error) {
	defer caught("the source of acceptances", &err)
	return source.Acceptances(ctx, principal)
}
