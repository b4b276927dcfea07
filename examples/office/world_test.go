package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// testKey is one for all tests: to make one takes a while.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

type testOffice struct {
	*testing.T
	*world
	clock *verifytest.Clock
}

func newTestOffice(t *testing.T, edits ...func(c *worldConfig)) *testOffice {
	o := openTestOffice(t, edits...)
	o.T = t
	return o
}

// openTestOffice makes one that lives as long as a test or a fuzz target.
func openTestOffice(t testing.TB, edits ...func(c *worldConfig)) *testOffice {
	o := openOffice(t, edits...)
	t.Cleanup(func() { require.NoError(t, o.db.Close()) })
	return o
}

// openOffice makes one that the caller closes.
func openOffice(t testing.TB, edits ...func(c *worldConfig)) *testOffice {
	o := &testOffice{clock: verifytest.NewClock(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	c := worldConfig{
		now: o.clock.Now, base: "https://issuer.example", log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		rates: map[registry.Class]registry.Rate{}, key: testKey(),
	}
	for class, rate := range rates() {
		rate.Requests = 100_000
		c.rates[class] = rate
	}
	for _, edit := range edits {
		edit(&c)
	}
	w, err := newWorld(ctx, c)
	require.NoError(t, err)
	o.world = w
	return o
}

// answer is what a call was answered with.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a call; a credential is what [credentials] names.
func (o *testOffice) ask(by http.Header, method, path, body string) answer {
	var text io.Reader
	if body != "" {
		text = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, text)
	for name, values := range by {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	o.server.ServeHTTP(w, r)
	return answer{w.Code, w.Result().Header, w.Body.String()}
}

// with is a request's header of pairs.
func with(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func bearer(secret string) http.Header { return with("Authorization", "Bearer "+secret) }

// of is the credential of a tenant for a row of the table.
func (t *tenant) of(rt route) http.Header {
	switch {
	case rt.system == grantex:
		return bearer(t.gx)
	case rt.system == eprospera:
		return bearer(t.ak)
	case strings.HasPrefix(rt.path, "/api/org/"):
		return with("Authorization", "Bearer "+t.orgKey, "X-Org-Key-Id", t.orgID)
	case rt.path == "/api/verify", rt.path == "/api/revoke", rt.path == "/api/suspend":
		return with("X-API-Key", t.kya)
	case rt.system == aport && !strings.HasPrefix(rt.path, "/api/admin/"):
		return bearer(t.apk)
	}
	return bearer(t.session)
}

// object is an answer as an object.
func (a answer) object(t *testing.T) (m map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &m), a.body)
	return m
}

// events counts what was changed: everything that is changed is one.
func (o *testOffice) events() (n int64) {
	for {
		list, err := o.office.Events.Read(ctx, registry.Root(), n, 200)
		require.NoError(o, err)
		if len(list) == 0 {
			return n
		}
		n = list[len(list)-1].Number
	}
}
