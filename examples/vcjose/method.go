package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

// method is a verification method as the suite writes it, with both keys.
type method struct {
	id     did.URL       // its own if that is a DID URL, else that of the key's did:jwk
	public did.PublicKey // the key handed over out of band
	secret *did.KeyPair  // nil if there is none
}

func parseMethod(text []byte) (*method, error) {
	var file struct {
		ID        string          `json:"id"`
		PublicKey json.RawMessage `json:"publicKeyJwk"`
		SecretKey json.RawMessage `json:"secretKeyJwk"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	m := &method{}
	var err error
	if m.public, err = did.ParsePublicJWK(file.PublicKey); err != nil {
		return nil, fmt.Errorf("publicKeyJwk: %w", err)
	}
	if len(file.SecretKey) > 0 {
		if m.secret, err = did.ParsePrivateJWK(file.SecretKey); err != nil {
			return nil, fmt.Errorf("secretKeyJwk: %w", err)
		}
	}
	if m.id, err = did.ParseURL(file.ID); err == nil {
		return m, nil
	}
	self, err := did.NewJWKDID(m.public)
	if err != nil {
		return nil, err
	}
	m.id, err = self.URL("0")
	return m, err
}

func (m *method) issue(ctx context.Context, feature string, document []byte) (string, error) {
	if m.secret == nil {
		return "", errors.New("issuing needs secretKeyJwk")
	}
	signer, err := did.NewSigner(m.id, m.secret.PrivateKey())
	if err != nil {
		return "", err
	}
	o := credential.SignOptions{Format: dialect{m}, Profile: credential.Conformance}
	if feature == "presentation_jose" {
		vp, err := credential.SignPresentation(ctx, signer, document, o)
		if err != nil {
			return "", err
		}
		return vp.Text(), nil
	}
	signed, err := credential.SignJSON(ctx, signer, document, o)
	if err != nil {
		return "", err
	}
	return signed.Text(), nil
}

// verify takes the suite's tokens: signed with the key that was handed over,
// whoever the document says its issuer is.
func (m *method) verify(ctx context.Context, feature string, token []byte) error {
	token = bytes.TrimSpace(token)
	parser := credential.Parser{Formats: []credential.Format{dialect{m}}, Profile: credential.Conformance}
	if feature != "presentation_jose" {
		signed, err := parser.Credential(token)
		if err != nil {
			return err
		}
		return m.credential(ctx, signed)
	}
	vp, err := parser.Presentation(token)
	if err != nil {
		return err
	}
	if vp.MediaType() != vcjwt.MediaTypePresentation {
		return fmt.Errorf("want a %s, not %s", vcjwt.MediaTypePresentation, vp.MediaType())
	}
	if err := vp.CheckProof(0, m.public, did.Authentication); err != nil {
		return err
	}
	for i, inner := range vp.Unverified().Credentials {
		if err := m.credential(ctx, inner); err != nil {
			return fmt.Errorf("verifiableCredential %d: %w", i, err)
		}
	}
	return nil
}

// credential checks one credential, which must be in an envelope, with the key
// at hand or, where it names one, a did:key or did:jwk.
func (m *method) credential(ctx context.Context, signed *credential.Signed) error {
	if signed.MediaType() != vcjwt.MediaTypeCredential {
		return fmt.Errorf("want a %s, not %s", vcjwt.MediaTypeCredential, signed.MediaType())
	}
	if signed.Proof(0).VerificationMethod == m.id {
		return signed.CheckProof(0, m.public, did.AssertionMethod)
	}
	return signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}) // no did:key ever ends
}
