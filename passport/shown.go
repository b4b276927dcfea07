package passport

import (
	"bytes"

	"github.com/safeconduct/safeconduct/credential"
)

// A Shown is what a presentation, or a passport alone, says. Nothing of it is proven.
type Shown struct {
	Chain    Chain   // as it is presented: root first
	Intent   *Intent // nil: a passport alone
	Audience string  // whom the first proof is made for; empty if nobody is named
}

// ReadShownUnverified reads a presentation, or a passport alone, for what shows it to a
// person or asks about it. The error is that of whichever of the two it seems to be.
func ReadShownUnverified(raw []byte, formats ...credential.Format) (*Shown, error) {
	p, err := credential.ParsePresentation(raw, formats...)
	if err != nil {
		signed, other := credential.Parse(raw, formats...)
		switch {
		case other == nil:
			return &Shown{Chain: Chain{signed}}, nil
		case bytes.Contains(raw[:min(len(raw), 4096)], []byte("VerifiablePresentation")):
			return nil, err
		}
		return nil, other
	}
	s := &Shown{Chain: p.Unverified().Credentials}
	if s.Intent, err = ReadIntentUnverified(p.Unverified().Member("intent")); err != nil {
		return nil, err
	}
	if p.NumProofs() > 0 && len(p.Proof(0).Domain) > 0 {
		s.Audience = p.Proof(0).Domain[0]
	}
	return s, nil
}
