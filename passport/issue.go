package passport

import (
	"context"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
)

// IssueOptions say how a passport is issued.
type IssueOptions struct {
	Now func() time.Time // the clock; nil: time.Now

	// Lifetime is how long the passport is valid when ValidUntil is zero.
	// Zero: 24 hours.
	Lifetime time.Duration
	// MaxLifetime is the longest validity allowed, at most 87,600 hours. Zero:
	// 720 hours.
	MaxLifetime time.Duration

	// Warn is told what is legal and may not be meant, before the passport is
	// signed; see [Passport.Warnings]. Nil: nobody is told.
	Warn func(Warning)

	IDPrefix string            // of a new identifier; empty: "urn:safeconduct:passport:"
	Suite    string            // cryptosuite; empty: eddsa-jcs-2022
	Format   credential.Format // envelopes the passport, as vc+jwt does, and takes no Suite; nil: a Data Integrity proof
}

const (
	defaultLifetime = 24 * time.Hour
	maxLifetime     = 720 * time.Hour
)

// maximum is what bounds may be raised to. Never written to.
var maximum = limits.Max()

func (o *IssueOptions) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// Issue signs a passport. Zero members of p are filled in a copy: a new ID,
// the signer's DID as Issuer, ValidFrom now, ValidUntil from Lifetime. What is
// signed is read back before by the rules of [ReadUnverified], so nothing is
// issued that a verifier would refuse for its form. Instants of validity are
// cut to whole seconds.
//
// A signer that is not of the issuer's DID is refused with
// proof.key_not_authorized, a passport that lives too long with
// time.lifetime_exceeded, options out of range with request.invalid, and a
// passport that its wire form cannot say as ReadUnverified refuses it. Errors
// of the signer are wrapped. Issue keeps no state and may be called
// concurrently.
func Issue(ctx context.Context, signer did.Signer, p *Passport, o IssueOptions) (*credential.Signed, error) {
	if signer == nil || p == nil {
		return nil, &Error{Code: code.RequestInvalid, Detail: "Issue needs a signer and a passport"}
	}
	full := *p
	if err := full.complete(signer, &o); err != nil {
		return nil, err
	}
	return full.sign(ctx, signer, &o)
}

// complete fills in what Issue may choose.
func (p *Passport) complete(signer did.Signer, o *IssueOptions) (err error) {
	now := o.now().UTC().Truncate(time.Second)
	if p.ID == "" {
		prefix := o.IDPrefix
		if prefix == "" {
			prefix = PassportURN
		}
		if p.ID, err = newID(prefix, now); err != nil {
			return err
		}
	}
	if p.Issuer.IsZero() {
		p.Issuer = signer.KeyID().DID()
	}
	if p.Issuer != signer.KeyID().DID() {
		return &Error{Code: code.ProofKeyNotAuthorized, Path: "/issuer", Detail: "the signer is not the issuer",
			Limit: p.Issuer.String(), Actual: signer.KeyID().String()}
	}
	if p.ValidFrom.IsZero() {
		p.ValidFrom = now
	}
	if p.ValidUntil.IsZero() {
		life := o.Lifetime
		if life == 0 {
			life = defaultLifetime
		}
		p.ValidUntil = p.ValidFrom.Add(life)
	}
	p.ValidFrom, p.ValidUntil = p.ValidFrom.UTC().Truncate(time.Second), p.ValidUntil.UTC().Truncate(time.Second)
	longest := o.MaxLifetime
	if longest == 0 {
		longest = maxLifetime
	}
	if longest < 0 || longest > maximum.CredentialLifetime || o.Lifetime < 0 {
		return &Error{Code: code.RequestInvalid, Detail: "Lifetime and MaxLifetime are not negative and at most " + maximum.CredentialLifetime.String()}
	}
	if life := p.ValidUntil.Sub(p.ValidFrom); life > longest {
		return &Error{Code: code.TimeLifetimeExceeded, Path: "/validUntil",
			Detail: "the passport would live longer than it may", Limit: longest.String(), Actual: life.String()}
	}
	return nil
}

func (p *Passport) sign(ctx context.Context, signer did.Signer, o *IssueOptions) (*credential.Signed, error) {
	for _, t := range []struct {
		path string
		at   time.Time
	}{{"/validFrom", p.ValidFrom}, {"/validUntil", p.ValidUntil}} {
		if _, err := datetime.Parse(datetime.Format(t.at)); err != nil {
			return nil, invalid(t.path, "%v", err)
		}
	}
	w := jsonwrite.Writer{Buf: make([]byte, 0, 4096)}
	if err := p.appendJSON(&w); err != nil {
		return nil, err
	}
	so := credential.SignOptions{Suite: o.Suite, Format: o.Format}
	if o.Format == nil {
		so.Created = o.now()
	}
	unsigned, err := credential.Parse(w.Buf)
	if err != nil {
		return nil, err
	}
	if _, err := ReadUnverified(unsigned); err != nil {
		return nil, err
	}
	if o.Warn != nil {
		for _, w := range p.Warnings() {
			o.Warn(w)
		}
	}
	return unsigned.AddProof(ctx, signer, so)
}
