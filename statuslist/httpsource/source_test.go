package httpsource_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
)

// TestMain points the proxy variables at a proxy that answers nothing: a source
// that looked at them would fail every test here.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		os.Setenv(name, "http://127.0.0.1:1")
	}
	os.Unsetenv("NO_PROXY")
	os.Unsetenv("no_proxy")
	os.Exit(m.Run())
}

// host is a web server on loopback, under every name below example.com, which
// the certificate of httptest is for.
type host struct {
	*httptest.Server
	hits atomic.Int64

	mu     sync.Mutex
	handle http.HandlerFunc
	now    time.Time
	events []statuslist.FetchEvent
}

func serve(t testing.TB, handle http.HandlerFunc) *host {
	t.Helper()
	h := &host{handle: handle, now: now}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.hits.Add(1)
		h.mu.Lock()
		handle := h.handle
		h.mu.Unlock()
		handle(w, r)
	}))
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.StartTLS()
	t.Cleanup(h.Close)
	return h
}

// becomes changes what the host does from now on.
func (h *host) becomes(handle http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handle = handle
}

func (h *host) url(name, path string) string {
	_, port, _ := net.SplitHostPort(h.Listener.Addr().String())
	return "https://" + name + ".example.com:" + port + path
}

func loopback(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// config reaches the host in spite of its address.
func (h *host) config() httpsource.Config {
	pool := x509.NewCertPool()
	pool.AddCert(h.Certificate())
	return httpsource.Config{
		RootCAs: pool, LookupNetIP: loopback, InsecureAllowPrivateAddresses: true,
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now
		},
		Observe: func(e statuslist.FetchEvent) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.events = append(h.events, e)
		},
	}
}

func (h *host) last() statuslist.FetchEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.events[len(h.events)-1]
}

func (h *host) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *host) source(t testing.TB, edits ...func(*httpsource.Config)) *httpsource.Source {
	t.Helper()
	c := h.config()
	for _, e := range edits {
		e(&c)
	}
	s, err := httpsource.New(c)
	require.NoError(t, err)
	return s
}

// plain answers with a body and these header lines.
func plain(body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vc")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		fmt.Fprint(w, body)
	}
}

// renamed is a source in the names that the test server has a certificate for.
type renamed struct {
	*httpsource.Source
	host *host
}

func (r renamed) StatusList(ctx context.Context, url string) (*statuslist.Fetched, error) {
	for _, name := range []string{"issuer", "other"} {
		if path, ok := strings.CutPrefix(url, "https://"+name+".example/"); ok {
			url = r.host.url(name, "/"+path)
		}
	}
	return r.Source.StatusList(ctx, url)
}

