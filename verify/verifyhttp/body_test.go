package verifyhttp_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// endless is a body without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// WEB-03: bodies over the cap, without end, shorter than announced, encoded.
func TestWEB03Bodies(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) { c.MaxBody = 1000 }) // HTTPBodyBytes, lowered
	with := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
			r.Header.Set("Agent-Passport", encode(s.shown(text)))
		}
	}
	at, above := strings.Repeat("x", 1000), strings.Repeat("x", 1001)
	s.allowed(s.request(with(at)))
	s.allowed(s.request(with(at), func(r *http.Request) { r.ContentLength = -1 }))
	s.refused(s.request(with(above)), verify.EnvelopeTooLarge)
	s.refused(s.request(with(above), func(r *http.Request) { r.ContentLength = -1 }), verify.EnvelopeTooLarge)

	t.Run("endless chunks", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/charge", endless{})
		r.ContentLength = -1
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		d, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
		require.Len(t, d.Steps, 8)
	})
	t.Run("shorter than announced", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader("abc"))
		r.ContentLength = 4
		r.Header.Set("Agent-Passport", encode(s.shown("abc")))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.EnvelopeMalformed)
	})
	t.Run("announced too long", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/charge", iotestError{})
		r.ContentLength = 1001
		r.Header.Set("Agent-Passport", encode(s.shown("")))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge) // without reading a byte
	})
	t.Run("cut off by an outer cap", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/charge", http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(at)), 10))
		r.Header.Set("Agent-Passport", encode(s.shown(at)))
		_, err := s.guard.Check(r)
		verifytest.AssertDenied(t, err, verify.EnvelopeTooLarge)
	})
	t.Run("encoded", func(t *testing.T) {
		var bomb bytes.Buffer
		z := gzip.NewWriter(&bomb)
		_, _ = z.Write(make([]byte, 1<<19))
		require.NoError(t, z.Close())
		s.refused(s.request(with(bomb.String()), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }), verify.EnvelopeMalformed)
		s.refused(s.request(func(r *http.Request) { r.Header.Set("Content-Encoding", "identity, gzip") }), verify.EnvelopeMalformed)
		s.allowed(s.request(func(r *http.Request) { r.Header.Set("Content-Encoding", "identity") }))
	})
}

type iotestError struct{}

func (iotestError) Read([]byte) (int, error) { return 0, errors.New("must not be read") }

// WEB-03: a body that comes byte by byte ends at the time cap.
func TestWEB03SlowBody(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) { c.Timeout = 50 * time.Millisecond })
	// The rest of the body never comes; the answer does.
	answer := s.raw("POST /charge HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAgent-Passport: " +
		encode(s.shown(body)) + "\r\nContent-Length: 24\r\n\r\n{\"item\"")
	require.Regexp(t, `^HTTP/1.1 400 `, answer)
	require.Contains(t, answer, "envelope.malformed")
	require.Zero(t, s.ran.Load())
}

// After a request in time the deadline is gone: a slow handler reads on.
func TestDeadlineDoesNotOutliveTheBody(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) { c.Timeout = 250 * time.Millisecond })
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			t.Error("the request was cancelled")
		case <-time.After(400 * time.Millisecond):
		}
	}
	s.allowed(s.request())
	s.allowed(s.request(func(r *http.Request) { // of which net/http awaits nothing more
		r.Body, r.ContentLength = http.NoBody, 0
		r.Header.Set("Agent-Passport", encode(s.shown("")))
	}))
}

// WEB-04: the handler sees exactly the verified bytes, whatever the host's
// question did with them, and no trailers.
func TestWEB04HandlerReadsTheVerifiedBytes(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		inner := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			_, err := io.Copy(io.Discard, r.Body)
			require.NoError(t, err)
			r.Header.Set("X-Changed", "1")
			r.URL.Path = "/elsewhere"
			r.Method = http.MethodDelete
			return inner(r)
		}
	})
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		require.Equal(t, body, string(got))
		require.EqualValues(t, len(body), r.ContentLength)
		require.Empty(t, r.Trailer)
		require.Empty(t, r.TransferEncoding)
		require.Empty(t, r.Header.Get("Trailer"))
		require.Empty(t, r.Header.Get("X-Changed"))
		require.Empty(t, r.Header.Get("Agent-Passport"), "the presentation is not the handler's")
		require.Equal(t, "/charge", r.URL.Path)
		require.Equal(t, http.MethodPost, r.Method)
		more, err := r.Body.Read(make([]byte, 1))
		require.Zero(t, more)
		require.ErrorIs(t, err, io.EOF)
	}
	s.allowed(s.request())
	t.Run("chunked, with a trailer", func(t *testing.T) {
		s.allowed(s.request(func(r *http.Request) {
			r.ContentLength, r.GetBody = -1, nil
			r.Body = io.NopCloser(strings.NewReader(body))
			r.Trailer = http.Header{"X-Amount": {"1000000"}}
		}))
	})
	t.Run("pipelined", func(t *testing.T) {
		before := s.ran.Load()
		one := "POST /charge HTTP/1.1\r\nHost: x\r\nAgent-Passport: " + encode(s.shown(body)) + "\r\nContent-Length: 24\r\n\r\n" + body
		two := "POST /charge HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
		in := bufio.NewReader(strings.NewReader(s.raw(one + two)))
		for _, want := range []int{200, 401} {
			resp, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			require.Equal(t, want, resp.StatusCode)
			_, _ = io.Copy(io.Discard, resp.Body)
		}
		require.Equal(t, before+1, s.ran.Load())
	})
	for name, edit := range map[string]func(*http.Request){
		"other bytes": func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Replace(body, "5", "6", 1))) },
		"no body": func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
		},
		"one byte more":         func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body+" ")), 25 },
		"a body where none was": func(r *http.Request) { r.Header.Set("Agent-Passport", encode(s.shown(""))) },
	} {
		t.Run(name, func(t *testing.T) { s.on(t).refused(s.request(edit), verify.ProofIntentMismatch) })
	}
}

// WEB-04: what Check leaves in a request is what was verified; the map of
// header fields that it was given is not changed.
func TestWEB04CheckLeavesTheVerifiedRequest(t *testing.T) {
	s := newShop(t)
	r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader(body))
	r.Header.Set("Agent-Passport", encode(s.shown(body)))
	r.Header.Set("Trailer", "X-Amount")
	r.Trailer = http.Header{"X-Amount": {"1000000"}}
	before, given := r.Header, r.Header.Clone()
	_, err := s.guard.Check(r)
	verifytest.AssertAllowed(t, err)
	require.Equal(t, given, before)
	require.Empty(t, r.Header)
	require.Nil(t, r.Trailer)
}

// WEB-04: a form that an outer handler has parsed is not what was verified.
func TestWEB04FormsOfBeforeAreGone(t *testing.T) {
	s := newShop(t)
	r := httptest.NewRequest(http.MethodPost, "/charge", strings.NewReader("amount=1000000"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Agent-Passport", encode(s.shown("")))
	require.Equal(t, "1000000", r.FormValue("amount")) // the body is read, what is left is empty
	r.ContentLength = -1
	_, err := s.guard.Check(r)
	verifytest.AssertAllowed(t, err)
	require.Empty(t, r.FormValue("amount"))
	require.Empty(t, r.PostFormValue("amount"))
}
