package oap

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// Passport is what an OAP passport says. A native passport is not signed: whoever
// has it from nowhere better than a file has somebody's word.
type Passport struct {
	Spelling Spelling
	ID       string // passport_id or agent_id
	DID      string // empty: it has none
	Kind     string // template or instance
	Parent   string // of an instance: template_id or parent_agent_id

	OwnerID, OwnerType string // OwnerType: org or user
	Status             string // draft, active, suspended, revoked
	Assurance          passport.Level
	Capabilities       []Capability
	Regions            []string

	CreatedAt, UpdatedAt time.Time
	ExpiresAt            time.Time // zero: none is stated
	NeverExpires         bool
	PassportVersion      string // version

	Limits   credential.Value // an object: blocks by capability, see packs.Block
	Metadata credential.Value // an object; absent: none
	Others   credential.Value // an object of the registry's other members, such as name; absent: none

	doc *laxjson.Value
}

// Capability is something that the agent may do.
type Capability struct {
	ID     string
	Params credential.Value // an object; absent: none
}

// document reads a text in both readings. The tree is one that JavaScript would
// see; strict texts are those that every reader sees so.
func (r Reading) document(text string, c Code) (*laxjson.Value, *Error) {
	if r == Strict {
		bounds := limits.Default()
		v, err := strictjson.Parse(text, bounds.JSON(bounds.PresentationBytes))
		if err != nil {
			e := refuse(c, "", "not JSON that two readers see alike")
			e.err.Err = err // which says where
			return nil, e
		}
		if n := v.InexactNumber(); n.Exists() {
			return nil, refuse(c, n.Path(),
				"%.40s is not exact where JavaScript reads it: others hash another number", n.Raw())
		}
	}
	v, err := laxjson.Parse(text, laxjson.JavaScript)
	if err != nil {
		return nil, refuse(c, "", "%v", err)
	}
	return v, nil
}

// ParsePassport reads a native passport. It says nothing about whether the
// passport can be relied on: that is [Passport.Reliable].
func ParsePassport(text []byte, r Reading) (*Passport, error) {
	doc, e := r.document(string(text), InvalidPassport)
	if e != nil {
		return nil, e
	}
	if r == Compatible {
		if e := schemaSays(doc); e != nil {
			return nil, e
		}
	} else if e := strictPassport(doc); e != nil {
		return nil, e
	}
	return newPassport(doc), nil
}

// schemaSays is the verdict of the published schema.
func schemaSays(doc *laxjson.Value) *Error {
	bad := func(what string) *Error { return peerSays(InvalidPassport, string(InvalidPassport)+" "+what) }
	if doc.Kind() != laxjson.Object {
		return bad("/ type")
	}
	for i := range members {
		row := &members[i]
		published := !row.prose && !row.registry
		m := doc.Get(row.name)
		switch {
		case m == nil && published && (row.required || row.name == "passport_id"):
			return bad("/ required")
		case m == nil:
		case !published:
			return bad("/ additionalProperties")
		case row.schema != nil && !row.schema(m), row.schema == nil && !row.fits(m):
			return bad("/" + row.name)
		}
	}
	for _, m := range doc.Members() {
		if memberOf(m.Name) == nil {
			return bad("/ additionalProperties")
		}
	}
	return nil
}

// strictPassport reports what a passport lacks in either dialect.
func strictPassport(doc *laxjson.Value) *Error {
	if doc.Kind() != laxjson.Object {
		return refuse(InvalidPassport, "", "want a passport as an object, not %s", doc.Kind())
	}
	spec, registry := doc.Get("passport_id"), doc.Get("agent_id")
	if (spec == nil) == (registry == nil) {
		return refuse(InvalidPassport, "", "a passport has either passport_id or agent_id")
	}
	for _, m := range doc.Members() {
		row := memberOf(m.Name)
		switch {
		case row == nil:
			return refuse(InvalidPassport, "/"+pointer(m.Name), "a passport has no member %.80q", m.Name)
		case row.registry && registry == nil:
			return refuse(InvalidPassport, "/"+m.Name,
				"%q is a member of the registry's passports, which have an agent_id", m.Name)
		case !row.fits(m.Value), row.link && registry == nil && !matches(uuidForm)(m.Value):
			return refuse(InvalidPassport, "/"+m.Name, "want %s", row.want)
		}
	}
	for i := range members {
		if row := &members[i]; row.required && doc.Get(row.name) == nil {
			return refuse(InvalidPassport, "", "%q is missing", row.name)
		}
	}
	template, parent := doc.Get("template_id"), doc.Get("parent_agent_id")
	instance := doc.Get("kind").Text() == "instance"
	switch {
	case template != nil && parent != nil && template.Text() != parent.Text():
		return refuse(InvalidPassport, "/parent_agent_id", "template_id and parent_agent_id are one link, and differ")
	case instance && template == nil && parent == nil:
		return refuse(InvalidPassport, "", "an instance names its template, in template_id or parent_agent_id")
	case doc.Get("never_expires").Truth() && doc.Get("expires_at") != nil:
		return refuse(InvalidPassport, "/never_expires", "a passport that never expires has no expires_at")
	}
	return nil
}