func TestConformance(t *testing.T) {
	verifytest.TestSource(t, func(t testing.TB, lists map[string][]byte) statuslist.Source {
		h := serve(t, func(w http.ResponseWriter, r *http.Request) {
			name, _, _ := strings.Cut(r.Host, ".")
			raw, ok := lists["https://"+name+".example"+r.RequestURI]
			if !ok {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/vc")
			_, _ = w.Write(raw)
		})
		return renamed{h.source(t), h}
	})
}

// TestSTL08Faults: whatever goes wrong is status.unavailable, and never a list.
func TestSTL08Faults(t *testing.T) {
	status := func(n int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.Header().Set("Content-Type", "application/vc")
			w.WriteHeader(n)
			if n >= 200 && n != 204 && n != 304 {
				fmt.Fprint(w, "{}")
			}
		}
	}
	for name, tc := range map[string]struct {
		handle http.HandlerFunc
		none   bool          // the host says that there is no such list
		until  time.Duration // it wants to be asked again then
	}{
		"404":                 {status(404), true, 0},
		"410":                 {status(410), true, 0},
		"201":                 {status(201), false, 0},
		"204":                 {status(204), false, 0},
		"206":                 {status(206), false, 0},
		"301":                 {status(301, "Location", "/elsewhere"), false, 0},
		"302":                 {status(302, "Location", "https://10.0.0.1/"), false, 0},
		"304 unasked":         {status(304), false, 0},
		"307":                 {status(307, "Location", "/elsewhere"), false, 0},
		"403":                 {status(403), false, 0},
		"429":                 {status(429, "Retry-After", "120"), false, 2 * time.Minute},
		"500":                 {status(500), false, 0},
		"502":                 {status(502), false, 0},
		"503 with a date":     {status(503, "Retry-After", "Sat, 21 Nov 2026 09:05:00 GMT"), false, 5 * time.Minute},
		"503 with rubbish":    {status(503, "Retry-After", "soon"), false, 0},
		"Refresh":             {plain("{}", "Refresh", "0; url=/elsewhere"), false, 0},
		"HTML":                {plain("<html>", "Content-Type", "text/html"), false, 0},
		"a DID document":      {plain("{}", "Content-Type", "application/did+json"), false, 0},
		"compressed":          {plain("{}", "Content-Encoding", "gzip"), false, 0},
		"too large":           {plain(strings.Repeat(" ", 3<<20+256<<10+1)), false, 0},
		"cut":                 {plain("{", "Content-Length", "100"), false, 0},
		"header of 64 KiB":    {plain("{}", "X", strings.Repeat("x", 64<<10)), false, 0},
		"no answer":           {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, false, 0},
		"the server hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, tc.handle)
			s := h.source(t, func(c *httpsource.Config) {
				if name == "no answer" {
					c.Timeout = 100 * time.Millisecond
				}
			})
			f, err := s.StatusList(ctx, h.url("issuer", "/1"))
			require.Nil(t, f)
			require.ErrorIs(t, err, code.StatusUnavailable)
			require.ErrorIs(t, err, statuslist.ErrRetrieval)
			require.ErrorContains(t, err, h.url("issuer", "/1"))
			require.EqualValues(t, 1, h.hits.Load())
			require.Equal(t, tc.none, errors.Is(err, statuslist.ErrNotFound))
			var e *code.Error
			require.ErrorAs(t, err, &e)
			if tc.until == 0 {
				require.True(t, e.Until.IsZero())
			} else {
				require.True(t, e.Until.Equal(now.Add(tc.until)), e.Until)
			}
			require.Equal(t, statuslist.FetchEvent{URL: h.url("issuer", "/1"), Err: err}, h.last())

			h.becomes(plain("{}"))
			f, err = s.StatusList(ctx, h.url("issuer", "/1"))
			require.NoError(t, err, "the good twin; a failure is not kept")
			require.Equal(t, "{}", string(f.Raw))
		})
	}
	h := serve(t, plain(strings.Repeat(" ", 3<<20+256<<10)))
	_, err := h.source(t).StatusList(ctx, h.url("issuer", "/at the cap"))
	require.ErrorIs(t, err, statuslist.ErrNotFound, "a URL of two readings is not fetched")
	_, err = h.source(t).StatusList(ctx, h.url("issuer", "/cap"))
	require.NoError(t, err)
}

// TestDID12Guard: the guard is that of did:web.
func TestDID12Guard(t *testing.T) {
	h := serve(t, plain("{}"))
	public, private := netip.MustParseAddr("192.0.9.1"), netip.MustParseAddr("127.0.0.1")
	for _, answers := range [][]netip.Addr{
		{private}, {netip.MustParseAddr("::ffff:127.0.0.1")}, {netip.MustParseAddr("169.254.169.254")}, {netip.MustParseAddr("fc00::1")}, {public, private}, {},
	} {
		s := h.source(t, func(c *httpsource.Config) {
			c.InsecureAllowPrivateAddresses = false
			c.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) { return answers, nil }
		})
		_, err := s.StatusList(ctx, h.url("issuer", "/1"))
		require.ErrorIs(t, err, code.StatusUnavailable)
		require.Regexp(t, "not a public address|no address", err)
	}
	s := h.source(t, func(c *httpsource.Config) {
		c.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) {
			t.Error("looked up")
			return nil, nil
		}
	})
	for _, bad := range []string{
		"http://issuer.example/s", "https://127.0.0.1/s", "https://[::1]/s", "https://2130706433/s",
		"https://issuer.example/s#f", "https://u@issuer.example/s", "https://issuer.example:0/s", "did:web:issuer.example",
	} {
		_, err := s.StatusList(ctx, bad)
		require.ErrorIs(t, err, statuslist.ErrNotFound, bad)
	}
	require.Zero(t, h.hits.Load())
	// A certificate of another authority.
	_, err := h.source(t, func(c *httpsource.Config) { c.RootCAs = x509.NewCertPool() }).StatusList(ctx, h.url("issuer", "/1"))
	require.ErrorIs(t, err, code.StatusUnavailable)
	require.Zero(t, h.hits.Load())
}

