package credential_test

import (
	"context"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jcs"
)

// What is accepted is accepted again, says the same, and so does its canonical
// form.
func FuzzParse(f *testing.F) {
	for _, doc := range []string{full(f), small(f), version1(f), string(passportText(f)),
		signed(f, full(f), credential.SignOptions{}).Text(), chain(f, 3).Text(),
		`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential","proof":0}`,
		`{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,eyJ"}`, ``, `[]`} {
		f.Add([]byte(doc), false)
		f.Add([]byte(doc), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, loose bool) {
		var p credential.Parser
		if loose {
			p = credential.Parser{Profile: credential.Conformance, StatusList: true}
		}
		s, err := p.Credential(raw)
		if err != nil {
			return
		}
		for i := range s.Proofs() {
			if s.CheckProof(i, keyOf(t, "nobody").PublicKey(), did.AssertionMethod) == nil {
				t.Fatal("a proof holds for a key that never signed")
			}
		}
		_ = s.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{})
		if string(s.Bytes()) != string(raw) {
			t.Fatal("the bytes are not those received")
		}
		canonical := jcs.Append(nil, s.UnverifiedValue())
		again, err := p.Credential(canonical)
		if err != nil {
			t.Fatalf("the canonical form is refused: %v", err)
		}
		if again.Digest() != s.Digest() || string(jcs.Append(nil, again.UnverifiedValue())) != string(canonical) {
			t.Fatal("the canonical form says something else")
		}
	})
}

func FuzzParsePresentation(f *testing.F) {
	vp := presented(f, credential.SignOptions{Domain: []string{"a"}, Challenge: "c"}).Text()
	for _, doc := range []string{vp, edit(f, vp, "/verifiableCredential", ""), edit(f, vp, "/proof", ""), unsecuredPresentation(f, full(f), small(f)), `{}`} {
		f.Add([]byte(doc), false)
		f.Add([]byte(doc), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, loose bool) {
		var p credential.Parser
		if loose {
			p.Profile = credential.Conformance
		}
		s, err := p.Presentation(raw)
		if err != nil {
			return
		}
		_ = s.CheckProofs(context.Background(), did.KeyMethods(), did.Authentication, time.Time{})
		if s.Text() != string(raw) {
			t.Fatal("the text is not that received")
		}
		root, err := credential.ParseValue(string(raw))
		if err != nil {
			return // larger than one credential may be
		}
		again, err := p.Presentation(jcs.Append(nil, root))
		if err != nil {
			t.Fatalf("the canonical form is refused: %v", err)
		}
		if len(again.Unverified().Credentials) != len(s.Unverified().Credentials) || len(again.Proofs()) != len(s.Proofs()) {
			t.Fatal("the canonical form says something else")
		}
	})
}
