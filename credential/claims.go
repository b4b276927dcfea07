package credential

import "time"

// claimNames are the registered JWT claims that may stand beside the members
// of an enveloped document (VC-JOSE-COSE section 3.1.3). They may repeat what
// the document says and never replace it.
var claimNames = []string{"iss", "sub", "aud", "jti", "exp", "nbf", "iat", "nonce"}

var presentationClaimNames = append(presentationParts[:1:1], claimNames...)

func registeredClaim(name string) bool { return hasText(claimNames, name) }

// checkClaims compares the registered claims of an enveloped credential with
// the credential, and takes the times of the signature. Those are its own
// (VC-JOSE-COSE section 3.1.3): exp may come before validUntil, and the earlier
// of the two ends the token; likewise the later of validFrom, iat and nbf
// begins it.
func (s *secured) checkClaims(c *Credential) error {
	p := &s.proofs[0]
	for name, v := range s.root.Members() {
		want := ""
		switch name {
		case "vc", "vp":
			return malformed(v, "the claim %s of VC 1.1 must not be present", name)
		case "iss":
			want = c.Issuer.ID
		case "jti":
			want = c.ID
		case "sub":
			if len(c.Subjects) == 1 {
				want = c.Subjects[0].Get("id").Str()
			}
		case "iat", "nbf", "exp":
			if err := p.time(name, v); err != nil {
				return err
			}
			continue
		case "aud", "nonce":
			return malformed(v, "the claim %s belongs to a presentation, not to a credential", name)
		default:
			continue
		}
		if got, isText := v.LookupStr(); !isText || got != want || want == "" {
			return malformed(v, "the claim %s says %.200s, the credential %.200q", name, v.Raw(), want)
		}
	}
	return nil
}

// numericDate reads a NumericDate of RFC 7519 section 2: whole seconds, from
// 1970 to the end of the year 9999.
func numericDate(v Value) (time.Time, error) {
	const end = 253_402_300_800
	sec, ok := v.Int()
	if !ok || sec < 0 || sec >= end {
		return time.Time{}, malformed(v, "want whole seconds since 1970, not %.40s", v.Raw())
	}
	return time.Unix(sec, 0).UTC(), nil
}

// time takes one of the claims iat, nbf and exp.
func (p *proof) time(name string, v Value) error {
	t, err := numericDate(v)
	switch {
	case err != nil:
		return err
	case name == "exp":
		p.Expires = t
	default:
		p.Created = later(p.Created, t)
	}
	return nil
}

// presentationClaims takes audience, nonce and times of an enveloped
// presentation, and compares the others with it.
func (s *secured) presentationClaims(c *PresentationContent) error {
	p := &s.proofs[0]
	d := &decoder{room: &s.room}
	for name, v := range s.root.Members() {
		switch name {
		case "vc", "vp":
			return malformed(v, "the claim %s of VC 1.1 must not be present", name)
		case "iss", "sub":
			if v.Str() != c.Holder || c.Holder == "" {
				return malformed(v, "the claim %s says %.200s, the holder is %.200q", name, v.Raw(), c.Holder)
			}
		case "jti":
			if v.Str() != c.ID || c.ID == "" {
				return malformed(v, "the claim jti says %.200s, the id is %.200q", v.Raw(), c.ID)
			}
		case "aud":
			p.Domain = d.words(v)
		case "nonce":
			p.Challenge = d.word(v)
		case "iat", "nbf", "exp":
			if err := p.time(name, v); err != nil {
				return err
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
