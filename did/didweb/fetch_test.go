package didweb_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

func TestResolve(t *testing.T) {
	var s *server
	s = newServer(t, func(w http.ResponseWriter, r *http.Request) {
		id := s.id
		if r.URL.Path == "/agents/a1/did.json" {
			id = did.MustParse(s.id.String() + ":agents:a1")
		} else if r.URL.Path != "/.well-known/did.json" {
			t.Error(r.URL.Path)
		}
		if r.Method != http.MethodGet || r.Header.Get("Accept-Encoding") != "" || r.Header.Get("Cookie") != "" {
			t.Error(r.Method, r.Header)
		}
		f, err := didweb.Publish(document(t, id))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", f.MediaType)
		_, _ = w.Write(f.Body)
	})
	r, err := didweb.New(s.config())
	require.NoError(t, err)
	for _, id := range []did.DID{s.id, did.MustParse(s.id.String() + ":agents:a1")} {
		for range 3 {
			doc, err := r.Resolve(ctx, id)
			require.NoError(t, err)
			require.Equal(t, document(t, id).Bytes(), doc.Bytes())
		}
	}
	require.EqualValues(t, 2, s.hits.Load(), "each document is fetched once")
	r.Forget(s.id)
	key, err := did.ResolveKey(ctx, did.Mux{"web": r}, did.MustParseURL(s.id.String()+"#k1"), did.AssertionMethod, time.Time{})
	require.NoError(t, err)
	require.False(t, key.IsZero())
	require.EqualValues(t, 3, s.hits.Load())
}

func TestDID11Redirects(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var s *server
			s = newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", didweb.MediaType)
				if r.URL.Path != "/elsewhere" {
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(status)
				}
				if status != http.StatusNotModified {
					_, _ = w.Write(document(t, s.id).Bytes())
				}
			})
			_, err := get(t, s.config(), s.id)
			require.ErrorIs(t, err, did.ErrUnavailable)
			require.EqualValues(t, 1, s.hits.Load())
		})
	}
	s := serve(t, func(h http.Header) { h.Set("Refresh", "0; url=/elsewhere") })
	_, err := get(t, s.config(), s.id)
	require.ErrorIs(t, err, did.ErrUnavailable)
}

func TestStatus(t *testing.T) {
	for status, want := range map[int]error{
		404: did.ErrNotFound, 410: did.ErrNotFound,
		201: did.ErrUnavailable, 202: did.ErrUnavailable, 203: did.ErrUnavailable, 204: did.ErrUnavailable, 206: did.ErrUnavailable,
		400: did.ErrUnavailable, 401: did.ErrUnavailable, 403: did.ErrUnavailable, 429: did.ErrUnavailable,
		500: did.ErrUnavailable, 503: did.ErrUnavailable,
	} {
		var s *server
		s = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", didweb.MediaType)
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = w.Write(document(t, s.id).Bytes())
			}
		})
		_, err := get(t, s.config(), s.id)
		require.ErrorIs(t, err, want, status)
	}
}

func TestDID12PrivateAddresses(t *testing.T) {
	s := serve(t, nil)
	for _, text := range []string{
		"127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "fc00::1", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1",
	} {
		c := s.config()
		c.InsecureAllowPrivateAddresses = false
		c.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(text)}, nil
		}
		_, err := get(t, c, s.id)
		require.ErrorIs(t, err, did.ErrUnavailable, text)
		require.ErrorContains(t, err, "not a public address", text)
	}
	require.Zero(t, s.dials.Load())
}

// TestDID12Localhost takes the system's own look-up.
func TestDID12Localhost(t *testing.T) {
	s := serve(t, nil)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	_, err = get(t, didweb.Config{RootCAs: s.authority.pool}, did.MustParse("did:web:localhost%3A"+port))
	require.ErrorIs(t, err, did.ErrUnavailable)
	require.ErrorContains(t, err, "not a public address")
	require.Zero(t, s.dials.Load())
}

func TestDID14MixedAnswers(t *testing.T) {
	s := serve(t, nil)
	public, private := netip.MustParseAddr("192.0.9.1"), netip.MustParseAddr("127.0.0.1")
	for _, answers := range [][]netip.Addr{{private, public}, {public, private}, {public, public, public, public, public, private}, {{}}, {}} {
		c := s.config()
		c.InsecureAllowPrivateAddresses = false
		c.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) { return answers, nil }
		_, err := get(t, c, s.id)
		require.ErrorIs(t, err, did.ErrUnavailable)
		require.Regexp(t, "not a public address|no address", err)
		require.NotContains(t, err.Error(), "dial tcp", "not even the public one is dialled")
	}
	require.Zero(t, s.dials.Load())
}

// TestDID14OneLookup holds that a name is looked up once for each fetch, so
// that there is no second answer to be different.
func TestDID14OneLookup(t *testing.T) {
	s := serve(t, nil)
	lookups := 0
	c := s.config()
	c.LookupNetIP = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
		lookups++
		require.Equal(t, "ip", network)
		require.Equal(t, hostName, host)
		return loopback(ctx, network, host)
	}
	_, err := get(t, c, s.id)
	require.NoError(t, err)
	require.Equal(t, 1, lookups)
}

