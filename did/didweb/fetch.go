package didweb

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/safefetch"
)

// fetcher gets documents over HTTPS.
type fetcher struct {
	client *safefetch.Client
	parser did.DocumentParser
	most   int // bytes of a document
}

// fetch gets and parses the document of id. That it is id's is checked by the
// cache, as for every resolver.
func (f *fetcher) fetch(ctx context.Context, id did.DID) (*did.Document, error) {
	l, err := locate(id)
	if err != nil {
		return nil, err
	}
	u := &url.URL{Scheme: "https", Host: l.authority(), Path: "/" + l.file()}
	body, err := f.get(ctx, u, safefetch.Want{Types: documentTypes, Most: f.most})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	doc, err := f.parser.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return doc, nil
}

// documentTypes are the media types of DID documents: that of DID 1.1, those of
// DID 1.0, and what servers send that know neither.
var documentTypes = []string{
	"application/did", "application/did+json", "application/did+ld+json", "application/json", "application/ld+json",
}

// get fetches a file, and names errors as resolvers do.
func (f *fetcher) get(ctx context.Context, u *url.URL, want safefetch.Want) ([]byte, error) {
	answer, err := f.client.Get(ctx, u, want)
	if status := (*safefetch.StatusError)(nil); errors.As(err, &status) && status.Gone() {
		return nil, fmt.Errorf("%w: %w", did.ErrNotFound, err)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return answer.Body, nil
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", did.ErrUnavailable, err) }
