package oap

import (
	"slices"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// Presentation is one or more credentials, signed by a holder for a challenge.
type Presentation struct {
	Credentials        []*Credential
	Holder             string
	VerificationMethod string // Holder and "#key-1"
	Challenge, Domain  string
	Created            time.Time

	doc *laxjson.Value
	sig []byte
}

// maxCredentials is how many credentials one presentation may have.
const maxCredentials = 16

// ParsePresentation reads a presentation strictly. It does not verify it.
func ParsePresentation(text []byte) (*Presentation, error) {
	doc, e := Strict.document(string(text), InvalidPresentation)
	if e != nil {
		return nil, e
	}
	p, e := strictPresentation(doc)
	if e != nil {
		return nil, e
	}
	return p, nil
}

func strictPresentation(doc *laxjson.Value) (*Presentation, *Error) {
	bad := func(path, format string, args ...any) (*Presentation, *Error) {
		return nil, refuse(InvalidPresentation, path, format, args...)
	}
	if doc.Kind() != laxjson.Object {
		return bad("", "want a presentation as an object, not %s", doc.Kind())
	}
	for _, m := range doc.Members() {
		if !slices.Contains([]string{"@context", "type", "verifiableCredential", "holder", "proof"}, m.Name) {
			return nil, refuse(UnsignedMember, "/"+pointer(m.Name),
				"the signature does not cover %.80q: anybody may have added it", m.Name)
		}
	}
	p := &Presentation{doc: doc, Holder: doc.Get("holder").Text()}
	switch {
	case !textsAre(doc.Get("@context"), ContextVC, contextVP):
		return bad("/@context", "want exactly %s and %s", ContextVC, contextVP)
	case !textsAre(doc.Get("type"), typeVP, TypePresentation):
		return bad("/type", "want exactly %s and %s", typeVP, TypePresentation)
	case p.Holder == "":
		return bad("/holder", "a presentation names its holder")
	}
	list := doc.Get("verifiableCredential")
	items := list.Items()
	if list.Kind() == laxjson.Object {
		items = []*laxjson.Value{list}
	}
	if len(items) == 0 || len(items) > maxCredentials {
		return bad("/verifiableCredential", "want 1 to %d credentials", maxCredentials)
	}
	for i, item := range items {
		c, e := strictCredential(item)
		if e != nil {
			return nil, under(p.place(i), e)
		}
		p.Credentials = append(p.Credentials, c)
	}
	if e := p.proof(); e != nil {
		return nil, e
	}
	return p, nil
}

// place is where a credential stands.
func (p *Presentation) place(i int) string {
	if p.doc.Get("verifiableCredential").Kind() == laxjson.Object {
		return "/verifiableCredential"
	}
	return "/verifiableCredential/" + strconv.Itoa(i)
}

func (p *Presentation) proof() *Error {
	proof := p.doc.Get("proof")
	bad := func(member, format string, args ...any) *Error {
		return refuse(UnsignedMember, "/proof/"+member, format, args...)
	}
	for _, m := range proof.Members() {
		known := []string{"type", "created", "verificationMethod", "proofPurpose", "challenge", "domain", "jws"}
		if !slices.Contains(known, m.Name) {
			return bad(pointer(m.Name), "the proof of a presentation has no such member")
		}
	}
	p.VerificationMethod, p.Challenge = proof.Get("verificationMethod").Text(), proof.Get("challenge").Text()
	p.Domain = proof.Get("domain").Text()
	var ok bool
	p.Created, ok = instantOf(proof.Get("created"))
	switch {
	case proof.Kind() != laxjson.Object:
		return refuse(InvalidSignature, "/proof", "there is no proof")
	case proof.Get("type").Text() != typeProof:
		return bad("type", "want %s", typeProof)
	case proof.Get("proofPurpose").Text() != "authentication":
		return bad("proofPurpose", "want authentication")
	case p.VerificationMethod != p.Holder+"#key-1":
		return refuse(InvalidPresentation, "/proof/verificationMethod", "want the holder's key, %s#key-1", p.Holder)
	case !ok:
		return refuse(InvalidPresentation, "/proof/created", "want a date-time")
	case p.Challenge == "":
		return refuse(InvalidPresentation, "/proof/challenge", "want a challenge")
	case proof.Get("domain") != nil && p.Domain == "":
		return refuse(InvalidPresentation, "/proof/domain", "want a domain, or none")
	}
	var e *Error
	p.sig, e = detached(proof.Get("jws").Text(), presHeader)
	return e
}

// Canonical returns what the holder's signature covers.
func (p *Presentation) Canonical() []byte { return canonicalPresentation(p.doc, formJCS) }

func canonicalPresentation(doc *laxjson.Value, f form) []byte {
	proof := doc.Get("proof")
	list := []laxjson.Member{
		{Name: "@context", Value: doc.Get("@context")}, {Name: "type", Value: doc.Get("type")},
		{Name: "verifiableCredential", Value: doc.Get("verifiableCredential")}, {Name: "holder",
			Value: doc.Get("holder")},
		{Name: "challenge", Value: proof.Get("challenge")}, {Name: "created", Value: proof.Get("created")},
		{Name: "verificationMethod", Value: proof.Get("verificationMethod")},
	}
	if domain := proof.Get("domain"); truthy(domain) {
		list = append(list, laxjson.Member{Name: "domain", Value: domain})
	}
	return appendObject(nil, f, list...)
}

// Keys finds the key that a verification method names, the zero key if it is not
// pinned. It must look nothing up in what was presented.
type Keys func(verificationMethod string) did.PublicKey

// OneKey is for a host that knows a single key.
func OneKey(key did.PublicKey) Keys { return func(string) did.PublicKey { return key } }

// Verify reports why a presentation cannot be relied on: the challenge and the domain
// must be those of the verifier (no domain: the presentation has none, either), and
// every credential inside must be genuine and hold. When the presentation was made is
// the holder's word alone; that it is new is what the challenge says. It does not
// compare the holder with whom the credentials are about: see
// [Presentation.HeldBySubject].
func (p *Presentation) Verify(keys Keys, challenge, domain string, at time.Time) error {
	if e := p.verify(keys, challenge, domain, at); e != nil {
		return e
	}
	return nil
}

// signed reports why the holder's signature does not hold.
func (p *Presentation) signed(key did.PublicKey) *Error {
	switch {
	case key.IsZero():
		return refuse(KeyUnknown, "/proof/verificationMethod", "the key %.80q is not at hand", p.VerificationMethod)
	case !key.Verify(p.Canonical(), p.sig):
		return refuse(InvalidSignature, "/proof/jws",
			"the signature is not that of the holder's key over this presentation")
	}
	return nil
}

func (p *Presentation) verify(keys Keys, challenge, domain string, at time.Time) *Error {
	switch {
	case challenge == "" || p.Challenge != challenge:
		return refuse(ChallengeMismatch, "/proof/challenge", "the presentation answers another challenge")
	case p.Domain != domain:
		return refuse(DomainMismatch, "/proof/domain", "the presentation is for %.80q, not for %.80q", p.Domain, domain)
	}
	if e := p.signed(keys(p.VerificationMethod)); e != nil {
		return e
	}
	for i, c := range p.Credentials {
		if e := c.verify(keys(c.VerificationMethod), at); e != nil {
			return under(p.place(i), e)
		}
	}
	return nil
}

// HeldBySubject reports whether the holder is the agent of every passport inside.
// APort's tools do not ask: whoever got hold of a credential can present it.
func (p *Presentation) HeldBySubject() bool {
	passports := 0
	for _, c := range p.Credentials {
		if c.Passport != nil {
			if passports++; c.Passport.DID != p.Holder {
				return false
			}
		}
	}
	return passports > 0
}
