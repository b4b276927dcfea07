package oap

import (
	"bytes"
	"errors"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
)

// Dialect lets verify.Verifier take presentations of OAP passports: list it in
// verify.Config.Dialects, and Issuer in Config.Anchors. What is presented is the JSON
// of the presentation.
//
// The holder has signed for a challenge and for a domain, which is the request's
// audience. A presentation has one passport, and its holder is the passport's agent.
// It says nothing about what the agent is about to do: that is the request's alone.
type Dialect struct {
	// Credentials finds the pinned key that signs credentials, and Holders that of an
	// agent, both by the method that is named: the agent's DID and "#key-1". APort's
	// tools have one name for two keys, so whoever asks must know which is meant.
	// Both are needed.
	Credentials, Holders Keys

	// Issuer is whose word passports are, an anchor of the verifier. Zero: the
	// passport's own DID, which is then to be an anchor itself.
	Issuer did.DID

	// MaxAge is how long a presentation is taken after it was made. Zero: 5 min; at
	// most 1 h.
	MaxAge time.Duration

	// Judged are the blocks of limits that packs of the host judge; see
	// [TranslateOptions].
	Judged []string
}

const (
	defaultAge = 5 * time.Minute
	maxAge     = time.Hour
)

// Open reads a presentation.
func (d *Dialect) Open(presented []byte) (*passport.Foreign, error) {
	if !bytes.Contains(presented, []byte(`"`+TypePresentation+`"`)) {
		return nil, nil
	}
	age := d.MaxAge
	if age == 0 {
		age = defaultAge
	}
	if d.Credentials == nil || d.Holders == nil || age < 0 || age > maxAge {
		return nil, &code.Error{Code: code.InternalError,
			Detail: "oap.Dialect needs Credentials and Holders, and a MaxAge of at most " + maxAge.String()}
	}
	vp, err := ParsePresentation(presented)
	if err != nil {
		return nil, err
	}
	switch {
	case len(vp.Credentials) != 1 || vp.Credentials[0].Passport == nil:
		return nil, refuse(InvalidPresentation, "/verifiableCredential", "want one credential, of a passport")
	case !vp.HeldBySubject():
		e := refuse(InvalidPresentation, "/holder", "the holder is not the agent of the passport")
		e.err.Code = code.ProofHolderMismatch
		return nil, e
	case len(vp.Challenge) < limits.NonceMinBytes || len(vp.Challenge) > limits.Max().NonceBytes:
		e := refuse(InvalidPresentation, "/proof/challenge", "want a challenge of %d to %d bytes", limits.NonceMinBytes,
			limits.Max().NonceBytes)
		e.err.Code = code.EnvelopeNonceInvalid
		return nil, e
	}
	c := vp.Credentials[0]
	t := translation{from: c.Passport, judged: d.Judged, any: true}
	p := t.translate(&TranslateOptions{Issuer: d.Issuer, Until: c.ValidUntil})
	if t.err != nil {
		return nil, under(vp.place(0)+"/credentialSubject", t.err)
	}
	return &passport.Foreign{
		Passport: p, Digest: multibase.Digest(presented), Audience: vp.Domain, Nonce: vp.Challenge,
		Made: vp.Created, Ends: vp.Created.Add(age),
		Prove: func(time.Time) error {
			return asError(under(vp.place(0), c.signed(d.Credentials(c.VerificationMethod))),
				vp.signed(d.Holders(vp.VerificationMethod)))
		},
		Standing: func(at time.Time) error {
			return asError(under(vp.place(0)+"/credentialSubject", c.Passport.reliable(at)))
		},
	}, nil
}

// asError joins what is wrong.
func asError(list ...*Error) error {
	var errs []error
	for _, e := range list {
		if e != nil {
			errs = append(errs, e)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
