package oap

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/passport"
)

// Decision is a decision of APort, as a receipt: who was judged by which policy, and
// what was said. It does not say what was asked.
type Decision struct {
	Spelling   Spelling
	ID         string // decision_id
	PolicyID   string // such as finance.payment.refund.v1
	PassportID string // agent_id or passport_id
	OwnerID    string
	Assurance  passport.Level
	Allow      bool
	Reasons    []Reason

	CreatedAt, ExpiresAt time.Time
	PassportDigest       string
	KeyID                string      // kid
	Remaining            []Remaining // remaining_daily_cap, in the order of the text

	doc *laxjson.Value
}

// Remaining is what is left of a day's cap.
type Remaining struct {
	Currency string
	Minor    string // minor units, by the source text of the number
}

// Reason is one reason of a decision.
type Reason struct {
	Code     string // such as oap.limit_exceeded
	Message  string
	Severity string // info, warning, error, or ""
}

var (
	policyForm = regexp.MustCompile(`^([a-z0-9_]+(\.[a-z0-9_]+)*\.v[0-9]+|unknown)$`)
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	reasonForm = regexp.MustCompile(`^oap\.[a-z0-9_.]+$`)
	tokenForm  = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)
	textForm   = regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,256}$`)
	countForm  = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)
)

// decisionRow is one member of a decision.
type decisionRow struct {
	name     string
	of       uint8 // both dialects if 0
	required bool
	want     string
	fits     func(*laxjson.Value) bool
}

const (
	ofSpec uint8 = iota + 1
	ofRegistry
)

var decisionMembers = []decisionRow{
	{name: "decision_id", required: true, want: "an id", fits: matches(textForm)},
	{name: "policy_id", required: true, want: "the id of a pack, such as data.export.create.v1",
		fits: matches(policyForm)},
	{name: "agent_id", of: ofRegistry, required: true, want: "an id", fits: matches(agentForm)},
	{name: "passport_id", of: ofSpec, required: true, want: "an id", fits: matches(agentForm)},
	{name: "owner_id", required: true, want: "the id of an owner", fits: matches(ownerForm)},
	{name: "assurance_level", required: true, want: "a level", fits: isLevel},
	{name: "allow", required: true, want: "a boolean", fits: isOf(laxjson.Bool)},
	{name: "reasons", required: true, want: "a list of reasons, at least one", fits: reasonsFit},
	{name: "created_at", of: ofRegistry, required: true, want: "a date-time", fits: instant},
	{name: "expires_in", of: ofRegistry, required: true, want: "seconds, as an integer", fits: isCount},
	{name: "issued_at", of: ofSpec, required: true, want: "a date-time", fits: instant},
	{name: "expires_at", of: ofSpec, required: true, want: "a date-time", fits: instant},
	{name: "passport_digest", required: true, want: "sha256: and 64 hexadecimal digits", fits: matches(digestForm)},
	{name: "kid", required: true, want: "the id of a key", fits: matches(textForm)},
	{name: "signature", required: true, want: "ed25519: and base64", fits: isText},
	{name: "decision_token", want: "a compact JWT", fits: matches(tokenForm)},
	{name: "remaining_daily_cap", want: "an object of integers", fits: capsFit},
	{name: "content_hash", want: "a digest", fits: matches(digestForm)},
	{name: "prev_decision_id", want: "an id", fits: orNull(matches(textForm))},
	{name: "prev_content_hash", want: "a digest", fits: orNull(matches(digestForm))},
	{name: "verification_mode", want: "a word", fits: matches(textForm)},
}

func orNull(fits func(*laxjson.Value) bool) func(*laxjson.Value) bool {
	return func(v *laxjson.Value) bool { return v.Kind() == laxjson.Null || fits(v) }
}

func isCount(v *laxjson.Value) bool {
	return v.Kind() == laxjson.Number && countForm.MatchString(v.Text())
}

func capsFit(v *laxjson.Value) bool {
	for _, m := range v.Members() {
		if !currencyForm.MatchString(m.Name) || !isCount(m.Value) {
			return false
		}
	}
	return v.Kind() == laxjson.Object
}

func reasonsFit(v *laxjson.Value) bool {
	return len(v.Items()) > 0 && each(laxjson.Array, func(r *laxjson.Value) bool {
		for _, m := range r.Members() {
			switch m.Name {
			case "code":
			case "message":
				if !isText(m.Value) {
					return false
				}
			case "severity":
				if !among("info", "warning", "error")(m.Value) {
					return false
				}
			default:
				return false
			}
		}
		return r.Kind() == laxjson.Object && matches(reasonForm)(r.Get("code"))
	})(v)
}

// ParseDecision reads a decision of either dialect. It does not verify it.
func ParseDecision(text []byte, r Reading) (*Decision, error) {
	doc, e := r.document(string(text), InvalidDecision)
	if e == nil && r == Strict {
		e = strictDecision(doc)
	}
	if e == nil && doc.Kind() != laxjson.Object {
		e = refuse(InvalidDecision, "", "want a decision as an object, not %s", doc.Kind())
	}
	if e != nil {
		return nil, e
	}
	return newDecision(doc), nil
}

func strictDecision(doc *laxjson.Value) *Error {
	if doc.Kind() != laxjson.Object {
		return refuse(InvalidDecision, "", "want a decision as an object, not %s", doc.Kind())
	}
	// Newer guardrails write the members of both dialects; they must agree.
	var has [ofRegistry + 1]bool
	has[ofSpec], has[ofRegistry] = doc.Get("passport_id") != nil, doc.Get("agent_id") != nil
	if !has[ofSpec] && !has[ofRegistry] {
		return refuse(InvalidDecision, "", "a decision has passport_id or agent_id")
	}
	for _, m := range doc.Members() {
		row := decisionRowOf(m.Name)
		switch {
		case row == nil || row.of != 0 && !has[row.of]:
			return refuse(InvalidDecision, "/"+pointer(m.Name), "a decision of this dialect has no member %.80q",
				m.Name)
		case !row.fits(m.Value):
			return refuse(InvalidDecision, "/"+m.Name, "want %s", row.want)
		}
	}
	for i := range decisionMembers {
		row := &decisionMembers[i]
		if row.required && (row.of == 0 || has[row.of]) && doc.Get(row.name) == nil {
			return refuse(InvalidDecision, "", "%q is missing", row.name)
		}
	}
	if doc.Get("policy_id").Text() == "unknown" && doc.Get("verification_mode").Text() != "local" {
		return refuse(InvalidDecision, "/policy_id", "only the local evaluator denies before it has chosen a pack")
	}
	if has[ofSpec] && has[ofRegistry] {
		return agree(doc)
	}
	return nil
}

func decisionRowOf(name string) *decisionRow {
	for i := range decisionMembers {
		if decisionMembers[i].name == name {
			return &decisionMembers[i]
		}
	}
	return nil
}

// agree compares what a decision of both dialects says twice.
func agree(doc *laxjson.Value) *Error {
	spec := newDecision(without(doc, "agent_id"))
	registry := newDecision(doc)
	// The guardrails read the clock again for the end, and it may turn meanwhile. The earlier end holds.
	late := spec.ExpiresAt.Sub(registry.ExpiresAt)
	switch {
	case spec.PassportID != registry.PassportID:
		return refuse(InvalidDecision, "/passport_id", "it is not the agent_id")
	case !spec.CreatedAt.Equal(registry.CreatedAt):
		return refuse(InvalidDecision, "/issued_at", "it is not created_at")
	case late != 0 && late != time.Second:
		return refuse(InvalidDecision, "/expires_at", "it is not created_at and expires_in")
	}
	return nil
}

func newDecision(doc *laxjson.Value) *Decision {
	text := func(name string) string { return doc.Get(name).Text() }
	d := &Decision{ID: text("decision_id"), PolicyID: text("policy_id"), PassportID: text("passport_id"),
		OwnerID:   text("owner_id"),
		Assurance: passport.Level(text("assurance_level")), Allow: doc.Get("allow").Truth(),
		PassportDigest: text("passport_digest"),
		KeyID:          text("kid"), doc: doc}
	for _, r := range doc.Get("reasons").Items() {
		d.Reasons = append(d.Reasons, Reason{r.Get("code").Text(), r.Get("message").Text(), r.Get("severity").Text()})
	}
	for _, m := range doc.Get("remaining_daily_cap").Members() {
		d.Remaining = append(d.Remaining, Remaining{m.Name, m.Value.Text()})
	}
	if doc.Get("agent_id") == nil {
		d.CreatedAt, _ = instantOf(doc.Get("issued_at"))
		d.ExpiresAt, _ = instantOf(doc.Get("expires_at"))
		return d
	}
	d.Spelling, d.PassportID = Registry, text("agent_id")
	d.CreatedAt, _ = instantOf(doc.Get("created_at"))
	if n, err := strconv.ParseInt(text("expires_in"), 10, 32); err == nil {
		d.ExpiresAt = d.CreatedAt.Add(time.Duration(n) * time.Second)
	}
	return d
}

// Canonical returns what is signed: the canonical JSON (RFC 8785) of all members but
// signature.
func (d *Decision) Canonical() []byte { return canonicalDecision(d.doc) }

func canonicalDecision(doc *laxjson.Value) []byte {
	return appendForm(nil, without(doc, "signature"), formJCS)
}

// without returns an object without one of its members.
func without(doc *laxjson.Value, name string) *laxjson.Value {
	var rest []laxjson.Member
	for _, m := range doc.Members() {
		if m.Name != name {
			rest = append(rest, m)
		}
	}
	return laxjson.NewObject(rest)
}

// Verify reports why a decision cannot be relied on at an instant: its signature is
// not that of the key, or it holds no longer. The zero key is none: whether the
// decision is genuine could then not be found out.
func (d *Decision) Verify(key did.PublicKey, at time.Time) error {
	if e := d.verify(key, at); e != nil {
		return e
	}
	return nil
}

func (d *Decision) verify(key did.PublicKey, at time.Time) *Error {
	text, ok := strings.CutPrefix(d.doc.Get("signature").Text(), "ed25519:")
	sig, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case !ok || err != nil || len(sig) != 64 || strings.ContainsAny(text, "\r\n"): // which encoding/base64 skips
		return refuse(InvalidSignature, "/signature", "want ed25519: and a signature of 64 bytes in base64")
	case key.IsZero():
		return refuse(KeyUnknown, "/kid", "the key %.80q is not at hand", d.KeyID)
	case !key.Verify(d.Canonical(), sig):
		return refuse(InvalidSignature, "/signature", "the signature is not that of the key over these members")
	case d.CreatedAt.After(at):
		return refuse(NotYetValid, "", "the decision was made in the future")
	case at.After(d.ExpiresAt) || d.ExpiresAt.Before(d.CreatedAt):
		return refuse(DecisionExpired, "", "the decision held until %s", d.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

// VerifyAsPeer says what APort's tools say of a decision: that they find the members
// that they look for, and the signature. They do not look at the time.
func (d *Decision) VerifyAsPeer(key did.PublicKey) error {
	text, ok := strings.CutPrefix(d.doc.Get("signature").Text(), "ed25519:")
	switch {
	case !peerDecision(d.doc):
		return peerSays(InvalidDecision, "Invalid OAP decision structure")
	case !ok || key.IsZero() || !key.Verify(d.Canonical(), laxBase64(text)):
		return peerSays(InvalidSignature, "Invalid signature")
	}
	return nil
}

// peerDecision is isValidOAPDecision: members that are there and not empty, zero or
// false. It takes expires_in 0 for absent.
func peerDecision(doc *laxjson.Value) bool {
	for _, name := range []string{"decision_id", "policy_id", "agent_id", "owner_id", "assurance_level", "reasons",
		"created_at",
		"expires_in", "passport_digest", "signature", "kid"} {
		if !truthy(doc.Get(name)) {
			return false
		}
	}
	return doc.Get("allow").Kind() == laxjson.Bool
}

// truthy is JavaScript's.
func truthy(v *laxjson.Value) bool {
	switch v.Kind() {
	case laxjson.Absent, laxjson.Null:
		return false
	case laxjson.Bool:
		return v.Truth()
	case laxjson.String:
		return v.Text() != ""
	case laxjson.Number:
		n, err := strconv.ParseFloat(v.Text(), 64)
		return err != nil || n != 0
	}
	return true
}

// laxBase64 decodes as Node's Buffer does: either alphabet, padding or none, other
// characters left out.
func laxBase64(s string) []byte {
	var clean []byte
	s, _, _ = strings.Cut(s, "=") // what follows padding is not read
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c == '+', c == '/', c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(string(clean))
	return out
}
