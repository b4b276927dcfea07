// Package presenter is what the adapters of protocols share on the agent's side: who presents
// which passport to whom.
package presenter

import (
	"context"
	"errors"
	"slices"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// Presenter makes presentations. Its members are those of the PresenterConfig of an adapter.
type Presenter struct {
	Agent    did.Signer
	Audience string
	Chain    passport.Chain
	Renew    func(context.Context) (passport.Chain, error)
	Present  passport.PresentOptions
}

// Ready makes the chain its own, and says what of the configuration would present nothing.
func (p *Presenter) Ready() error {
	p.Chain = slices.Clone(p.Chain)
	var errs []error
	if p.Agent == nil {
		errs = append(errs, errors.New("config.Agent is nil: nobody would sign"))
	}
	if p.Audience == "" {
		errs = append(errs, errors.New("config.Audience is empty: a presentation is made for one server"))
	}
	if len(p.Chain) == 0 && p.Renew == nil {
		errs = append(errs, errors.New("config.Chain is empty and Renew nil: there is no passport to show"))
	}
	if p.Present.Challenge != "" {
		errs = append(errs, errors.New("config.Present.Challenge is set: every call needs its own"))
	}
	return errors.Join(errs...)
}

// For makes the presentation of one call, for that intent.
func (p *Presenter) For(ctx context.Context, in passport.Intent) (*credential.Presentation, error) {
	chain := p.Chain
	if p.Renew != nil {
		var err error
		if chain, err = p.Renew(ctx); err != nil {
			return nil, err
		}
	}
	return passport.Present(ctx, p.Agent, chain, in, p.Audience, p.Present)
}
