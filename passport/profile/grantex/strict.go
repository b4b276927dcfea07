package grantex

import (
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/passport"
)

// shape says which members an object has, and which of them it may lack.
type shape struct {
	path     string
	members  []string
	optional []string
}

var (
	envelopeShape = shape{members: []string{"@context", "type", "id", "issuer", "validFrom", "validUntil",
		"credentialSubject", "proof"},
		optional: []string{"credentialStatus"}}
	proofShape = shape{path: "/proof", members: []string{"type", "created", "verificationMethod", "proofPurpose",
		"proofValue"}}
	claimsShape = shape{path: "/proof/proofValue", members: []string{"vc", "iss", "sub", "jti", "iat", "exp"},
		optional: []string{"nbf"}}
	vcShape = shape{path: "/proof/proofValue", members: []string{"@context", "type", "credentialSubject"},
		optional: []string{"credentialStatus", "id", "issuer", "validFrom", "validUntil"}}
	subjectShape = shape{path: "/credentialSubject", members: []string{"id", "type", "humanPrincipal",
		"organizationDID", "grantId",
		"allowedMPPCategories", "maxTransactionAmount", "paymentRails", "delegationDepth"},
		optional: []string{"parentPassportId"}}
	amountShape = shape{path: "/credentialSubject/maxTransactionAmount", members: []string{"amount", "currency"}}
	statusShape = shape{path: "/credentialStatus", members: []string{"id", "type", "statusPurpose",
		"statusListIndex", "statusListCredential"}}
)

// of refuses an object that has other members.
func (s *shape) of(v *value, refused func(path, format string, args ...any) *Error) *Error {
	if v.Kind() != laxjson.Object {
		return refused(s.path, "want an object, not %s", v.Kind())
	}
	for _, m := range v.Members() {
		if !slices.Contains(s.members, m.Name) && !slices.Contains(s.optional, m.Name) {
			return refused(s.path, "%.80q is not a member that a passport has here", m.Name)
		}
	}
	for _, name := range s.members {
		if v.Get(name).Kind() == laxjson.Absent {
			return refused(s.path+"/"+name, "the member is missing")
		}
	}
	return nil
}

func malformed(path, format string, args ...any) *Error {
	return refuse(MalformedCredential, path, format, args...)
}

func mismatch(path, format string, args ...any) *Error {
	return refuse(CredentialMismatch, path, format, args...)
}

// strict holds what Grantex' verifier does not look at: the object is what was
// signed, in every member; what was signed is a passport, of the form that
// Grantex issues.
func (d *document) strict() (*Passport, *Error) {
	for _, step := range []func() *Error{d.envelopeIsSigned, d.claimsAgree, d.proofIsLabelled} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d.passport()
}

// envelopeIsSigned compares each member of the object with the signed credential.
func (d *document) envelopeIsSigned() *Error {
	vc := d.claims.Get("vc")
	if err := envelopeShape.of(d.envelope, malformed); err != nil {
		return err
	}
	if err := claimsShape.of(d.claims, mismatch); err != nil {
		return err
	}
	if err := vcShape.of(vc, mismatch); err != nil {
		return err
	}
	if !Strict.same(vc.Get("type"), texts(typeCredential, typePassport)) {
		return mismatch("/type", "what was signed is another kind of credential, not a %s", typePassport)
	}
	if !Strict.same(vc.Get("@context"), texts(contextVC, Context)) {
		return mismatch("/@context", "what was signed has other contexts, want %s and %s", contextVC, Context)
	}
	for _, name := range []string{"@context", "type", "credentialStatus"} {
		if !Strict.same(d.envelope.Get(name), vc.Get(name)) {
			return mismatch("/"+name, "the member differs from what was signed")
		}
	}
	for _, name := range []string{"id", "issuer", "validFrom", "validUntil"} {
		if m := vc.Get(name); m.Kind() != laxjson.Absent && !Strict.same(d.envelope.Get(name), m) {
			return mismatch("/"+name, "the member differs from what was signed")
		}
	}
	return nil
}

