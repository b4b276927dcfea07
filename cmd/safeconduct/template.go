package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// readTemplate reads the members of a credentialSubject by the rules by which a verifier reads them: they are put into
// an envelope that is thrown away. agent stands for the id, if the template has none.
func readTemplate(raw []byte, agent string) (*passport.Passport, error) {
	wrong := func(format string, args ...any) (*passport.Passport, error) {
		return nil, cli.Wrong("-template: "+format, args...).
			Hint(`a template is a JSON object of members of credentialSubject, such as {"capabilities": [{"action": "payments.charge"}]}`)
	}
	v, err := credential.ParseValue(string(raw))
	switch {
	case err != nil:
		return wrong("%w", err)
	case v.Kind().String() != "an object":
		return wrong("it is %s, want an object", v.Kind())
	case v.Get("credentialSubject").Exists() || v.Get("@context").Exists():
		return wrong("it is a credential, want the members of its credentialSubject alone")
	}
	var p *passport.Passport
	signed, err := credential.Parse(envelope(v, agent))
	if err == nil {
		p, err = passport.ReadUnverified(signed)
	}
	var e *credential.Error
	if errors.As(err, &e) { // speaks of places in the template, not in the envelope
		moved := *e
		moved.Path = strings.TrimPrefix(e.Path, "/credentialSubject")
		err = &moved
	}
	if err != nil {
		return wrong("%w", err)
	}
	if p.Delegated() {
		return wrong("parent and depth of a delegated passport are not for a template to say: safeconduct delegate fills them in")
	}
	p.ID, p.Issuer, p.Status, p.ValidFrom, p.ValidUntil = "", did.DID{}, nil, time.Time{}, time.Time{}
	return p, nil
}

func envelope(subject credential.Value, agent string) []byte {
	var members []string
	for _, m := range [][2]string{{"id", agent}, {"type", passport.SubjectType}} {
		if !subject.Get(m[0]).Exists() {
			members = append(members, fmt.Sprintf("%q:%q", m[0], m[1]))
		}
	}
	for name, member := range subject.Members() {
		members = append(members, string(jsonOf(name))+":"+member.Raw())
	}
	return fmt.Appendf(nil, `{"@context":[%q,%q],"id":"%s00000000000000000000000000","type":[%q,%q],"issuer":"did:web:template.invalid",`+
		`"validFrom":"2000-01-01T00:00:00Z","validUntil":"2000-01-02T00:00:00Z","credentialStatus":{"type":"BitstringStatusListEntry",`+
		`"statusPurpose":"revocation","statusListIndex":"0","statusListCredential":"https://template.invalid/"},"credentialSubject":{%s}}`,
		credential.ContextV2, passport.Context, passport.PassportURN, credential.TypeCredential, passport.Type, strings.Join(members, ","))
}
