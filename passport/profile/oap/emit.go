package oap

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// NewPassport makes a passport of its fields: what [ParsePassport] would read. Zero
// for UpdatedAt: CreatedAt; for PassportVersion: 1.0.0. Instants are cut to whole
// seconds.
func NewPassport(p Passport) (*Passport, error) {
	if p.UpdatedAt.IsZero() {
		p.UpdatedAt = p.CreatedAt
	}
	if p.PassportVersion == "" {
		p.PassportVersion = "1.0.0"
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Member(map[Spelling]string{Spec: "passport_id", Registry: "agent_id"}[p.Spelling], p.ID)
	w.Member("kind", p.Kind)
	w.Member("spec_version", Version)
	if p.Parent != "" {
		if p.Spelling == Spec {
			w.Member("template_id", p.Parent)
		}
		w.Member("parent_agent_id", p.Parent)
	}
	w.Member("did", p.DID)
	w.Member("owner_id", p.OwnerID)
	w.Member("owner_type", p.OwnerType)
	w.Member("status", p.Status)
	w.Member("assurance_level", string(p.Assurance))
	w.Name("capabilities")
	w.BeginArray()
	for _, c := range p.Capabilities {
		w.BeginObject()
		w.Member("id", c.ID)
		if c.Params.Exists() {
			w.Name("params")
			w.Raw(c.Params.Raw())
		}
		w.EndObject()
	}
	w.EndArray()
	w.Name("limits")
	if p.Limits.Exists() {
		w.Raw(p.Limits.Raw())
	} else {
		w.Raw("{}")
	}
	w.Name("regions")
	w.BeginArray()
	for _, r := range p.Regions {
		w.String(r)
	}
	w.EndArray()
	if p.Metadata.Exists() {
		w.Name("metadata")
		w.Raw(p.Metadata.Raw())
	}
	w.Member("created_at", stamp(p.CreatedAt))
	w.Member("updated_at", stamp(p.UpdatedAt))
	if !p.ExpiresAt.IsZero() {
		w.Member("expires_at", stamp(p.ExpiresAt))
	}
	if p.NeverExpires {
		w.Name("never_expires")
		w.Bool(true)
	}
	w.Member("version", p.PassportVersion)
	for name, m := range p.Others.Members() {
		w.Name(name)
		w.Raw(m.Raw())
	}
	w.EndObject()
	return ParsePassport(w.Buf, Strict)
}

// stamp writes an instant as the dialect's examples do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// millis writes an instant as JavaScript's toISOString does.
func millis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// SignDecision signs a decision with a registry's key. No public tool of APort signs
// native decisions: what is signed is the canonical JSON of all members but signature,
// which is the natural reading of the specification. ExpiresAt is CreatedAt plus whole
// seconds.
func SignDecision(ctx context.Context, key did.Signer, d Decision) (*Decision, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Member("decision_id", d.ID)
	w.Member("policy_id", d.PolicyID)
	w.Member(map[Spelling]string{Spec: "passport_id", Registry: "agent_id"}[d.Spelling], d.PassportID)
	w.Member("owner_id", d.OwnerID)
	w.Member("assurance_level", string(d.Assurance))
	w.Name("allow")
	w.Bool(d.Allow)
	w.Name("reasons")
	w.BeginArray()
	for _, r := range d.Reasons {
		w.BeginObject()
		w.Member("code", r.Code)
		w.Member("message", r.Message)
		w.Member("severity", r.Severity)
		w.EndObject()
	}
	w.EndArray()
	if d.Spelling == Spec {
		w.Member("issued_at", stamp(d.CreatedAt))
		w.Member("expires_at", stamp(d.ExpiresAt))
	} else {
		w.Member("created_at", stamp(d.CreatedAt))
		w.Name("expires_in")
		w.Int(int64(d.ExpiresAt.Sub(d.CreatedAt) / time.Second))
	}
	w.Member("passport_digest", d.PassportDigest)
	w.Member("kid", d.KeyID)
	if len(d.Remaining) > 0 {
		w.Name("remaining_daily_cap")
		w.BeginObject()
		for _, c := range d.Remaining {
			w.Name(c.Currency)
			w.Raw(c.Minor)
		}
		w.EndObject()
	}
	unsigned, err := laxjson.Parse(string(w.Buf)+"}", laxjson.JavaScript)
	if err != nil {
		return nil, fmt.Errorf("oap: the decision: %w", err)
	}
	sig, err := sign(ctx, key, canonicalDecision(unsigned))
	if err != nil {
		return nil, err
	}
	w.Member("signature", "ed25519:"+base64.StdEncoding.EncodeToString(sig))
	w.EndObject()
	return ParseDecision(w.Buf, Strict)
}

func sign(ctx context.Context, key did.Signer, msg []byte) ([]byte, error) {
	if key == nil || key.Algorithm() != did.Ed25519 {
		return nil, errors.New("oap: want an Ed25519 key")
	}
	sig, err := key.Sign(ctx, msg)
	if err != nil {
		return nil, fmt.Errorf("oap: signing: %w", err)
	}
	return sig, nil
}

// JSON returns the decision as JSON text, by the source text of its numbers.
func (d *Decision) JSON() []byte { return appendSource(nil, d.doc) }

// ExportPassport writes a passport as APort's tools export it, which their import
// accepts. registry is the address of the registry, such as https://registry.example:
// the DID of a passport without one is did:web under it. The credential ends when the
// passport does; after a year if it says nothing; in 2999 if it never expires.
func ExportPassport(ctx context.Context, key did.Signer, p *Passport, registry string) ([]byte, error) {
	native := *p
	native.Spelling = Registry
	if native.DID == "" {
		host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(registry, "https://"), "http://"), "/")
		native.DID = "did:web:" + strings.ReplaceAll(host, ":", "%3A") + ":api:agents:" + p.ID
	}
	subject, err := NewPassport(native)
	if err != nil {
		return nil, err
	}
	until := millis(p.CreatedAt.Add(365 * 24 * time.Hour))
	switch {
	case !p.ExpiresAt.IsZero():
		until = stamp(p.ExpiresAt)
	case p.NeverExpires:
		until = "2999-12-31T23:59:59.000Z"
	}
	return export(ctx, key, draft{TypePassport, subject.JSON(), native.DID, stamp(p.CreatedAt), until,
		native.DID + "#key-1"})
}

