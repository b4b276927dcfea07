package main

import (
	"encoding/json"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// subjectOut is what inspect tells of a passport: who, and the whole subject.
type subjectOut struct {
	passportJSON
	Subject json.RawMessage `json:"credentialSubject"`
	p       *passport.Passport
}

type listOut struct {
	Encoding string   `json:"encoding"`
	Purposes []string `json:"purposes"`
	AsOf     string   `json:"asOf"`
}

type keyOut struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	For     []string `json:"relationships"`
	Expires string   `json:"expires,omitempty"`
	Revoked string   `json:"revoked,omitempty"`
	Problem string   `json:"problem,omitempty"` // why the key is not usable
}

func credentialOut(s *credential.Signed) *documentJSON {
	c := s.Unverified()
	d := newDocument("credential")
	d.Types, d.ID, d.Issuer = c.Type, c.ID, c.Issuer.ID
	d.From, d.Until = instant(c.ValidFrom), instant(c.ValidUntil)
	d.Digest, d.Proofs = s.Digest(), newProofsJSON(s.Proofs())
	switch {
	case c.HasType(passport.Type):
		d.What = "passport"
		p, err := passport.ReadUnverified(s)
		if err != nil {
			d.Problem = err.Error()
			break
		}
		d.Passport = &subjectOut{newPassportJSON(p), json.RawMessage(c.Subjects[0].Raw()), p}
	case c.HasType("BitstringStatusListCredential"), c.HasType("StatusList2021Credential"):
		d.What = "status-list"
		l, err := statuslist.ParseCredential(s)
		if err != nil {
			d.Problem = err.Error()
			break
		}
		d.List = &listOut{Encoding: l.Encoding.String(), AsOf: instant(l.AsOf)}
		for _, p := range l.Purposes {
			d.List.Purposes = append(d.List.Purposes, string(p))
		}
	}
	return d
}

func didOut(doc *did.Document) *documentJSON {
	d := newDocument("did-document")
	d.ID = doc.ID().String()
	for _, m := range doc.Methods() {
		k := keyOut{ID: m.ID.String(), Type: m.Type, For: []string{}, Expires: instant(m.Expires), Revoked: instant(m.Revoked)}
		for _, r := range m.Relationships {
			k.For = append(k.For, string(r))
		}
		if m.Err != nil {
			k.Problem = m.Err.Error()
		}
		d.Keys = append(d.Keys, k)
	}
	return d
}
