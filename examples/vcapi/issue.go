package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
)

func (s *server) options(with secure) credential.SignOptions {
	return credential.SignOptions{
		Suite: with.suite, Format: with.format, Formats: s.parser.Formats,
		Profile: s.parser.Profile, Created: s.now().UTC(),
	}
}

func (s *server) issueCredential(r *http.Request, with secure) (any, error) {
	q, err := read(r)
	if err != nil {
		return nil, err
	}
	text, err := s.complete(q.Credential, with)
	if err != nil {
		return nil, err
	}
	signed, err := credential.SignJSON(r.Context(), s.issuer, text, s.options(with))
	if err != nil {
		return nil, err
	}
	if by := signed.Unverified().Issuer.ID; by != s.issuer.DID().String() {
		return nil, fmt.Errorf("the issuer is %.200q, this server signs for %s", by, s.issuer.DID())
	}
	return wrapped(r, "verifiableCredential", signed.Embedded()), nil
}

// complete adds what the client leaves to the issuer.
func (s *server) complete(raw []byte, with secure) ([]byte, error) {
	doc, err := object(raw, "credential")
	if err != nil {
		return nil, err
	}
	if with.format == nil {
		if doc, err = withDataIntegrity(doc); err != nil {
			return nil, err
		}
	}
	if !with.status {
		return []byte(doc.Raw()), nil
	}
	if !doc.Get("issuer").Exists() {
		if doc, err = add(doc, "issuer", s.issuer.DID().String()); err != nil {
			return nil, err
		}
	}
	if doc.Get("credentialStatus").Exists() {
		return nil, fmt.Errorf("credentialStatus is for this endpoint to add")
	}
	entry, err := s.lists.entry()
	if err != nil {
		return nil, err
	}
	if doc, err = add(doc, "credentialStatus", entry); err != nil {
		return nil, err
	}
	return []byte(doc.Raw()), nil
}

func (s *server) issuePresentation(r *http.Request, with secure) (any, error) {
	q, err := read(r)
	if err != nil {
		return nil, err
	}
	doc, err := object(q.Presentation, "presentation")
	if err != nil {
		return nil, err
	}
	if !doc.Get("holder").Exists() {
		if doc, err = add(doc, "holder", s.issuer.DID().String()); err != nil {
			return nil, err
		}
	}
	o := s.options(with)
	o.Challenge, o.Domain = q.Options.Challenge, q.Options.Domain
	vp, err := credential.SignPresentation(r.Context(), s.issuer, []byte(doc.Raw()), o)
	if err != nil {
		return nil, err
	}
	if by := vp.Unverified().Holder; by != s.issuer.DID().String() {
		return nil, fmt.Errorf("the holder is %.200q, this server signs for %s", by, s.issuer.DID())
	}
	text := vp.Text()
	if with.format != nil {
		enveloped, err := json.Marshal(map[string]any{
			"@context": []string{credential.ContextV2}, "type": typeEnvelopedVP, "id": "data:" + vp.MediaType() + "," + text,
		})
		if err != nil {
			return nil, err
		}
		text = string(enveloped)
	}
	return wrapped(r, "verifiablePresentation", text), nil
}

// wrapped is what an issuing endpoint answers. Over plain HTTP the older
// suites take the body itself as the document.
func wrapped(r *http.Request, name, text string) any {
	if r.TLS == nil {
		return json.RawMessage(text)
	}
	return map[string]json.RawMessage{name: json.RawMessage(text)}
}

func object(raw []byte, name string) (credential.Value, error) {
	doc, err := credential.ParseValue(string(raw))
	if err != nil {
		return doc, fmt.Errorf("%s: %w", name, err)
	}
	if !strings.HasPrefix(doc.Raw(), "{") {
		return doc, fmt.Errorf("%s: want a JSON object, not %s", name, doc.Kind())
	}
	return doc, nil
}

func add(doc credential.Value, name string, value any) (credential.Value, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return doc, err
	}
	member, err := credential.ParseValue(string(text))
	if err != nil {
		return doc, err
	}
	return doc.WithMember(name, member), nil
}

// withDataIntegrity gives a VC 1.1 the context that defines its proof; that of
// VC 2.0 has it.
func withDataIntegrity(doc credential.Value) (credential.Value, error) {
	const context = "https://w3id.org/security/data-integrity/v2"
	list := doc.Get("@context")
	var urls []string
	for item := range list.Items() {
		urls = append(urls, item.Str())
	}
	if len(urls) == 0 || urls[0] != credential.ContextV1 || slices.Contains(urls, context) {
		return doc, nil
	}
	raw, end := doc.Raw(), list.Offset()-doc.Offset()+len(list.Raw())-1
	return credential.ParseValue(raw[:end] + `,"` + context + `"` + raw[end:])
}
