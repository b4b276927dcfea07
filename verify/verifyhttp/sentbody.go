package verifyhttp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// takeBody reads the body whole and closes it, as a RoundTripper must.
func takeBody(r *http.Request, most int) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer closeBody(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the body: %w", err)
	case len(body) > most:
		return nil, fmt.Errorf("the body has more than %d bytes; see RoundTripperConfig.MaxBody", most)
	case r.ContentLength > 0 && r.ContentLength != int64(len(body)):
		return nil, fmt.Errorf("the body has %d bytes and was announced with %d", len(body), r.ContentLength)
	}
	return body, nil
}

// setBody makes body the whole body. GetBody gives the same bytes again, for a
// transport that knows that nothing of the request was processed: a connection
// that was dead, an HTTP/2 GOAWAY.
func setBody(r *http.Request, body []byte) {
	r.Trailer, r.TransferEncoding = nil, nil
	r.ContentLength = int64(len(body))
	r.Body, r.GetBody = http.NoBody, func() (io.ReadCloser, error) { return http.NoBody, nil }
	if len(body) > 0 {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	r.Header.Del("Content-Length")
	r.Header.Del("Trailer")
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