func newPassport(doc *laxjson.Value) *Passport {
	text := func(name string) string { return doc.Get(name).Text() }
	p := &Passport{Kind: text("kind"), DID: text("did"), OwnerID: text("owner_id"), OwnerType: text("owner_type"),
		Status: text("status"), Assurance: passport.Level(text("assurance_level")), PassportVersion: text("version"),
		NeverExpires: doc.Get("never_expires").Truth(), doc: doc}
	if p.ID = text("passport_id"); p.ID == "" {
		p.ID, p.Spelling = text("agent_id"), Registry
	}
	if p.Parent = text("template_id"); p.Parent == "" {
		p.Parent = text("parent_agent_id")
	}
	for _, c := range doc.Get("capabilities").Items() {
		p.Capabilities = append(p.Capabilities, Capability{ID: c.Get("id").Text(), Params: value(c.Get("params"))})
	}
	for _, region := range doc.Get("regions").Items() {
		p.Regions = append(p.Regions, region.Text())
	}
	p.Limits, p.Metadata = value(doc.Get("limits")), value(doc.Get("metadata"))
	var others []laxjson.Member
	for _, m := range doc.Members() {
		if row := memberOf(m.Name); row != nil && row.registry && m.Name != "agent_id" {
			others = append(others, m)
		}
	}
	if len(others) > 0 {
		p.Others, _ = credential.ParseValue(string(appendSourceMembers(nil, others)))
	}
	p.CreatedAt, _ = instantOf(doc.Get("created_at"))
	p.UpdatedAt, _ = instantOf(doc.Get("updated_at"))
	p.ExpiresAt, _ = instantOf(doc.Get("expires_at"))
	return p
}

// Reliable reports why a passport cannot be relied on at an instant: it is not
// active, has expired, or is not valid yet. nil says nothing about who wrote it.
func (p *Passport) Reliable(at time.Time) error {
	if e := p.reliable(at); e != nil {
		return e
	}
	return nil
}

func (p *Passport) reliable(at time.Time) *Error {
	switch {
	case p.Status == "revoked":
		return refuse(PassportRevoked, "/status", "the passport is revoked, for good")
	case p.Status == "suspended":
		return refuse(PassportSuspended, "/status", "the passport is suspended")
	case p.Status != "active":
		return refuse(PassportDraft, "/status", "the passport is %.20q, not active", p.Status)
	case !p.ExpiresAt.IsZero() && at.After(p.ExpiresAt):
		return refuse(PassportExpired, "/expires_at", "the passport expired at %s", p.ExpiresAt.Format(time.RFC3339))
	case p.CreatedAt.After(at):
		return refuse(NotYetValid, "/created_at", "the passport was made in the future")
	}
	return nil
}

// Canonical returns the canonical JSON of the passport, RFC 8785.
func (p *Passport) Canonical() []byte { return appendForm(nil, p.doc, formJCS) }

// Digest returns what a decision has as passport_digest: "sha256:" and the digest of
// [Passport.Canonical].
func (p *Passport) Digest() string { return Digest(p.Canonical()) }

// JSON returns the passport as JSON text. It is what was parsed, member by member, by
// the source text of its numbers.
func (p *Passport) JSON() []byte { return appendSource(nil, p.doc) }

// value is a part of a document, by its source text. It is absent if strict readers
// do not take it.
func value(v *laxjson.Value) (out credential.Value) {
	if v != nil {
		out, _ = credential.ParseValue(string(appendSource(nil, v)))
	}
	return out
}

// Canonical returns the canonical JSON of a passport or, without its signature, of a
// decision, as JavaScript sees the text; nil if it is no JSON object.
func Canonical(text []byte) []byte {
	doc, err := laxjson.Parse(string(text), laxjson.JavaScript)
	if err != nil || doc.Kind() != laxjson.Object {
		return nil
	}
	return appendForm(nil, doc, formJCS)
}

// pointer escapes a name for a JSON Pointer.
func pointer(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