// texts returns a list as the tree has it.
func texts(list ...string) *value {
	v, _ := laxjson.Parse(`["`+strings.Join(list, `","`)+`"]`, laxjson.JavaScript)
	return v
}

// claimsAgree: the registered claims say what the credential says. A genuine
// passport's iat and exp are its validFrom and validUntil without the fraction.
func (d *document) claimsAgree() *Error {
	if d.claims.Get("sub").Text() != d.subject.Get("id").Text() || d.claims.Get("sub").Kind() != laxjson.String {
		return mismatch("/credentialSubject/id", "the JWT is about another subject")
	}
	for _, pair := range []struct {
		member, claim string
		at            time.Time
	}{{"validFrom", "iat", d.from}, {"validUntil", "exp", d.until}} {
		signed, ok := unix(d.claims.Get(pair.claim))
		if !ok || !signed.Equal(pair.at.Truncate(time.Second)) {
			return mismatch("/"+pair.member, "the member is not the signed instant (%s)", pair.claim)
		}
	}
	if life := d.until.Sub(d.from); life > MaxLifetime || life <= 0 {
		return malformed("/validUntil", "the passport lives %s, Grantex issues none for more than %s", life,
			MaxLifetime)
	}
	return nil
}

// proofIsLabelled: the members around the JWT are not signed, and so may only be
// what they always are.
func (d *document) proofIsLabelled() *Error {
	proof := d.envelope.Get("proof")
	if err := proofShape.of(proof, malformed); err != nil {
		return err
	}
	created, ok := Strict.instant(proof.Get("created"))
	method, fragment, named := strings.Cut(proof.Get("verificationMethod").Text(), "#")
	switch {
	case proof.Get("type").Text() != typeProof:
		return mismatch("/proof/type", "want %s, as Grantex labels its proofs", typeProof)
	case proof.Get("proofPurpose").Text() != "assertionMethod":
		return mismatch("/proof/proofPurpose", "want assertionMethod")
	case !ok || !created.Equal(d.from):
		return mismatch("/proof/created", "want the instant of validFrom")
	case !named || fragment == "" || method != d.claims.Get("iss").Text():
		return mismatch("/proof/verificationMethod", "the method is not one of the issuer")
	}
	return nil
}

// passport reads the signed claims.
func (d *document) passport() (*Passport, *Error) {
	s := d.subject
	if err := subjectShape.of(s, unusable); err != nil {
		return nil, err
	}
	p := &Passport{ID: d.claims.Get("jti").Text(), Issuer: d.claims.Get("iss").Text(), claims: d.payload}
	// What was signed, not what stands beside it, which differs by less than a second.
	p.ValidFrom, p.ValidUntil = d.from.Truncate(time.Second), d.until.Truncate(time.Second)
	if !strings.HasPrefix(p.ID, URN) || len(p.ID) == len(URN) {
		return nil, unusable("/id", "the id %.80q is not %s with an identifier", p.ID, URN)
	}
	if _, err := did.Parse(p.Issuer); err != nil {
		return nil, unusable("/issuer", "%v", err)
	}
	for _, m := range []struct {
		name string
		into *string
	}{{"id", &p.Agent}, {"humanPrincipal", &p.HumanPrincipal}, {"organizationDID", &p.Organization}, {"grantId",
		&p.GrantID}, {"parentPassportId", &p.Parent}} {
		v := s.Get(m.name)
		if v.Kind() == laxjson.Absent {
			continue
		}
		if *m.into = v.Text(); v.Kind() != laxjson.String || *m.into == "" {
			return nil, unusable("/credentialSubject/"+m.name, "want a text that is not empty")
		}
	}
	if s.Get("type").Text() != typeSubject {
		return nil, unusable("/credentialSubject/type", "want %s", typeSubject)
	}
	var err *Error
	if p.Categories, err = readList(s, "allowedMPPCategories"); err != nil {
		return nil, err
	}
	for _, c := range p.Categories {
		if !slices.Contains(categories, c) {
			return nil, unusable("/credentialSubject/allowedMPPCategories",
				"%.80q is not a category that Grantex knows", c)
		}
	}
	if p.Rails, err = readList(s, "paymentRails"); err != nil {
		return nil, err
	}
	if p.MaxAmount, err = amount(s.Get("maxTransactionAmount")); err != nil {
		return nil, err
	}
	depth, ok := index(s.Get("delegationDepth").Text())
	if p.Depth = depth; !ok || depth > maxDepth || s.Get("delegationDepth").Kind() != laxjson.Number {
		return nil, unusable("/credentialSubject/delegationDepth",
			"want a whole number from 0 to %d, the most that Grantex delegates", maxDepth)
	}
	p.Status, err = status(d.claims.Get("vc").Get("credentialStatus"))
	return p, err
}

