package main

import (
	"errors"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/passport"
)

// readTemplate reads the members of a credentialSubject by the rules by which a verifier reads them: they are put into
// an envelope that is thrown away. agent stands for the id, if the template has none.
func readTemplate(raw []byte, agent string) (*passport.Passport, error) {
	v, err := credential.ParseValue(string(raw))
	if err != nil {
		return nil, templateFailure(err)
	}
	if v.Kind().String() != "an object" {
		return nil, templateFailure(errors.New("it is " + v.Kind().String() + ", want an object"))
	}
	if v.Get("credentialSubject").Exists() || v.Get("@context").Exists() {
		return nil, templateFailure(errors.New("it is a credential, want the members of its credentialSubject alone"))
	}
	signed, err := credential.Parse(envelope(v, agent))
	if err != nil {
		return nil, templateFailure(err)
	}
	p, err := passport.ReadUnverified(signed)
	if err != nil {
		return nil, templateFailure(err)
	}
	if p.Delegated() {
		return nil, templateFailure(errors.New("parent and depth of a delegated passport are not for a template to say: safeconduct delegate fills them in"))
	}
	p.ID, p.Issuer, p.Status = "", did.DID{}, nil
	p.ValidFrom, p.ValidUntil = time.Time{}, time.Time{}
	return p, nil
}

func envelope(subject credential.Value, agent string) []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", []string{credential.ContextV2, passport.Context})
	w.Member("id", passport.PassportURN+"00000000000000000000000000")
	w.Strings("type", []string{credential.TypeCredential, passport.Type})
	w.Member("issuer", "did:web:template.invalid")
	w.Member("validFrom", "2000-01-01T00:00:00Z")
	w.Member("validUntil", "2000-01-02T00:00:00Z")
	w.Name("credentialStatus")
	w.Raw(`{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"0","statusListCredential":"https://template.invalid/"}`)
	w.Name("credentialSubject")
	w.BeginObject()
	if !subject.Get("id").Exists() {
		w.Member("id", agent)
	}
	if !subject.Get("type").Exists() {
		w.Member("type", passport.SubjectType)
	}
	for name, member := range subject.Members() {
		w.Name(name)
		w.Raw(member.Raw())
	}
	w.EndObject()
	w.EndObject()
	return w.Buf
}

// templateFailure speaks of places in the template, not in the envelope.
func templateFailure(err error) error {
	var e *credential.Error
	if errors.As(err, &e) {
		moved := *e
		moved.Path = strings.TrimPrefix(e.Path, "/credentialSubject")
		err = &moved
	}
	return cli.Wrong("-template: %w", err).
		Hint("a template is a JSON object of members of credentialSubject, such as {\"capabilities\": [{\"action\": \"payments.charge\"}]}")
}