// A host that sends what is not one validator is asked for the whole list: "*" would
// have every host say for ever that nothing has changed.
func TestETagThatIsNone(t *testing.T) {
	for tag, want := range map[string]string{
		`"1"`: `"1"`, `W/"1"`: `W/"1"`, `""`: `""`, "\"\xe9\"": "\"\xe9\"",
		"*": "", "1": "", `"1", "2"`: "", `W/*`: "", `w/"1"`: "", `"1`: "", `"`: "", `"a"b"`: "", `"a b"`: "",
	} {
		var asked []string
		h := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Header.Get("If-None-Match"))
			w.Header().Set("Content-Type", "application/vc")
			w.Header().Set("ETag", tag)
			fmt.Fprint(w, "list")
		})
		s := h.source(t)
		for range 2 {
			f, err := s.StatusList(ctx, h.url("issuer", "/1"))
			require.NoError(t, err)
			require.Equal(t, want, f.ETag)
			h.advance(time.Hour)
		}
		require.Equal(t, []string{"", want}, asked, tag)
	}
}

// TestETag: the host is asked whether the list has changed, and who made
// something of the bytes finds it again by their pointer.
func TestETag(t *testing.T) {
	var asked []string
	edition := "1"
	tag := func() string { return `"` + edition + `"` }
	h := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match"))
		w.Header().Set("Content-Type", "application/vc")
		w.Header().Set("ETag", tag())
		w.Header().Set("Cache-Control", "max-age=60")
		if r.Header.Get("If-None-Match") == tag() {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "list "+edition)
	})
	s := h.source(t)
	get := func(want string) *statuslist.Fetched {
		t.Helper()
		f, err := s.StatusList(ctx, h.url("issuer", "/1"))
		require.NoError(t, err)
		require.Equal(t, want, string(f.Raw))
		return f
	}
	first := get("list 1")
	require.Equal(t, `"1"`, first.ETag)
	require.True(t, first.At.Equal(now))
	h.advance(time.Minute)
	require.Same(t, first, get("list 1"))
	require.True(t, h.last().Unchanged)
	require.True(t, h.last().Next.Equal(now.Add(2*time.Minute)), "a 304 renews the lifetime")
	h.advance(59 * time.Second)
	require.Same(t, first, get("list 1"))
	edition = "2"
	h.advance(time.Second)
	second := get("list 2")
	require.False(t, h.last().Unchanged)
	require.True(t, second.At.Equal(now.Add(2*time.Minute)))
	edition = strings.Repeat("3", 300) // not kept: nobody is told a page as a validator
	h.advance(time.Minute)
	require.Empty(t, get("list "+edition).ETag)
	h.advance(time.Minute)
	third := get("list " + edition)
	require.Same(t, third, get("list "+edition), "the same bytes, sent once more, are the same list")
	require.Equal(t, []string{"", `"1"`, `"1"`, `"2"`, ""}, asked)
}

