package grantex

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
)

// Dialect lets verify.Verifier take Grantex passports: list it in
// verify.Config.Dialects, and each issuer in Config.Anchors. What is presented is
// the value of the header X-Grantex-Passport.
//
// Whoever lists it accepts bearer tokens: a Grantex passport serves whoever holds
// it, as often as they like. It names no audience, and the agent signs no intent,
// so nothing but the request says what is about to happen.
//
// The passport allows payments: the action is "payments:mpp:<category>", with an
// amount, the category and the rail.
type Dialect struct {
	// Keys, Lists and Parents are those of [Verifier].
	Keys    *KeySet
	Lists   func(url string) *StatusList
	Parents func(id string) []string
}

// Open reads the header's value.
func (d *Dialect) Open(presented []byte) (*passport.Foreign, error) {
	text := string(presented)
	if text == "" || strings.ContainsAny(text, ".{\"") {
		return nil, nil // a JWT, or JSON
	}
	doc, refused := Strict.read(text)
	if refused != nil {
		if Compatible.looksLike(text) {
			return nil, refused
		}
		return nil, nil
	}
	claimed := doc.envelope.Get("issuer").Text()
	v := &Verifier{Keys: d.Keys, Issuers: []string{claimed}, Lists: d.Lists, Parents: d.Parents}
	// The claims are read before they are proven; whether they are is asked in step
	// 4, once the issuer is known to be an anchor.
	p, refused := doc.unproven()
	if refused != nil {
		return nil, refused
	}
	out, err := p.Translate()
	if err != nil {
		return nil, err
	}
	return &passport.Foreign{
		Passport: out, Digest: multibase.Digest(presented),
		Prove: func(at time.Time) error {
			if _, err := v.prove(text, at); err != nil {
				return err
			}
			return nil
		},
		Standing: func(at time.Time) error {
			if err := v.revoked(doc); err != nil {
				return err
			}
			if err := v.parent(p, at); err != nil {
				return err
			}
			return nil
		},
	}, nil
}

// unproven reads what a passport says, with all that can be compared without a
// key.
func (d *document) unproven() (*Passport, *Error) {
	token := d.envelope.Get("proof").Get("proofValue").Text()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, refuse(InvalidSignature, claimsPath, "want a compact JWT in the proof, which is an object")
	}
	payload, ok := Strict.decode(parts[1])
	if !ok {
		return nil, refuse(InvalidSignature, claimsPath, "the claims of the JWT are not base64url without padding")
	}
	if err := Strict.parseClaims(d, payload); err != nil {
		return nil, err
	}
	for _, step := range []func(*document) *Error{(*document).complete, Strict.pinned, Strict.begins, Strict.ends} {
		if err := step(d); err != nil {
			return nil, err
		}
	}
	return d.strict()
}

// looksLike reports whether a text is a passport of Grantex, however it is
// written.
func (r Reading) looksLike(text string) bool {
	raw, _ := r.decode(text)
	return strings.Contains(string(raw), Context)
}
