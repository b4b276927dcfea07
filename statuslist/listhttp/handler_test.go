package listhttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
)

const base = "https://issuer.example"

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
)

func publisher(t *testing.T, url string) *statuslist.Publisher {
	t.Helper()
	p, err := statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: url, Also: map[statuslist.Encoding]string{statuslist.StatusList2021: url + "/2021"}, Purpose: statuslist.Revocation,
	})
	require.NoError(t, err)
	return p
}

func publish(t *testing.T, p *statuslist.Publisher, to statuslist.Target, at time.Time, ttl time.Duration) statuslist.Editions {
	t.Helper()
	key, err := did.GenerateKey()
	require.NoError(t, err)
	editions, err := p.Publish(ctx, key, statuslist.PublishOptions{Now: at, ValidFor: time.Hour, TTL: ttl})
	require.NoError(t, err)
	require.NoError(t, editions.PutTo(ctx, to))
	return editions
}

func handler(t *testing.T, source statuslist.Source, clock *time.Time) *listhttp.Handler {
	t.Helper()
	h, err := listhttp.New(source, listhttp.Config{Base: base, Now: func() time.Time { return *clock }})
	require.NoError(t, err)
	return h
}

func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestServe: each encoding under its media type, byte for byte, with validators
// and a lifetime, from memory and from a folder.
func TestServe(t *testing.T) {
	for name, lists := range map[string]interface {
		statuslist.Source
		statuslist.Target
	}{"Memory": new(statuslist.Memory), "Dir": statuslist.Dir(t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			clock := now
			h := handler(t, lists, &clock)
			for _, e := range publish(t, publisher(t, base+"/status/1"), lists, now, 5*time.Minute) {
				path := e.URL[len(base):]
				w := ask(h, http.MethodGet, path)
				require.Equal(t, http.StatusOK, w.Code)
				require.Equal(t, e.Raw, w.Body.Bytes())
				require.Equal(t, e.MediaType, w.Header().Get("Content-Type"))
				require.Regexp(t, `^"[\w-]{43}"$`, w.Header().Get("ETag"))
				require.Equal(t, "Sat, 21 Nov 2026 09:00:00 GMT", w.Header().Get("Last-Modified"))
				want := "public, max-age=300"
				if e.Encoding == statuslist.StatusList2021 {
					want = "no-cache" // it cannot say a ttl
				}
				require.Equal(t, want, w.Header().Get("Cache-Control"))
				require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
				require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))

				head := ask(h, http.MethodHead, path)
				require.Equal(t, http.StatusOK, head.Code)
				require.Empty(t, head.Body.Bytes())
				require.Equal(t, w.Header(), head.Header())
			}
		})
	}
}

