package verifya2a

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// CardTransport is an http.RoundTripper for agentcard.Resolver, for cards and for nothing
// else: it checks each card that comes back with CheckCard, and hands on what was signed.
// A card that is not believed, and a redirect, is an error of the request. The zero
// CardTransport believes nothing. It is safe for concurrent use.
//
//	resolver := agentcard.NewResolver(&http.Client{Transport: &verifya2a.CardTransport{Keys: keys}})
//	card, err := resolver.Resolve(ctx, "https://shop.example")
type CardTransport struct {
	Keys CardKeys
	Base http.RoundTripper // nil: http.DefaultTransport
}

// RoundTrip implements http.RoundTripper.
func (t *CardTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t == nil {
		t = new(CardTransport) // which believes nothing
	}
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: %s answers with a redirect", ErrCard, originOf(r))
	}
	if resp.StatusCode != http.StatusOK {
		return resp, nil // the resolver says so
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostCard+1))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	card, err := CheckCard(text, originOf(r), t.Keys)
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(card.Text)), int64(len(card.Text))
	resp.Header.Set("Content-Length", strconv.Itoa(len(card.Text)))
	return resp, nil
}

// originOf is the origin that a request goes to, as CardKeys has it.
func originOf(r *http.Request) string {
	scheme, host := strings.ToLower(r.URL.Scheme), strings.ToLower(r.URL.Host)
	return scheme + "://" + strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
}
