package credential

import (
	"time"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

type capsJSON = limits.JSON

// claimNames are the registered JWT claims that may stand beside the members
// of an enveloped document (VC-JOSE-COSE section 3.1.3). They may repeat what
// the document says and never replace it.
var claimNames = []string{"iss", "sub", "aud", "jti", "exp", "nbf", "iat", "nonce"}

func registeredClaim(name string) bool { return hasText(claimNames, name) }

// checkClaims compares the registered claims of an enveloped credential with
// the credential.
func (s *secured) checkClaims(c *Credential) error {
	for name, v := range s.root.Members() {
		want, ok := "", true
		switch name {
		case "vc", "vp":
			return malformed(v, "the claim %s of VC 1.1 must not be present", name)
		case "iss":
			want, ok = c.Issuer.ID, true
		case "jti":
			want, ok = c.ID, true
		case "sub":
			if len(c.Subjects) == 1 {
				want = c.Subjects[0].Get("id").Str()
			}
		case "exp":
			if err := sameInstant(v, c.ValidUntil, "validUntil"); err != nil {
				return err
			}
			continue
		case "nbf":
			if err := sameInstant(v, c.ValidFrom, "validFrom"); err != nil {
				return err
			}
			continue
		case "iat":
			if _, ok := v.Int(); !ok {
				return malformed(v, "iat is whole seconds since 1970, not %.40s", v.Raw())
			}
			continue
		case "aud", "nonce":
			return malformed(v, "the claim %s belongs to a presentation, not to a credential", name)
		default:
			continue
		}
		if got, isText := v.LookupStr(); !ok || !isText || got != want || want == "" {
			return malformed(v, "the claim %s says %.200s, the credential %.200q", name, v.Raw(), want)
		}
	}
	return nil
}

func sameInstant(v Value, t time.Time, member string) error {
	sec, ok := v.Int()
	if !ok {
		return malformed(v, "want whole seconds since 1970, not %.40s", v.Raw())
	}
	if t.IsZero() || t.Unix() != sec {
		return malformed(v, "the claim does not agree with %s of the credential", member)
	}
	return nil
}

// presentationClaims takes audience and nonce of an enveloped presentation.
func (s *secured) presentationClaims(holder string) error {
	p := &s.proofs[0]
	d := &decoder{}
	for name, v := range s.root.Members() {
		switch name {
		case "vc", "vp":
			return malformed(v, "the claim %s of VC 1.1 must not be present", name)
		case "iss":
			if v.Str() != holder || holder == "" {
				return malformed(v, "the claim iss says %.200s, the holder is %.200q", v.Raw(), holder)
			}
		case "aud":
			p.Domain = d.words(v)
		case "nonce":
			p.Challenge = d.word(v)
		case "iat", "nbf", "exp":
			sec, ok := v.Int()
			if !ok {
				return malformed(v, "want whole seconds since 1970, not %.40s", v.Raw())
			}
			switch name {
			case "iat", "nbf":
				p.Created = later(p.Created, time.Unix(sec, 0).UTC())
			case "exp":
				p.Expires = time.Unix(sec, 0).UTC()
			}
		case "sub", "jti":
			if v.Kind() != strictjson.String {
				return malformed(v, "want a string, not %s", v.Kind())
			}
		}
	}
	return d.err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