func TestNextAddressIsTried(t *testing.T) {
	s := serve(t, nil)
	c := s.config()
	c.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) {
		// Nobody listens at the first: the server is on 127.0.0.1 only.
		return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("::ffff:127.0.0.1")}, nil
	}
	_, err := get(t, c, s.id)
	require.NoError(t, err)
}

// C6: the registered type of DID 1.1, those of DID 1.0 and those of servers
// that know neither are taken and asked for.
func TestC6MediaTypes(t *testing.T) {
	for _, media := range []string{
		"application/did", "application/did; charset=utf-8", "Application/DID", "application/did+json", "application/did+ld+json",
		"application/json", `application/json;charset="UTF-8"`, "application/ld+json", `application/ld+json; profile="https://www.w3.org/ns/did/v1"`,
	} {
		s := serve(t, func(h http.Header) { h.Set("Content-Type", media) })
		_, err := get(t, s.config(), s.id)
		require.NoError(t, err, media)
		for _, asked := range []string{
			"application/did", "application/did+json", "application/did+ld+json", "application/json", "application/ld+json",
		} {
			require.Contains(t, strings.Split(*s.accept.Load(), ", "), asked)
		}
	}
	for _, media := range []string{"application/did+cbor", "application/did-resolution", "application/didx", "text/json", "application/octet-stream"} {
		s := serve(t, func(h http.Header) { h.Set("Content-Type", media) })
		_, err := get(t, s.config(), s.id)
		require.ErrorIs(t, err, did.ErrUnavailable, media)
	}
}

func TestDID17Header(t *testing.T) {
	for name, row := range map[string]struct {
		edit func(h http.Header)
		want error
	}{
		"did+json":            {func(h http.Header) { h.Set("Content-Type", "application/did+json") }, nil},
		"did+ld+json":         {func(h http.Header) { h.Set("Content-Type", "application/did+ld+json") }, nil},
		"json":                {func(h http.Header) { h.Set("Content-Type", "application/json") }, nil},
		"json with charset":   {func(h http.Header) { h.Set("Content-Type", "Application/JSON; charset=utf-8") }, nil},
		"HTML":                {func(h http.Header) { h.Set("Content-Type", "text/html; charset=utf-8") }, did.ErrUnavailable},
		"plain text":          {func(h http.Header) { h.Set("Content-Type", "text/plain") }, did.ErrUnavailable},
		"other JSON":          {func(h http.Header) { h.Set("Content-Type", "application/problem+json") }, did.ErrUnavailable},
		"no type":             {func(h http.Header) { h["Content-Type"] = nil }, did.ErrUnavailable},
		"empty type":          {func(h http.Header) { h.Set("Content-Type", "") }, did.ErrUnavailable},
		"malformed type":      {func(h http.Header) { h.Set("Content-Type", "application/json;;=") }, did.ErrUnavailable},
		"two types":           {func(h http.Header) { h.Add("Content-Type", "text/html") }, did.ErrUnavailable},
		"gzip":                {func(h http.Header) { h.Set("Content-Encoding", "gzip") }, did.ErrUnavailable},
		"identity":            {func(h http.Header) { h.Set("Content-Encoding", "identity") }, did.ErrUnavailable},
		"header of 64 KiB":    {func(h http.Header) { h.Set("X", strings.Repeat("x", 64<<10)) }, did.ErrUnavailable},
		"attachment, cookies": {func(h http.Header) { h.Set("Content-Disposition", "attachment"); h.Set("Set-Cookie", "a=b") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, row.edit)
			_, err := get(t, s.config(), s.id)
			require.ErrorIs(t, err, row.want)
		})
	}
}

func TestDID17Body(t *testing.T) {
	pad := func(n int) func(w http.ResponseWriter, text string) {
		return func(w http.ResponseWriter, text string) { fmt.Fprint(w, text, strings.Repeat(" ", n-len(text))) }
	}
	for name, row := range map[string]struct {
		write func(w http.ResponseWriter, text string)
		want  error
	}{
		"64 KiB":     {pad(64 << 10), nil},
		"64 KiB + 1": {pad(64<<10 + 1), did.ErrUnavailable},
		"announced": {func(w http.ResponseWriter, text string) {
			w.Header().Set("Content-Length", fmt.Sprint(64<<10+1))
			pad(64<<10+1)(w, text)
		}, did.ErrUnavailable},
		"cut": {func(w http.ResponseWriter, text string) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, text[:20])
		}, did.ErrUnavailable},
		"empty":       {func(http.ResponseWriter, string) {}, did.ErrInvalidDocument},
		"HTML":        {func(w http.ResponseWriter, _ string) { fmt.Fprint(w, "<!doctype html>") }, did.ErrInvalidDocument},
		"two of them": {func(w http.ResponseWriter, text string) { fmt.Fprint(w, text, text) }, did.ErrInvalidDocument},
		"gzip without saying so": {func(w http.ResponseWriter, text string) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			fmt.Fprint(z, text)
			z.Close()
			_, _ = w.Write(b.Bytes())
		}, did.ErrInvalidDocument},
	} {
		t.Run(name, func(t *testing.T) {
			var s *server
			s = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", didweb.MediaType)
				row.write(w, string(document(t, s.id).Bytes()))
			})
			_, err := get(t, s.config(), s.id)
			require.ErrorIs(t, err, row.want)
		})
	}
}

