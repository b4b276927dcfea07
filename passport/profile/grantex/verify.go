package grantex

import (
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

const (
	// earlySkew is how far ahead of the clock a passport may begin, as Grantex has it.
	earlySkew = time.Minute
	// MaxLifetime is the longest that Grantex issues.
	MaxLifetime = 720 * time.Hour
	// maxHeader bounds the header's value in bytes; a genuine one has about 4,000.
	maxHeader = 64 << 10
)

// Verifier verifies passports against keys and lists that are at hand. Its zero
// value trusts nobody. It is not changed by use, and safe for concurrent use if
// its functions are.
type Verifier struct {
	// Reading: zero is the strict one.
	Reading Reading
	// Keys are those that may sign. Nil: none.
	Keys *KeySet
	// Issuers are trusted, by exact text. Nil: nobody is.
	Issuers []string

	// RequiredCategories must all be in the passport; "general" is only itself.
	// Nil: none is asked for.
	RequiredCategories []string
	// Amount is what is about to be spent, as decimal text in the passport's
	// currency. Empty: no amount is asked for.
	Amount string

	// Lists finds status lists by their URL; nil for one that is not at hand. As
	// Grantex publishes them they are not signed: what the function returns is
	// believed, so it must come from where the host trusts the bytes. Nil: no
	// list is at hand, and a passport with a status is undetermined; in the
	// compatible reading nothing is looked up, as it is that verifier's default.
	Lists func(url string) *StatusList
	// Parents finds a passport that another names as its parent, as header
	// values; several, if it is not known which is genuine. Nil: none is at hand,
	// and a passport with a parent is refused.
	Parents func(id string) []string

	above int // how many parents up this is
}

// Verify verifies the value of the header at an instant. err is nil if and only
// if the passport may be relied on; otherwise it is an [*Error], and the
// passport nil.
func (v *Verifier) Verify(header string, at time.Time) (*Passport, error) {
	c, err := v.prove(header, at)
	if err != nil {
		return nil, err
	}
	p, err := v.judge(c, at)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// document is a passport on its way: the object, and the claims of its JWT.
type document struct {
	envelope *value
	claims   *value
	subject  *value // the signed one
	token    string
	payload  string
	from     time.Time
	until    time.Time
}

// prove takes the steps of Grantex' verifier up to the times, in its order, so
// that whatever both refuse has one code.
func (v *Verifier) prove(header string, at time.Time) (*document, *Error) {
	r := v.Reading
	d, err := r.read(header)
	if err != nil {
		return nil, err
	}
	issuer := d.envelope.Get("issuer")
	if issuer.Kind() != laxjson.String || !slices.Contains(v.Issuers, issuer.Text()) {
		return nil, refuse(UntrustedIssuer, "/issuer",
			"the issuer %.80q is not trusted; a trusted issuer is a string", issuer.Text())
	}
	if err := v.signed(d, at); err != nil {
		return nil, err
	}
	if err := r.pinned(d); err != nil {
		return nil, err
	}
	return d, r.times(d, at)
}

// read opens the base64url and the JSON, and looks for what must be there.
func (r Reading) read(header string) (*document, *Error) {
	if header == "" {
		return nil, refuse(MissingPassport, "", "there is no passport")
	}
	if len(header) > maxHeader {
		return nil, refuse(MalformedCredential, "", "a passport has at most %d bytes, not %d", maxHeader, len(header))
	}
	raw, ok := r.decode(header)
	if !ok {
		return nil, refuse(MalformedCredential, "", "the passport is not base64url without padding")
	}
	doc, err := r.parse(string(raw))
	if err != nil || doc.Kind() != laxjson.Object {
		return nil, refuse(MalformedCredential, "", "the passport is not a JSON object: %s", whatIs(doc, err))
	}
	for _, name := range []string{"@context", "type", "credentialSubject", "proof", "id", "issuer", "validFrom",
		"validUntil"} {
		if !truthy(doc.Get(name)) {
			return nil, refuse(MalformedCredential, "/"+name, "a passport has this member")
		}
	}
	if !includes(doc.Get("type"), typePassport) {
		return nil, refuse(MalformedCredential, "/type", "not an %s", typePassport)
	}
	return &document{envelope: doc}, nil
}

func whatIs(v *value, err error) string {
	if err != nil {
		return err.Error()
	}
	return v.Kind().String()
}

// includes is JavaScript's method of lists and of strings.
func includes(v *value, word string) bool {
	if v.Kind() == laxjson.String {
		return strings.Contains(v.Text(), word)
	}
	return slices.ContainsFunc(v.Items(), func(item *value) bool {
		return item.Kind() == laxjson.String &&
			item.Text() == word
	})
}

// signed checks the JWT and reads its claims.
func (v *Verifier) signed(d *document, at time.Time) *Error {
	r, proof := v.Reading, d.envelope.Get("proof").Get("proofValue")
	if proof.Kind() != laxjson.String {
		return refuse(InvalidSignature, claimsPath, "want a compact JWT in the proof, which is an object")
	}
	d.token = proof.Text()
	payload, err := r.open(d.token, v.Keys)
	if err != nil {
		return refuse(InvalidSignature, claimsPath, "%v", err)
	}
	if err := r.parseClaims(d, payload); err != nil {
		return err
	}
	if err := claimTimes(d.claims, at); err != nil {
		return err
	}
	return d.complete()
}

// claimsPath is where the claims are, as far as the object goes.
const claimsPath = "/proof/proofValue"

func (r Reading) parseClaims(d *document, payload []byte) *Error {
	d.payload = string(payload)
	var err error
	if d.claims, err = r.parse(d.payload); err != nil || d.claims.Kind() != laxjson.Object {
		c := InvalidSignature // as jose has it
		if r == Strict {
			c = MalformedCredential
		}
		return refuse(c, claimsPath, "the claims of the JWT are not a JSON object: %s", whatIs(d.claims, err))
	}
	return nil
}

// complete looks for the claims that must be there.
func (d *document) complete() *Error {
	d.subject = d.claims.Get("vc").Get("credentialSubject")
	switch {
	case d.subject.Kind() != laxjson.Object && d.subject.Kind() != laxjson.Array:
		return refuse(MalformedCredential, claimsPath, "the JWT has no vc.credentialSubject")
	case d.claims.Get("iss").Kind() != laxjson.String || d.claims.Get("jti").Kind() != laxjson.String:
		return refuse(MalformedCredential, claimsPath, "the JWT has no iss, or no jti")
	case d.claims.Get("exp").Kind() != laxjson.Number:
		return refuse(MalformedCredential, claimsPath, "the JWT has no exp")
	}
	return nil
}

// claimTimes judges the times of the JWT as jose does, with no skew.
func claimTimes(claims *value, at time.Time) *Error {
	now := time.Unix(at.Unix(), 0)
	for _, name := range []string{"iat", "nbf", "exp"} {
		c := claims.Get(name)
		if c.Kind() == laxjson.Absent {
			continue
		}
		t, ok := unix(c)
		switch {
		case !ok && name == "nbf": // jose blames the claim, and Grantex' verifier names all its blames alike
			return refuse(PassportNotYetValid, claimsPath, "the claim nbf is not a number of seconds")
		case !ok:
			return refuse(InvalidSignature, claimsPath, "the claim %s is not a number of seconds", name)
		case name == "nbf" && t.After(now):
			return refuse(PassportNotYetValid, claimsPath, "the JWT is not valid yet")
		case name == "exp" && !t.After(now):
			return refuse(PassportExpired, claimsPath, "the JWT has ended")
		}
	}
	return nil
}

// pinned compares the object with what was signed: here what Grantex' verifier
// compares, in [Reading.strict] the rest.
func (r Reading) pinned(d *document) *Error {
	for _, m := range []laxjson.Member{
		{Name: "id", Value: d.claims.Get("jti")}, {Name: "issuer", Value: d.claims.Get("iss")},
		{Name: "credentialSubject", Value: d.subject},
	} {
		if !r.same(d.envelope.Get(m.Name), m.Value) {
			return refuse(CredentialMismatch, "/"+m.Name, "the member differs from what was signed")
		}
	}
	return nil
}

// begins and ends read when the object says that the passport begins and ends.
func (r Reading) begins(d *document) (err *Error) {
	d.from, err = r.instantAt(d, "validFrom")
	return err
}

func (r Reading) ends(d *document) (err *Error) {
	d.until, err = r.instantAt(d, "validUntil")
	return err
}

func (r Reading) instantAt(d *document, name string) (time.Time, *Error) {
	t, ok := r.instant(d.envelope.Get(name))
	if !ok {
		return t, refuse(MalformedCredential, "/"+name, "not an instant")
	}
	return t, nil
}

// times: the later beginning and the earlier end of the two count, the end first.
func (r Reading) times(d *document, at time.Time) *Error {
	if err := r.ends(d); err != nil {
		return err
	}
	end := d.until
	if exp, ok := unix(d.claims.Get("exp")); ok && exp.Before(end) {
		end = exp
	}
	if !end.After(at) {
		return refuse(PassportExpired, "/validUntil", "the passport has ended")
	}
	if err := r.begins(d); err != nil {
		return err
	}
	start := d.from
	if nbf, ok := unix(d.claims.Get("nbf")); ok && nbf.After(start) {
		start = nbf
	}
	if start.After(at.Add(earlySkew)) {
		return refuse(PassportNotYetValid, "/validFrom", "the passport is not valid yet")
	}
	return nil
}

// judge takes the steps behind the proof. What could not be found out comes
// last: a reason to refuse beats it.
func (v *Verifier) judge(d *document, at time.Time) (*Passport, *Error) {
	revoked := v.revoked(d)
	if revoked != nil && v.Reading == Compatible {
		revoked.Undetermined = false // that verifier has no such answer
	}
	if revoked != nil && !revoked.Undetermined {
		return nil, revoked
	}
	if err := v.asked(d); err != nil {
		return nil, err
	}
	if v.Reading == Compatible {
		return d.compatible(), nil
	}
	p, err := d.strict()
	if err != nil {
		return nil, err
	}
	if revoked != nil {
		return nil, revoked
	}
	return p, v.parent(p, at)
}