// TestNotModified: who has the list already is not sent it again, and who has
// another is, also within one second.
func TestNotModified(t *testing.T) {
	lists, clock := new(statuslist.Memory), now
	h, p := handler(t, lists, &clock), publisher(t, base+"/status/1")
	publish(t, p, lists, now, time.Minute)
	first := ask(h, http.MethodGet, "/status/1").Header()
	tag, modified := first.Get("ETag"), first.Get("Last-Modified")
	check := func(want map[string]int) {
		t.Helper()
		for name, header := range map[string][]string{
			"its tag":            {"If-None-Match", tag},
			"a weak tag":         {"If-None-Match", "W/" + tag},
			"one of several":     {"If-None-Match", `"x", ` + tag},
			"any":                {"If-None-Match", "*"},
			"another tag":        {"If-None-Match", `"x"`},
			"its date":           {"If-Modified-Since", modified},
			"a later date":       {"If-Modified-Since", "Sat, 21 Nov 2026 09:00:01 GMT"},
			"an earlier date":    {"If-Modified-Since", "Sat, 21 Nov 2026 08:59:59 GMT"},
			"not a date":         {"If-Modified-Since", "today"},
			"another tag, dated": {"If-None-Match", `"x"`, "If-Modified-Since", modified},
			"its tag, early":     {"If-None-Match", tag, "If-Modified-Since", "Sat, 21 Nov 2026 08:59:59 GMT"},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := ask(h, method, "/status/1", header...)
				require.Equal(t, want[name], w.Code, "%s, %s", name, method)
				if w.Code == http.StatusNotModified {
					require.Empty(t, w.Body.Bytes())
					require.NotEmpty(t, w.Header().Get("Cache-Control"), "a 304 renews the lifetime")
					require.NotEmpty(t, w.Header().Get("ETag"))
				}
			}
		}
	}
	check(map[string]int{
		"its tag": 304, "a weak tag": 304, "one of several": 304, "any": 304, "another tag": 200,
		"its date": 304, "a later date": 304, "an earlier date": 200, "not a date": 200, "another tag, dated": 200, "its tag, early": 304,
	})
	publish(t, p, lists, now.Add(100*time.Millisecond), time.Minute)
	check(map[string]int{
		"its tag": 200, "a weak tag": 200, "one of several": 200, "any": 304, "another tag": 200,
		"its date": 200, "a later date": 200, "an earlier date": 200, "not a date": 200, "another tag, dated": 200, "its tag, early": 200,
	})
	require.Empty(t, ask(h, http.MethodGet, "/status/1").Header().Get("Last-Modified"))
}

// TestLifetime: what the list says, and never beyond its end.
func TestLifetime(t *testing.T) {
	lists, clock := new(statuslist.Memory), now
	h := handler(t, lists, &clock)
	publish(t, publisher(t, base+"/a"), lists, now, 10*time.Minute)
	publish(t, publisher(t, base+"/none"), lists, now, 0)
	publish(t, publisher(t, base+"/short"), lists, now, 500*time.Millisecond)
	for _, tc := range []struct {
		path  string
		after time.Duration
		want  string
	}{
		{"/a", 0, "public, max-age=600"}, {"/a", 50 * time.Minute, "public, max-age=600"}, {"/a", 50*time.Minute + time.Second, "public, max-age=599"},
		{"/a", 59*time.Minute + 59*time.Second, "public, max-age=1"}, {"/a", time.Hour, "no-cache"}, {"/a", 2 * time.Hour, "no-cache"},
		{"/none", 0, "no-cache"}, {"/short", 0, "no-cache"},
	} {
		clock = now.Add(tc.after)
		w := ask(h, http.MethodGet, tc.path)
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, tc.want, w.Header().Get("Cache-Control"), "%s after %s", tc.path, tc.after)
	}
}

func TestOtherMethods(t *testing.T) {
	lists, clock := new(statuslist.Memory), now
	h := handler(t, lists, &clock)
	publish(t, publisher(t, base+"/status/1"), lists, now, 0)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"} {
		w := ask(h, method, "/status/1")
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		require.NotContains(t, w.Body.String(), "encodedList")
	}
}

// TestOtherPaths: a list is served at its own URL, in one spelling.
func TestOtherPaths(t *testing.T) {
	lists, clock := new(statuslist.Memory), now
	h := handler(t, lists, &clock)
	publish(t, publisher(t, base+"/status/1"), lists, now, 0)
	publish(t, publisher(t, "https://other.example/status/2"), lists, now, 0)
	publish(t, publisher(t, base+"/status/%C3%A9?v=2"), lists, now, 0)
	for path, want := range map[string]int{
		"/status/1": 200, "/status/%C3%A9?v=2": 200,
		"/status/2": 404, "/status/3": 404, "/status": 404, "/": 404, "/status/1/": 404, "/status/1?": 404, "/status/1?v=1": 404, "/status//1": 404,
		"/status/%31": 404, "/STATUS/1": 404, "/status/x/../1": 404, "/status/%C3%A9": 404, "/status/%c3%a9?v=2": 404, "//other.example/status/2": 404,
	} {
		w := ask(h, http.MethodGet, path, "X-Forwarded-Host", "other.example")
		require.Equal(t, want, w.Code, path)
	}
	r := httptest.NewRequest(http.MethodGet, "/status/2", nil)
	r.Host = "other.example"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusNotFound, w.Code, "what a request says about its host is not believed")
}