// maxDepth is the cap of Grantex' specification.
const maxDepth = 10

func readList(subject *value, name string) ([]string, *Error) {
	v, path := subject.Get(name), "/credentialSubject/"+name
	if v.Kind() != laxjson.Array {
		return nil, unusable(path, "want a list, not %s", v.Kind())
	}
	out := make([]string, 0, len(v.Items()))
	for _, item := range v.Items() {
		switch text := item.Text(); {
		case item.Kind() != laxjson.String || text == "":
			return nil, unusable(path, "want texts that are not empty")
		case slices.Contains(out, text):
			return nil, unusable(path, "%.80q is listed twice", text)
		default:
			out = append(out, text)
		}
	}
	return out, nil
}

// amount reads maxTransactionAmount. Grantex keeps amounts with two decimals,
// whatever the currency, and with less where the currency has less.
func amount(v *value) (Amount, *Error) {
	const path = "/credentialSubject/maxTransactionAmount"
	if err := amountShape.of(v, unusable); err != nil {
		return Amount{}, err
	}
	currency := v.Get("currency").Text()
	unit, err := passport.ParseMoney("0", currency)
	if err != nil || v.Get("currency").Kind() != laxjson.String {
		return Amount{}, unusable(path+"/currency", "%.80q is not a currency that is known here", currency)
	}
	d, ok := decimal.Parse(v.Get("amount").Text())
	switch {
	case !ok || v.Get("amount").Kind() != laxjson.Number:
		return Amount{}, unusable(path+"/amount", "want a number, not %s", v.Get("amount").Kind())
	case d.Sign() < 0:
		return Amount{}, unusable(path+"/amount", "the amount is negative")
	case d.Fraction() > min(unit.Decimals(), 2):
		return Amount{}, unusable(path+"/amount", "the amount %.40s %s has more than %d decimals", d.String(),
			currency, min(unit.Decimals(), 2))
	}
	return Amount{Amount: d.String(), Currency: currency}, nil
}

func status(v *value) (*Status, *Error) {
	const path = "/credentialStatus"
	if v.Kind() == laxjson.Absent {
		return nil, nil
	}
	if err := statusShape.of(v, unusable); err != nil {
		return nil, err
	}
	url, text := v.Get("statusListCredential").Text(), v.Get("statusListIndex")
	i, ok := index(text.Text())
	switch {
	case v.Get("type").Text() != typeStatus || v.Get("statusPurpose").Text() != "revocation":
		return nil, unusable(path, "want a %s for the purpose revocation", typeStatus)
	case !ok || text.Kind() != laxjson.String:
		return nil, unusable(path+"/statusListIndex", "want a number without sign, as text")
	case url == "" || v.Get("id").Text() != url+"#"+text.Text():
		return nil, unusable(path+"/id", "want the list's URL with the index behind '#'")
	}
	return &Status{List: url, Index: i}, nil
}
