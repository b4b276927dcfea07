package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// issuerKey is a key of the office that is published, and what signs with it: nil where it is not here.
type issuerKey struct {
	*signingKey
	signer did.Signer
	signs  bool // it is the one that signs now
}

// issuerKeys are the keys of the office that verifiers need, as the office has them at this moment: the one that signs,
// one that will, and those before whose passports may be alive. Those that were retired or revoked are not among them,
// nor are keys of an algorithm that APort's and Grantex's verifiers do not know.
func (s *Server) issuerKeys(ctx context.Context) (list []issuerKey, err error) {
	keys, err := s.Office.IssuerKeys.List(ctx, registry.Root())
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		ended := k.Status == registry.KeyRetired || k.Status == registry.KeyRevoked ||
			!k.Ends.IsZero() && !s.Now().Before(k.Ends)
		if ended || k.Key.IsZero() || k.Key.Algorithm() != did.Ed25519 {
			continue
		}
		i := slices.IndexFunc(s.Issuers, func(s did.Signer) bool { return s.KeyID().String() == k.ID })
		one := issuerKey{signingKey: edKey(k.Key), signs: k.Status == registry.KeySigns}
		if i >= 0 {
			one.signer = s.Issuers[i]
			one.sign = one.signer.Sign
		}
		list = append(list, one)
	}
	return list, nil
}

// decisionKey is the key that signs decisions now.
func (s *Server) decisionKey(ctx context.Context) (*issuerKey, error) {
	list, err := s.issuerKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		if k.signs && k.signer != nil {
			return &k, nil
		}
	}
	return nil, fmt.Errorf("the office does not have the key that signs now as an Ed25519 key: Config.Issuers")
}

// openDecision reads a token that one of the published keys has signed.
func (s *Server) openDecision(ctx context.Context, token string, claims any) error {
	list, err := s.issuerKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range list {
		if err := k.open(typeDecision, token, claims); err == nil {
			return nil
		}
	}
	return errToken
}