// TestFreshness: what the host and the list say is minded, within the bounds.
func TestFreshness(t *testing.T) {
	list := func(ttl, validFor time.Duration) string {
		p, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/1", Purpose: statuslist.Revocation})
		require.NoError(t, err)
		editions, err := p.Publish(ctx, verifytest.Key("issuer"), statuslist.PublishOptions{Now: now, TTL: ttl, ValidFor: validFor})
		require.NoError(t, err)
		return string(editions[0].Raw)
	}
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		body, control string
		want          time.Duration
	}{
		"nothing said":               {"x", "", time.Minute},
		"the host":                   {"x", "max-age=300", 5 * time.Minute},
		"the list":                   {list(2*time.Minute, day), "", 2 * time.Minute},
		"both, the list sooner":      {list(2*time.Minute, day), "max-age=300", 2 * time.Minute},
		"both, the host sooner":      {list(10*time.Minute, day), "max-age=300", 5 * time.Minute},
		"no-cache":                   {list(10*time.Minute, day), "no-cache", 5 * time.Second},
		"no-store":                   {"x", "no-store", 5 * time.Second},
		"max-age=0":                  {"x", "max-age=0", 5 * time.Second},
		"a ttl of a millisecond":     {list(time.Millisecond, day), "max-age=300", 5 * time.Second},
		"a year":                     {"x", "max-age=31536000", 15 * time.Minute},
		"a ttl of a day":             {list(day, day), "", 15 * time.Minute},
		"not beyond the list's end":  {list(0, 30*time.Second), "max-age=300", 30 * time.Second},
		"an end, and nothing said":   {list(0, 30*time.Second), "", 30 * time.Second},
		"an end that is here":        {list(0, time.Second), "max-age=300", 5 * time.Second},
		"an end, and a sooner ttl":   {list(20*time.Second, 30*time.Second), "max-age=300", 20 * time.Second},
		"a far end, and nothing":     {list(0, day), "", time.Minute},
		"max-age that is not number": {"x", "max-age=soon", 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, plain(tc.body, "Cache-Control", tc.control))
			s := h.source(t)
			get := func() {
				_, err := s.StatusList(ctx, h.url("issuer", "/1"))
				require.NoError(t, err)
			}
			get()
			require.Equal(t, tc.want, h.last().Next.Sub(now))
			h.advance(tc.want - 1)
			get()
			require.EqualValues(t, 1, h.hits.Load())
			h.advance(1)
			get()
			require.EqualValues(t, 2, h.hits.Load())
		})
	}
	h := serve(t, plain("x", "Cache-Control", "max-age=7"))
	_, err := h.source(t, func(c *httpsource.Config) { c.MinTTL = 10 * time.Second }).StatusList(ctx, h.url("issuer", "/1"))
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, h.last().Next.Sub(now))
	_, err = h.source(t, func(c *httpsource.Config) { c.MaxTTL = 6 * time.Second }).StatusList(ctx, h.url("issuer", "/1"))
	require.NoError(t, err)
	require.Equal(t, 6*time.Second, h.last().Next.Sub(now))
	h.becomes(plain("x"))
	_, err = h.source(t, func(c *httpsource.Config) { c.TTL = 9 * time.Second }).StatusList(ctx, h.url("issuer", "/1"))
	require.NoError(t, err)
	require.Equal(t, 9*time.Second, h.last().Next.Sub(now))
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]httpsource.Config{
		"negative TTL": {TTL: -1}, "negative MinTTL": {MinTTL: -1}, "negative MaxTTL": {MaxTTL: -1},
		"MaxTTL below MinTTL": {MinTTL: time.Minute, MaxTTL: time.Second},
		"negative Timeout":    {Timeout: -1}, "Timeout of a minute": {Timeout: time.Minute},
		"ConnectTimeout": {ConnectTimeout: time.Minute}, "Lists": {Lists: -1}, "Bytes": {Bytes: 1 << 40},
	} {
		_, err := httpsource.New(c)
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
	s, err := httpsource.New(httpsource.Config{})
	require.NoError(t, err)
	stopped, stop := context.WithCancel(ctx)
	stop()
	require.ErrorIs(t, s.Run(stopped), context.Canceled)
}

// TestBytes: the documents' caps are those of the configuration.
func TestBytes(t *testing.T) {
	h := serve(t, func(w http.ResponseWriter, r *http.Request) { plain(strings.Repeat(" ", len(r.URL.Path)*1000))(w, r) })
	s := h.source(t, func(c *httpsource.Config) { c.Documents.DocumentBytes, c.Documents.EncodedListBytes = 2000, 2000 })
	_, err := s.StatusList(ctx, h.url("issuer", "/123"))
	require.NoError(t, err)
	_, err = s.StatusList(ctx, h.url("issuer", "/1234"))
	require.ErrorIs(t, err, code.StatusUnavailable)
	require.ErrorContains(t, err, "4000")
}
