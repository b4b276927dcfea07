package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// Unverified is what every page of a document says of itself: its JSON, and the first line that Printer.Page prints.
const Unverified = "UNVERIFIED: nothing below was checked; anybody can have written it"

// Document is a page about a document: what it says, none of which was checked. What is "presentation", "passport",
// "status-list", "credential" or "did-document".
type Document struct {
	What string
	Page
}

// ErrBundle and ErrUnknown are the errors of [Read] for what it does not read.
var (
	ErrBundle  = errors.New("it is a trust bundle")
	ErrUnknown = errors.New("it is not a credential, no presentation and no DID document")
)

// Reader reads documents in order to show them. The zero value reads documents with a proof, and says nothing of what
// is over.
type Reader struct {
	Formats []credential.Format // that are read beside documents with a proof
	Now     time.Time           // tells what is over or still to come; zero: nothing is
}

// MaxBytes is the size of the largest document that a [Reader] reads: a status list, by the default bounds.
func MaxBytes() int { return limits.Default().EncodedListBytes + limits.Default().DocumentBytes }

// Read reads a document of any kind that it knows, for an operator who wants to see what was refused, say. It verifies
// nothing: never decide by what it returns. Documents of a form that no verifier takes are an error: [ErrBundle],
// [ErrUnknown], or that of the package that reads the form.
func (r Reader) Read(raw []byte) (d Document, err error) {
	if raw = bytes.TrimSpace(raw); !bytes.HasPrefix(raw, []byte("{")) {
		return r.token(raw)
	}
	caps := limits.Default().JSON(MaxBytes())
	caps.StringBytes = limits.Default().EncodedListBytes
	v, err := strictjson.Parse(string(raw), caps)
	if err != nil {
		return d, err
	}
	switch types := typesOf(v); {
	case slices.Contains(types, credential.TypePresentation):
		p, err := credential.ParsePresentation(raw, r.Formats...)
		if err != nil {
			return d, err
		}
		return r.presentation(p), nil
	case slices.Contains(types, credential.TypeCredential):
		isList := slices.Contains(types, "BitstringStatusListCredential") ||
			slices.Contains(types, "StatusList2021Credential")
		s, err := credential.Parser{StatusList: isList}.Credential(raw)
		if err != nil {
			return d, err
		}
		return r.credential(s), nil
	case v.Get("verificationMethod").Exists():
		doc, err := did.ParseDocument(raw)
		if err != nil {
			return d, err
		}
		return newDocument("did-document", Page{{"id", "id", doc.ID().String()}, {"keys", "keys", Keys(doc)}}), nil
	case slices.Contains(types, "SafeconductTrustBundle"):
		return d, ErrBundle
	}
	return d, ErrUnknown
}

// token reads what is not JSON.
func (r Reader) token(raw []byte) (d Document, err error) {
	if p, err := credential.ParsePresentation(raw, r.Formats...); err == nil {
		return r.presentation(p), nil
	}
	s, err := credential.Parse(raw, r.Formats...)
	if err != nil {
		return d, err
	}
	return r.credential(s), nil
}

func typesOf(v credential.Value) (types []string) {
	t := v.Get("type")
	if s, ok := t.LookupStr(); ok {
		return []string{s}
	}
	if t.Kind() != strictjson.Array {
		return nil
	}
	for item := range t.Items() {
		types = append(types, item.Str())
	}
	return types
}

func newDocument(what string, p Page) Document {
	return Document{what, append(Page{
		{"version", "", 1}, {"kind", "", "inspected"}, {"verified", "", false}, {"warning", "", Unverified},
		{"document", "", what},
	}, p...)}
}

func (r Reader) presentation(vp *credential.Presentation) Document {
	c := vp.Unverified()
	p := Page{{"types", "types", c.Type}, {"id", "id", c.ID}, {"holder", "holder", c.Holder},
		{"proofs", "proofs", proofs(vp.Proofs())}}
	problem := ""
	if m := c.Member("intent"); m.Exists() {
		in, err := passport.ReadIntentUnverified(m)
		if err != nil {
			problem = err.Error()
		} else {
			p = append(p, Row{"intent", "", in}, Row{"", "intent", r.intent(in)})
		}
	}
	var links []Document
	for _, s := range c.Credentials {
		links = append(links, r.credential(s))
	}
	return newDocument("presentation",
		append(p, Row{"credentials", "credentials", links}, Row{"problem", "problem", problem}))
}

func (r Reader) intent(in *passport.Intent) Page {
	p := Page{{"", "intent", in.ID}, {"", "act", Act(&in.Act)}, {"", "passport", in.PassportID}}
	if in.Attributes.Exists() {
		p = append(p, Row{"", "parameters", in.Attributes.Raw()})
	}
	return append(p, Row{"", "body digest", in.BodyDigest},
		Row{"", "issued", instant(in.IssuedAt)}, Row{"", "ends", r.until(in.ExpiresAt)})
}

