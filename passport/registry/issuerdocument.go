package registry

import (
	"context"

	"github.com/safeconduct/safeconduct/did"
)

// DocumentTarget is where the DID document of the issuer is published: didweb.Dir is a folder that a server serves,
// didweb.Host an http.Handler. Put replaces the document that is there; to put the same one again is not an error.
// Implementations are safe for concurrent use.
type DocumentTarget interface {
	Put(ctx context.Context, doc *did.Document) error
}

// Document returns the DID document of the issuer as of now: the keys that sign and will sign, for assertionMethod;
// those that were superseded likewise, with the date of their end; those that were revoked with that date, for nothing.
// Config.Document adds to it. That of a did:key or did:jwk is what the DID itself says.
func (s *IssuerKeys) Document(ctx context.Context) (*did.Document, error) {
	doc, _, err := s.document(ctx)
	return doc, err
}

func (s *IssuerKeys) document(ctx context.Context) (doc *did.Document, version int64, err error) {
	if s.rotates() != nil {
		doc, err = did.KeyMethods().Resolve(ctx, s.r.Issuer())
		return doc, 0, err
	}
	options := s.r.config.Document
	options.ID = s.r.Issuer()
	options.Keys = nil
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		options.Keys = nil
		ring, err := s.r.keyring(tx)
		if err != nil {
			return err
		}
		version = ring.doc.Version
		for _, k := range ring.Keys {
			if !k.Ends.IsZero() && !s.r.now().Before(k.Ends) {
				continue
			}
			id, err := did.ParseURL(k.ID)
			if err != nil {
				return err
			}
			key := did.DocumentKey{Fragment: id.Fragment(), Key: k.Key, Expires: k.Ends, Revoked: k.RevokedAt}
			if k.RevokedAt.IsZero() {
				key.Relationships = []did.Relationship{did.AssertionMethod}
			}
			options.Keys = append(options.Keys, key)
		}
		return nil
	}); err != nil {
		return nil, 0, err
	}
	options.Keys = append(options.Keys, s.r.config.Document.Keys...)
	doc, err = did.NewDocument(options)
	if err != nil {
		return nil, 0, &Error{Code: BadRequest, Member: "Document", Detail: "it cannot be made", Err: err}
	}
	return doc, version, nil
}

// Publish puts the DID document on a target: after each change, and before the lists. Where the keys are changed
// meanwhile it puts the newer document, so an older one does not stay in its place. [Registry.Run] does it, too.
func (s *IssuerKeys) Publish(ctx context.Context, to DocumentTarget) error {
	if to == nil {
		return refuse(BadRequest, "to", "there is no target to publish to")
	}
	for range tries {
		doc, before, err := s.document(ctx)
		if err != nil {
			return err
		}
		if err := to.Put(ctx, doc); err != nil {
			return err
		}
		if _, now, err := s.document(ctx); err != nil || now == before {
			return err
		}
	}
	return refuse(Conflict, "", "others change the keys all the time: ask again")
}