// TestSourceInTrouble: what cannot be served is 503, without a word about why.
func TestSourceInTrouble(t *testing.T) {
	clock, lists := now, new(statuslist.Memory)
	publish(t, publisher(t, base+"/status/1"), lists, now, 0)
	good, err := lists.StatusList(ctx, base+"/status/1")
	require.NoError(t, err)
	for name, source := range map[string]statuslist.SourceFunc{
		"an error": func(context.Context, string) (*statuslist.Fetched, error) {
			return nil, errors.New("secret.internal:5432")
		},
		"not a list": func(context.Context, string) (*statuslist.Fetched, error) {
			return &statuslist.Fetched{Raw: []byte("secret")}, nil
		},
		"another's list": func(context.Context, string) (*statuslist.Fetched, error) { return good, nil },
		"a panic":        func(context.Context, string) (*statuslist.Fetched, error) { panic("secret") },
		"no function":    nil,
	} {
		w := ask(handler(t, source, &clock), http.MethodGet, "/status/2")
		require.Equal(t, http.StatusServiceUnavailable, w.Code, name)
		require.NotContains(t, w.Body.String(), "secret", name)
		require.Empty(t, w.Header().Get("ETag"), name)
	}
	for name, h := range map[string]*listhttp.Handler{"nil": nil, "zero": {}} {
		require.Equal(t, http.StatusServiceUnavailable, ask(h, http.MethodGet, "/status/1").Code, name)
	}
	dir := statuslist.Dir(t.TempDir())
	name, err := statuslist.FileName(base + "/status/1")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(string(dir), name), 0o755))
	require.Equal(t, http.StatusServiceUnavailable, ask(handler(t, dir, &clock), http.MethodGet, "/status/1").Code, "a folder in the place of the file")
}

// TestTokens: a list that is a token is served as one.
func TestTokens(t *testing.T) {
	clock, lists := now, new(statuslist.Memory)
	plain := publish(t, publisher(t, base+"/status/1"), lists, now, time.Minute)[0]
	list, err := credential.Parser{StatusList: true}.Credential(plain.Raw)
	require.NoError(t, err)
	key, err := did.GenerateKey()
	require.NoError(t, err)
	c := *list.Unverified()
	c.Issuer.ID = key.DID().String()
	token, err := credential.Sign(ctx, key, &c, credential.SignOptions{Format: vcjwt.Format()})
	require.NoError(t, err)
	source := statuslist.Static{base + "/status/1": {Raw: append(token.Bytes(), '\n')}}
	w := ask(handler(t, source, &clock), http.MethodGet, "/status/1")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, vcjwt.MediaTypeCredential, w.Header().Get("Content-Type"))
	require.Equal(t, "public, max-age=60", w.Header().Get("Cache-Control"))
}

func TestConfig(t *testing.T) {
	_, err := listhttp.New(nil, listhttp.Config{Base: base})
	require.ErrorIs(t, err, code.RequestInvalid)
	for _, bad := range []string{"", "issuer.example", "http://issuer.example", "https://issuer.example/",
		"https://Issuer.example", "https://u@issuer.example", "https://issuer.example?", "https://issuer.example#f", "https://127.0.0.1"} {
		_, err := listhttp.New(statuslist.Static{}, listhttp.Config{Base: bad})
		require.ErrorIs(t, err, code.RequestInvalid, bad)
	}
	for _, good := range []string{base, base + ":8443", base + "/lists"} {
		_, err := listhttp.New(statuslist.Static{}, listhttp.Config{Base: good})
		require.NoError(t, err, good)
	}
}