func (r Reader) credential(s *credential.Signed) Document {
	c, what := s.Unverified(), "credential"
	p := Page{
		{"types", "types", c.Type}, {"id", "id", c.ID}, {"issuer", "issuer", c.Issuer.ID},
		{"validFrom", "", instant(c.ValidFrom)}, {"validUntil", "", instant(c.ValidUntil)},
		{"", "valid from", r.from(c.ValidFrom)}, {"", "valid until", r.until(c.ValidUntil)},
		{"digest", "digest", s.Digest()}, {"proofs", "proofs", proofs(s.Proofs())},
	}
	var err error
	switch {
	case c.HasType(passport.Type):
		what = "passport"
		var read *passport.Passport
		if read, err = passport.ReadUnverified(s); err == nil {
			p = append(p, Row{"passport", "", withSubject{read, c.Subjects[0].Raw()}})
			p = append(p, passportLines(read)...)
		}
	case c.HasType("BitstringStatusListCredential"), c.HasType("StatusList2021Credential"):
		what = "status-list"
		var l *statuslist.ListCredential
		if l, err = statuslist.ParseCredential(s); err == nil {
			p = append(p, Row{"statusList", "list", Page{
				{"encoding", "encoding", l.Encoding.String()}, {"purposes", "purposes", texts(l.Purposes)},
				{"asOf", "as of", instant(l.AsOf)},
			}})
		}
	}
	if err != nil {
		p = append(p, Row{"problem", "problem", err.Error()}) // why its form would be refused
	}
	return newDocument(what, p)
}

// withSubject is the JSON of a passport with all that its subject says.
type withSubject struct {
	json.Marshaler
	subject string
}

func (w withSubject) MarshalJSON() ([]byte, error) {
	object, err := w.Marshaler.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return append(object[:len(object)-1], `,"credentialSubject":`+w.subject+`}`...), nil
}

// passportLines are what a passport says to people, beside what every credential says.
func passportLines(read *passport.Passport) Page {
	p := Page{
		{"", "agent", read.Agent.String()}, {"", "name", read.Name},
		{"", "principal", read.HumanPrincipal}, {"", "organization", read.OrganizationDID},
		{"", "consent", read.Consent.ID}, {"", "parent", read.ParentPassportID},
		{"", "depth", ifTrue(read.Delegated(), strconv.Itoa(read.DelegationDepth))},
	}
	for _, e := range read.Status {
		p = append(p, Row{"", string(e.Purpose), e.URL + ", index " + strconv.Itoa(e.Index)})
	}
	for name, text := range Facets(read.Authority.Effective()) {
		p = append(p, Row{"", name, text})
	}
	return p
}

func proofs(list []credential.ProofInfo) []Page {
	out := make([]Page, 0, len(list))
	for _, p := range list {
		out = append(out, Page{
			{"", "proof by", p.VerificationMethod.String()},
			{"type", ifTrue(p.Cryptosuite == "", "form"), p.Type}, {"cryptosuite", "suite", p.Cryptosuite},
			{"verificationMethod", "", p.VerificationMethod.String()}, {"proofPurpose", "made for", string(p.Purpose)},
			{"created", "created", instant(p.Created)}, {"expires", "expires", instant(p.Expires)},
			{"domain", "audience", p.Domain}, {"challenge", "challenge", p.Challenge},
		})
	}
	return out
}

// Keys are the keys of a DID document.
func Keys(doc *did.Document) (list []Page) {
	for _, m := range doc.Methods() {
		where := ""
		if m.ID.IsZero() {
			where = m.Path // what has no id is told by its place
		}
		p := Page{
			{"id", "key", m.ID.String()}, {"path", "at", where}, {"type", "type", m.Type},
			{"relationships", "for", texts(m.Relationships)},
			{"expires", "expires", instant(m.Expires)}, {"revoked", "revoked", instant(m.Revoked)},
		}
		if m.Err != nil {
			p = append(p, Row{"problem", "not usable", m.Err.Error()})
		}
		list = append(list, p)
	}
	return list
}

// from and until are an instant, and what the clock says about it.
func (r Reader) from(t time.Time) string {
	return instant(t) + ifTrue(!r.Now.IsZero() && r.Now.Before(t), " (still to come)")
}

func (r Reader) until(t time.Time) string {
	return instant(t) + ifTrue(!r.Now.IsZero() && !t.IsZero() && !r.Now.Before(t), " (over)")
}

// instant formats an instant, "" for the zero one.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return datetime.Format(t)
}

// texts are strings of whatever type.
func texts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}
