package didweb

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	u := &url.URL{Scheme: "https", Host: l.authority(), Path: "/" + l.file()}
	body, err := f.get(ctx, u, wanted{documentTypes, "DIDDocumentBytes", f.most})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	doc, err := f.parser.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return doc, nil
}

// documentTypes are the media types of DID documents.
var documentTypes = []string{"application/did+json", "application/did+ld+json", "application/json"}

// wanted says what an answer may be.
type wanted struct {
	types []string // media types
	cap   string   // the name of the bound on its size
	most  int      // bytes
}

// get fetches a file in the time that is allowed for it.
func (f *fetcher) get(ctx context.Context, u *url.URL, want wanted) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	body, err := f.roundTrip(ctx, u, want)
	if ctx.Err() != nil {
		// An answer may still win the race against its own cancellation.
		return nil, unavailable("%w", context.Cause(ctx))
	}
	return body, err
}

func (f *fetcher) roundTrip(ctx context.Context, u *url.URL, want wanted) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, unavailable("%w", err)
	}
	req.Header.Set("Accept", strings.Join(want.types, ", "))
	req.Header.Set("User-Agent", "safeconduct")
	// The transport alone: it follows no redirect and keeps no cookie.
	resp, err := f.transport.RoundTrip(req)
	if err != nil {
		return nil, unavailable("%w", err)
	}
	defer resp.Body.Close()
	if err := checkHead(resp, want.types); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(want.most)+1))
	if err != nil {
		return nil, unavailable("%w", err)
	}
	if len(body) > want.most {
		return nil, unavailable("%s is more than the %d that are allowed", want.cap, want.most)
	}
	return body, nil
}

// checkHead accepts exactly a plain answer with a document in it.
func checkHead(resp *http.Response, accepted []string) error {
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
	if !slices.Contains(accepted, media) {
		return unavailable("Content-Type %.64q, want one of %s", media, strings.Join(accepted, ", "))
	}
	return nil
}

func unavailable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{did.ErrUnavailable}, args...)...)
}
