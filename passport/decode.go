package passport

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/statuslist"
)

// ReadUnverified reads the passport out of a parsed credential, proven or not.
// It checks form only. Errors are [*Error] with the code envelope.malformed,
// envelope.unsupported (not an agent passport), envelope.context,
// envelope.too_large, or status.invalid (a status entry), and the place.
func ReadUnverified(s *credential.Signed) (*Passport, error) {
	return read(s, 0)
}

func init() { seam.MustLend("passport.read", read) }

// read is [ReadUnverified] of lists of at most that many items; zero means the
// default.
func read(s *credential.Signed, items int) (*Passport, error) {
	if s == nil {
		return nil, &Error{Code: code.RequestInvalid, Detail: "there is not a credential to read"}
	}
	c, root := s.Unverified(), s.UnverifiedValue()
	if !c.HasType(Type) || c.Version != 2 {
		return nil, &Error{Code: code.EnvelopeUnsupported, Path: root.Path(), Detail: "the credential is not a VC 2.0 of type " + Type}
	}
	// In either order: of types none decides anything.
	if len(c.Type) != 2 {
		return nil, invalid(root.Path()+"/type", "want exactly %s and %s", credential.TypeCredential, Type)
	}
	if len(c.Context) < 2 || c.Context[1] != Context {
		return nil, &Error{Code: code.EnvelopeContext, Path: root.Path() + "/@context", Detail: "the second context of a passport is " + Context}
	}
	both := &struct { // in one piece of memory
		Passport
		reader
	}{Passport{ID: c.ID, ValidFrom: c.ValidFrom, ValidUntil: c.ValidUntil}, newReader(items)}
	p, r := &both.Passport, &both.reader
	p.envelope(r, c, root)
	if r.err == nil {
		p.subject(r, c.Subjects[0])
	}
	if r.err == nil {
		r.because(root, p.check())
	}
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// maxGrantID is the longest grantId, in bytes: it names accounts of ledgers.
const maxGrantID = 256

// envelope reads what stands outside credentialSubject.
func (p *Passport) envelope(r *reader, c *credential.Credential, root credential.Value) {
	switch {
	case c.ValidFrom.IsZero() || c.ValidUntil.IsZero():
		r.fail(root, "a passport has both validFrom and validUntil")
	case root.Get("credentialSubject").Kind() != strictjson.Object:
		r.fail(root.Get("credentialSubject"), "a passport has one credentialSubject, an object")
	case c.ID == "":
		r.fail(root, "a passport has an id")
	case !isPassportID(c.ID):
		r.fail(root.Get("id"), "id %.80q does not end in a ULID in upper case", c.ID)
	}
	if d, err := did.Parse(c.Issuer.ID); err == nil {
		p.Issuer = d
	} else {
		r.fail(root.Get("issuer"), "the issuer of a passport is a DID: %v", err)
	}
	for _, text := range []struct {
		v    credential.Value
		into *string
	}{{c.Issuer.Name, &p.IssuerName}, {c.Issuer.Description, &p.IssuerDescription}} {
		if text.v.Exists() {
			*text.into = r.text(text.v)
		}
	}
	for _, m := range c.Issuer.Extra {
		r.unknown(m.Value, m.Name, "the issuer of a passport")
	}
	for _, m := range c.Extra {
		r.unknown(m.Value, m.Name, "a passport")
	}
	for _, group := range [][]credential.Value{c.Schema, c.RefreshService, c.TermsOfUse, c.Evidence, c.RelatedResource, {c.Name, c.Description}} {
		for _, v := range group {
			if v.Exists() {
				r.fail(v, "a passport has no such member")
			}
		}
	}
	if len(c.Status) > 0 {
		p.Status = make([]statuslist.Entry, 0, len(c.Status))
	}
	for _, v := range c.Status {
		e, err := statuslist.ParseEntry(v)
		r.because(credential.Value{}, err) // which names the place itself
		for i := range p.Status {
			if sameEntry(&p.Status[i], &e) {
				r.fail(v, "this status entry is listed twice")
			}
		}
		p.Status = append(p.Status, e)
	}
	if len(c.Status) == 1 && root.Get("credentialStatus").Kind() == strictjson.Array {
		p.StatusForm = StatusList
	}
}

// sameEntry reports whether two entries say the same of the same bits.
func sameEntry(a, b *statuslist.Entry) bool {
	return a.Encoding == b.Encoding && a.ID == b.ID && a.Purpose == b.Purpose && a.URL == b.URL && a.Index == b.Index
}

func (p *Passport) subject(r *reader, v credential.Value) {
	if !p.members(r, v) {
		r.fail(v, "the type of the subject is %q", SubjectType)
	}
	if p.Agent.IsZero() {
		r.fail(v, "the subject has no id: Passport.Agent is the DID of the agent")
	}
	// Zero and absent are one in a Passport, but not below a root: there absent
	// means the link's own depth.
	if p.Authority.MaxDelegationDepth < p.DelegationDepth {
		if m := v.Get("maxDelegationDepth"); m.Exists() {
			r.fail(m, "%d is less than the link's own depth %d", p.Authority.MaxDelegationDepth, p.DelegationDepth)
		}
	}
}

// members reads the members of credentialSubject. typed says whether there is a type.
func (p *Passport) members(r *reader, v credential.Value) (typed bool) {
	for name, m := range v.Members() {
		switch name {
		case "id":
			p.Agent = r.did(m)
		case "type":
			if typed = m.Str() == SubjectType; !typed {
				r.fail(m, "want %q, not %.80s", SubjectType, m.Raw())
			}
		case "name":
			p.Name = r.text(m)
		case "description":
			p.Description = r.text(m)
		case "role":
			p.Role = r.text(m)
		case "framework":
			p.Framework = r.text(m)
		case "humanPrincipal":
			p.HumanPrincipal = r.iri(m)
		case "organizationDID":
			p.OrganizationDID = r.iri(m)
		case "grantId":
			if p.GrantID = r.word(m); len(p.GrantID) > maxGrantID {
				r.fail(m, "grantId has %d bytes, at most %d are allowed", len(p.GrantID), maxGrantID)
			}
		case "templateId":
			p.TemplateID = r.passportID(m)
		case "attestation":
			p.Attestation = r.attestation(m)
		case "consent":
			p.Consent = r.consent(m)
		case "delegationDepth":
			p.DelegationDepth = r.count(m)
		case "parentPassportId":
			p.ParentPassportID = r.passportID(m)
		case "parentDigest":
			p.ParentDigest = r.digest(m)
		case "extensions":
			p.Extensions = r.free(m, "extensions")
		default:
			if !p.Authority.member(r, name, m) {
				r.unknown(m, name, "an agent passport")
			}
		}
	}
	return typed
}
