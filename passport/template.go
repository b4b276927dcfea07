package passport

import (
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ParseTemplate reads a template of passports: a JSON object with members of credentialSubject, by the rules by which
// [ReadUnverified] reads them in a passport. All may be left out, also id and type. Paths of errors begin at the
// template. The result lacks what [Issue] and [Delegate] fill in (id, issuer, validity) and what each passport has for
// itself (its status); so the link to a parent (delegationDepth, parentPassportId, parentDigest) is refused.
func ParseTemplate(text []byte) (*Passport, error) {
	v, err := credential.ParseValue(string(text))
	if err != nil {
		return nil, err
	}
	switch {
	case v.Kind() != strictjson.Object:
		return nil, invalid("", "it is %s, want an object", v.Kind())
	case v.Get("credentialSubject").Exists() || v.Get("@context").Exists():
		return nil, invalid("", "it is a credential, want the members of its credentialSubject alone")
	}
	p, r := &Passport{}, newReader(0)
	p.members(&r, v)
	r.because(credential.Value{}, p.Authority.checkDecimals())
	switch {
	case r.err != nil:
		return nil, r.err
	case p.Delegated() || p.ParentPassportID != "" || p.ParentDigest != "":
		return nil, invalid("", "a template does not name a parent, delegating does")
	}
	return p, nil
}