// ExportDecision writes a decision of the registry's dialect as a receipt. APort's
// tools take a decision that is not to be kept (expires_in 0) for one without that
// member, so there is no receipt of it.
func ExportDecision(ctx context.Context, key did.Signer, d *Decision, registry string) ([]byte, error) {
	switch {
	case d.Spelling != Registry:
		return nil, errors.New("oap: a receipt is of the registry's dialect, which has agent_id and created_at")
	case !d.ExpiresAt.After(d.CreatedAt):
		return nil, errors.New("oap: expires_in is 0: APort's tools would not read the receipt")
	}
	registry = strings.TrimSuffix(registry, "/")
	return export(ctx, key, draft{TypeReceipt, d.JSON(), registry, stamp(d.CreatedAt), millis(d.ExpiresAt),
		registry + "/.well-known/oap/jwks.json#" + d.KeyID})
}

// draft is a credential that is to be signed.
type draft struct {
	kind                        string
	subject                     []byte
	issuer, from, until, method string
}

func export(ctx context.Context, key did.Signer, d draft) ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", []string{ContextVC, ContextOAP})
	w.Strings("type", []string{typeVC, d.kind})
	w.Name("credentialSubject")
	w.Raw(string(d.subject))
	w.Member("issuer", d.issuer)
	w.Member("issuanceDate", d.from)
	w.Member("expirationDate", d.until)
	sig, err := signBoth(ctx, key, string(w.Buf)+"}", canonicalCredential)
	if err != nil {
		return nil, err
	}
	w.Name("proof")
	w.BeginObject()
	w.Member("type", typeProof)
	w.Member("created", d.from)
	w.Member("verificationMethod", d.method)
	w.Member("proofPurpose", "assertionMethod")
	w.Member("jws", base64.RawURLEncoding.EncodeToString([]byte(credHeader))+".."+sig)
	w.EndObject()
	w.EndObject()
	_, err = ParseCredential(w.Buf)
	return w.Buf, err
}

// signBoth signs a document whose canonical form is the same for JCS and for APort's
// tools: a document with a key like "9" would be accepted by one of them only.
func signBoth(ctx context.Context, key did.Signer, text string,
	canonical func(*laxjson.Value, form) []byte) (string, error) {
	doc, err := laxjson.Parse(text, laxjson.JavaScript)
	if err != nil {
		return "", fmt.Errorf("oap: %w", err)
	}
	msg := canonical(doc, formJCS)
	if string(msg) != string(canonical(doc, formTools)) {
		return "",
			errors.New("oap: a member has a number as its name, which APort's tools sort otherwise than RFC 8785")
	}
	sig, err := sign(ctx, key, msg)
	return base64.RawURLEncoding.EncodeToString(sig), err
}

// PresentOptions is what a presentation is made for.
type PresentOptions struct {
	Holder    string // a DID; empty: that of the first passport
	Challenge string // needed: what the verifier handed out
	Domain    string // the verifier's, empty: none
	Now       time.Time
}

// Present signs exported credentials with the holder's key, which APort's tools look
// for as Holder and "#key-1".
func Present(ctx context.Context, key did.Signer, credentials [][]byte, o PresentOptions) ([]byte, error) {
	if o.Challenge == "" || o.Now.IsZero() || len(credentials) == 0 {
		return nil, errors.New("oap: a presentation needs credentials, a challenge and the instant")
	}
	texts := make([]string, len(credentials))
	for i, text := range credentials {
		c, err := ParseCredential(text)
		if err != nil {
			return nil, fmt.Errorf("oap: credential %d: %w", i, err)
		}
		if o.Holder == "" && c.Passport != nil {
			o.Holder = c.Passport.DID
		}
		texts[i] = string(text)
	}
	list := "[" + strings.Join(texts, ",") + "]"
	if len(texts) == 1 {
		list = texts[0]
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", []string{ContextVC, contextVP})
	w.Strings("type", []string{typeVP, TypePresentation})
	w.Name("verifiableCredential")
	w.Raw(list)
	w.Member("holder", o.Holder)
	w.Name("proof")
	w.BeginObject()
	w.Member("type", typeProof)
	w.Member("created", millis(o.Now))
	w.Member("verificationMethod", o.Holder+"#key-1")
	w.Member("proofPurpose", "authentication")
	w.Member("challenge", o.Challenge)
	w.Member("domain", o.Domain)
	sig, err := signBoth(ctx, key, string(w.Buf)+"}}", canonicalPresentation)
	if err != nil {
		return nil, err
	}
	w.Member("jws", base64.RawURLEncoding.EncodeToString([]byte(presHeader))+".."+sig)
	w.EndObject()
	w.EndObject()
	_, err = ParsePresentation(w.Buf)
	return w.Buf, err
}
