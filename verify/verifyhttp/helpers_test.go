package verifyhttp_test

import (
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const body = `{"item":"gpu","hours":5}`

// shop is a guarded server on the loopback interface, and an agent.
type shop struct {
	*verifytest.World
	t      testing.TB
	pass   *credential.Signed
	guard  *verifyhttp.Guard
	server *httptest.Server
	ran    *atomic.Int64 // how often the handler ran

	handler func(w http.ResponseWriter, r *http.Request) // nil: answers 204
}

func newShop(t testing.TB, edits ...func(*verifyhttp.GuardConfig)) *shop {
	w := verifytest.NewWorld(t)
	s := &shop{World: w, t: t, pass: w.Issue(w.Passport()), ran: new(atomic.Int64)}
	c := verifyhttp.GuardConfig{
		Verifier: w.Verifier(), Audience: verifytest.Audience, Now: w.Clock.Now,
		Request: func(*http.Request) (verify.Request, error) {
			q := w.Request()
			q.Audience = ""
			return q, nil
		},
	}
	for _, edit := range edits {
		edit(&c)
	}
	var err error
	s.guard, err = verifyhttp.NewGuard(c)
	require.NoError(t, err)
	s.server = httptest.NewUnstartedServer(s.guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ran.Add(1)
		if s.handler != nil {
			s.handler(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // panics of handlers are meant
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

// on is the shop as a subtest sees it.
func (s *shop) on(t testing.TB) *shop {
	c := *s
	c.t = t
	return &c
}

// shown is a fresh presentation over a body.
func (s *shop) shown(body string) []byte {
	return s.Present(s.pass, s.Intent(func(in *passport.Intent) {
		if body != "" {
			in.BodyDigest = passport.Digest([]byte(body))
		}
	}))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// request is a good request with a body.
func (s *shop) request(edits ...func(*http.Request)) *http.Request {
	r, err := http.NewRequest(http.MethodPost, s.server.URL+"/charge", strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(verifyhttp.HeaderPassport, encode(s.shown(body)))
	for _, edit := range edits {
		edit(r)
	}
	return r
}

// do sends a request and reads the whole answer.
func (s *shop) do(r *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := s.server.Client().Do(r)
	require.NoError(s.t, err)
	return resp, readAll(s.t, resp)
}

func readAll(t testing.TB, resp *http.Response) string {
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

// allowed sends a request that must reach the handler.
func (s *shop) allowed(r *http.Request) {
	s.t.Helper()
	before := s.ran.Load()
	resp, text := s.do(r)
	require.Less(s.t, resp.StatusCode, 300, text)
	require.Equal(s.t, before+1, s.ran.Load(), "the handler did not run")
}

// refused sends a request that must not reach the handler, and be answered
// with the problem of that code.
func (s *shop) refused(r *http.Request, code verify.Code) string {
	s.t.Helper()
	before := s.ran.Load()
	resp, text := s.do(r)
	s.isProblem(resp, text, code)
	require.Equal(s.t, before, s.ran.Load(), "the handler ran")
	return text
}

func (s *shop) isProblem(resp *http.Response, text string, code verify.Code) {
	s.t.Helper()
	info, ok := verify.Lookup(code)
	require.True(s.t, ok)
	require.Equal(s.t, info.HTTP, resp.StatusCode, text)
	require.Equal(s.t, "application/problem+json", resp.Header.Get("Content-Type"))
	require.Equal(s.t, "no-store", resp.Header.Get("Cache-Control"))
	resp.Body = io.NopCloser(strings.NewReader(text))
	p, err := verifyhttp.ReadProblem(resp)
	require.NoError(s.t, err)
	require.Equal(s.t, code, p.Code, text)
	if info.HTTP == http.StatusUnauthorized {
		require.Contains(s.t, resp.Header.Get("WWW-Authenticate"), `AgentPassport audience="did:web:shop.example"`)
	} else {
		require.Empty(s.t, resp.Header.Get("WWW-Authenticate"))
	}
}

// raw sends bytes over a connection of its own and returns the whole answer.
func (s *shop) raw(text string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	require.NoError(s.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(s.t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(s.t, err)
	return string(answer)
}
