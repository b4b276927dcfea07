package aip1

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// SignOptions say how a document is signed.
type SignOptions struct {
	Now func() time.Time // the clock; nil: time.Now
	// NoExpiry writes null for a zero ExpiresAt. False: it is filled in.
	NoExpiry bool
}

// MandateLifetime is how long a mandate lasts that states no end.
const MandateLifetime = 30 * 24 * time.Hour

// Sign signs an envelope with the agent's Ed25519 key and returns its JSON text,
// with every member, as the SDK writes it. Zero members are filled in: a new
// nonce, tier 1, a TTL of 300 s, the SDK's defaults, one link from the principal
// to the agent. Instants are cut to microseconds. What is signed is read back
// before by the strict reading, so an envelope that a verifier would refuse for
// its form is an [*Error]; errors of the signer are wrapped. A key that is named
// after somebody else is named as the SDK names all, the principal and "#keys-1".
func Sign(ctx context.Context, agent did.Signer, e Envelope, o SignOptions) (string, error) {
	e.complete(o)
	return finish(ctx, envelopeModel, &e, &e.Proof, agent)
}

// SealHMAC seals an envelope of tier 0 with a shared key instead of a signature.
// Whoever holds the key can speak for every agent.
func SealHMAC(key []byte, e Envelope, o SignOptions) (string, error) {
	if len(key) < 16 {
		return "", errors.New("aip1: a key of fewer than 16 bytes can be guessed")
	}
	e.Tier = Tier0
	e.complete(o)
	method := e.Principal.ID + "#keys-1"
	sign := func(message []byte) ([]byte, error) { return seal(key, message), nil }
	return finishWith(envelopeModel, &e, &e.Proof, method, sign)
}

// Issue signs a mandate with the principal's Ed25519 key and returns its JSON
// text. Zero members are filled in: a new id, an end after 30 days.
func Issue(ctx context.Context, principal did.Signer, m Mandate, o SignOptions) (string, error) {
	m.head = headings{context: Context, kind: typeMandate}
	if m.ID == "" {
		m.ID = "mandate:" + random()
	}
	start(&m.IssuedAt, o)
	if m.ExpiresAt.IsZero() && !o.NoExpiry {
		m.ExpiresAt = m.IssuedAt.Add(MandateLifetime)
	}
	m.Boundaries = m.Boundaries.complete()
	m.Proof = Proof{Created: m.IssuedAt}
	return finish(ctx, mandateModel, &m, &m.Proof, principal)
}

func random() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // which never fails
	return hex.EncodeToString(b[:])
}

// start fills in an instant and cuts it to what the wire can say.
func start(at *time.Time, o SignOptions) {
	if at.IsZero() {
		if o.Now == nil {
			o.Now = time.Now
		}
		*at = o.Now().UTC()
	}
	*at = at.Truncate(time.Microsecond)
}

// or fills in a zero value.
func or[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

func (e *Envelope) complete(o SignOptions) {
	e.head = headings{context: Context, kind: typeEnvelope, version: Version}
	or(&e.Agent.Version, "1.0.0")
	or(&e.Agent.Runtime, "aip-sdk/0.1.0")
	if e.Agent.Attestation.FrameworkID != "" {
		or(&e.Agent.Attestation.Method, "framework_registry")
	}
	or(&e.Agent.Attestation.Method, "self_reported")
	or(&e.Agent.Attestation.Classifier, "aip-classifier-v1")
	or(&e.Agent.Attestation.Confidence, "0.95")
	or(&e.Principal.Type, "organization")
	or(&e.Intent.Parameters, "{}")
	or(&e.Tier, Tier1)
	or(&e.Nonce, "nonce:"+random())
	or(&e.TTL, 300)
	start(&e.IssuedAt, o)
	if e.ExpiresAt.IsZero() && !o.NoExpiry {
		e.ExpiresAt = e.IssuedAt.Add(time.Duration(e.TTL) * time.Second)
	}
	e.Boundaries = e.Boundaries.complete()
	if e.Principal.Chain == nil && e.Principal.ID != e.Agent.ID {
		e.Principal.Chain = []Link{{From: e.Principal.ID, To: e.Agent.ID, Scope: "default", Narrows: true,
			GrantedAt: e.IssuedAt}}
	}
	e.Proof = Proof{Created: e.IssuedAt}
}

func (b Boundaries) complete() Boundaries {
	or(&b.Limit.PerTransaction, "0")
	or(&b.Limit.PerDay, "0")
	or(&b.Limit.Currency, "USD")
	return b
}

func finish(ctx context.Context, m *model, doc bound, p *Proof, signer did.Signer) (string, error) {
	if signer == nil {
		return "", errors.New("aip1: there is no signer")
	}
	if a := signer.Algorithm(); a != did.Ed25519 {
		return "", fmt.Errorf("aip1: the key is for %s, AIP-1 has Ed25519 alone", a)
	}
	return finishWith(m, doc, p, signer.KeyID().String(), func(message []byte) ([]byte,
		error) {
		return signer.Sign(ctx, message)
	})
}

// finishWith signs a complete document.
func finishWith(m *model, doc bound, p *Proof, method string, sign func([]byte) ([]byte, error)) (string, error) {
	p.Type, p.Purpose, p.Method = typeProof, purpose, method
	var w writer
	w.wire(m, doc)
	rec, bad := Strict.parse(m, string(w.buf))
	if bad != nil {
		return "", bad
	}
	if by, bad := ownMethod(rec); bad != nil {
		p.Method = by + "#keys-1" // as the SDK names every key
	}
	message, _ := rec.canonical()
	signature, err := sign(message)
	if err != nil {
		return "", fmt.Errorf("aip1: sign: %w", err)
	}
	p.Value = base64.URLEncoding.EncodeToString(signature)
	w.buf = w.buf[:0]
	w.wire(m, doc)
	return string(w.buf), nil
}