// TestDID17EndlessBody holds that reading stops by itself: the server writes
// until it is cut off.
func TestDID17EndlessBody(t *testing.T) {
	gone := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		w.Header().Set("Content-Type", didweb.MediaType)
		chunk := bytes.Repeat([]byte(" "), 32<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := get(t, s.config(), s.id)
	require.ErrorIs(t, err, did.ErrUnavailable)
	require.ErrorContains(t, err, "65536 bytes") // and not the time
	<-gone
}

// TestDID17Slow holds that the time cap covers each phase. The servers would
// wait forever; only the resolver's own clock ends it.
func TestDID17Slow(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"no body": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", didweb.MediaType)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"one byte": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", didweb.MediaType)
			fmt.Fprint(w, "{")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, handler)
			c := s.config()
			c.Timeout = 300 * time.Millisecond
			_, err := get(t, c, s.id)
			require.ErrorIs(t, err, did.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
	t.Run("look-up", func(t *testing.T) {
		c := didweb.Config{ConnectTimeout: 50 * time.Millisecond}
		c.LookupNetIP = func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.LessOrEqual(t, time.Until(deadline), c.ConnectTimeout)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		_, err := get(t, c, did.MustParse("did:web:issuer.example"))
		require.ErrorIs(t, err, did.ErrUnavailable)
	})
	t.Run("handshake", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
		require.NoError(t, err)
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		c := didweb.Config{LookupNetIP: loopback, InsecureAllowPrivateAddresses: true, Timeout: 100 * time.Millisecond}
		_, err = get(t, c, did.MustParse("did:web:issuer.example%3A"+port))
		require.ErrorIs(t, err, did.ErrUnavailable)
		// The connection does not outlive its fetch for long.
		conn, err := l.Accept()
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, conn)
	})
}

func TestDID18DocumentOfAnother(t *testing.T) {
	for name, body := range map[string]string{
		"another DID":         `{"id":"did:web:stranger.example"}`,
		"a longer DID":        `{"id":"ID:x"}`,
		"in upper case":       `{"id":"did:web:ISSUER.example"}`,
		"without the port":    `{"id":"did:web:issuer.example"}`,
		"no id":               `{}`,
		"duplicate id":        `{"id":"did:web:stranger.example","id":"ID"}`,
		"duplicate id behind": `{"id":"ID","id":"did:web:stranger.example"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil, body)
			_, err := get(t, s.config(), s.id)
			require.ErrorIs(t, err, did.ErrInvalidDocument)
		})
	}
}

func TestKEY02LowOrderKeyFromTheWeb(t *testing.T) {
	// The neutral element, as a Multikey.
	s := serve(t, nil, `{"id":"ID","assertionMethod":[{"id":"ID#k1","type":"Multikey","controller":"ID",`+
		`"publicKeyMultibase":"z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP"}]}`)
	doc, err := get(t, s.config(), s.id)
	require.NoError(t, err)
	_, err = doc.Key(did.MustParseURL(s.id.String()+"#k1"), did.AssertionMethod, time.Time{})
	require.ErrorIs(t, err, did.ErrKey)
}

func TestDID22OneFetch(t *testing.T) {
	s := serve(t, nil)
	r, err := didweb.New(s.config())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := r.Resolve(ctx, s.id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, s.hits.Load())
}

func TestDID22Failures(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	now := today
	c := s.config()
	c.Now = func() time.Time { return now }
	r, err := didweb.New(c)
	require.NoError(t, err)
	for _, want := range []int64{1, 1} {
		_, err = r.Resolve(ctx, s.id)
		require.ErrorIs(t, err, did.ErrNotFound)
		require.Equal(t, want, s.hits.Load())
	}
	now = now.Add(30 * time.Second)
	_, err = r.Resolve(ctx, s.id)
	require.ErrorIs(t, err, did.ErrNotFound)
	require.EqualValues(t, 2, s.hits.Load())
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]didweb.Config{
		"negative timeout": {Timeout: -1},
		"long timeout":     {Timeout: 15*time.Second + 1},
		"long connect":     {ConnectTimeout: 15*time.Second + 1},
		"long TTL":         {TTL: 25 * time.Hour},
		"negative entries": {Entries: -1},
	} {
		_, err := didweb.New(c)
		require.Error(t, err, name)
	}
	var c didweb.Config
	c.Bounds.DocumentBytes = 256<<10 + 1
	_, err := didweb.New(c)
	require.ErrorContains(t, err, "did.Bounds.DocumentBytes is 262145")
}
