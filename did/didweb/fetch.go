package didweb

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// fetcher gets documents over HTTPS.
type fetcher struct {
	transport *http.Transport
	parser    did.DocumentParser
	timeout   time.Duration
	most      int // bytes of a document
}

// fetch gets and parses the document of id. That it is id's is checked by the
// cache, as for every resolver.
func (f *fetcher) fetch(ctx context.Context, id did.DID) (*did.Document, error) {
	l, err := locate(id)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	body, err := f.get(ctx, l)
	if ctx.Err() != nil {
		// An answer may still win the race against its own cancellation.
		err = unavailable("%w", context.Cause(ctx))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	doc, err := f.parser.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return doc, nil
}

func (f *fetcher) get(ctx context.Context, l location) ([]byte, error) {
	u := &url.URL{Scheme: "https", Host: l.authority(), Path: "/" + l.file()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, unavailable("%w", err)
	}
	req.Header.Set("Accept", "application/did+json, application/did+ld+json, application/json")
	req.Header.Set("User-Agent", "safeconduct")
	// The transport alone: it follows no redirect and keeps no cookie.
	resp, err := f.transport.RoundTrip(req)
	if err != nil {
		return nil, unavailable("%w", err)
	}
	defer resp.Body.Close()
	if err := checkHead(resp); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(f.most)+1))
	if err != nil {
		return nil, unavailable("%w", err)
	}
	if len(body) > f.most {
		return nil, unavailable("DIDDocumentBytes is more than the %d that are allowed", f.most)
	}
	return body, nil
}

// checkHead accepts exactly a plain answer with a document in it.
func checkHead(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w: status %d", did.ErrNotFound, resp.StatusCode)
	default:
		return unavailable("status %d, want 200", resp.StatusCode)
	}
	if resp.Header.Get("Refresh") != "" {
		return unavailable("a Refresh header, which is a redirect")
	}
	if encodings := resp.Header.Values("Content-Encoding"); len(encodings) > 0 {
		return unavailable("Content-Encoding %.64q, want none", encodings)
	}
	types := resp.Header.Values("Content-Type")
	if len(types) != 1 {
		return unavailable("%d Content-Type headers, want one", len(types))
	}
	media, _, err := mime.ParseMediaType(types[0])
	if err != nil {
		return unavailable("Content-Type %.64q: %w", types[0], err)
	}
	switch media {
	case "application/did+json", "application/did+ld+json", "application/json":
		return nil
	}
	return unavailable("Content-Type %.64q, want application/did+json, application/did+ld+json or application/json", media)
}

func unavailable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{did.ErrUnavailable}, args...)...)
}
