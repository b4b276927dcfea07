package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/webhook"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

var ctx = context.Background()

// hook is a server that a sender posts to, and an office with three events.
type hook struct {
	*testing.T
	office *registry.Registry
	org    *registry.Org
	clock  *verifytest.Clock
	server *httptest.Server
	secret webhook.Secret

	mu      sync.Mutex
	answers []int // of the server, one after the other; then 200
	header  http.Header
	got     []message
	waited  []time.Duration
	failed  []webhook.Failure
}

type message struct {
	header http.Header
	body   []byte
	at     time.Time
}

func newHook(t *testing.T, answers ...int) *hook {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	h := &hook{
		T: t, clock: verifytest.NewClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)), answers: answers,
		secret: webhook.NewSecret(), header: http.Header{},
	}
	h.office, err = registry.Open(registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example", Now: h.clock.Now,
	})
	require.NoError(t, err)
	h.org, err = h.office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example"})
	require.NoError(t, err)
	h.agent("one")
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, message{r.Header, body, h.clock.Now()})
		status := 200
		if len(h.answers) > 0 {
			status, h.answers = h.answers[0], h.answers[1:]
		}
		for name := range h.header {
			w.Header().Set(name, h.header.Get(name))
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(h.server.Close)
	return h
}

func (h *hook) agent(name string) {
	_, err := h.office.Agents.Create(ctx, h.org.Admin(), registry.NewAgent{Name: name, DID: verifytest.Key(name).DID()})
	require.NoError(h, err)
}

// run posts until the sender has nothing to do, or as often as it waits.
func (h *hook) run(edit func(c *webhook.Config)) error {
	c := webhook.Config{
		Events: h.office.Events, Client: h.server.Client(), Now: h.clock.Now,
		Endpoints: []webhook.Endpoint{{Name: "shop", URL: h.server.URL, Secrets: []webhook.Secret{h.secret}}},
		Failed:    func(f webhook.Failure) { h.failed = append(h.failed, f) },
		Wait: func(c context.Context, d time.Duration) error {
			if d == 5*time.Second && (len(h.failed) == 0 || h.failed[len(h.failed)-1].Again != d || len(h.got) > 0 && h.ok()) {
				return context.Canceled // there is nothing more
			}
			h.waited = append(h.waited, d)
			h.clock.Advance(d)
			return c.Err()
		},
	}
	edit(&c)
	s, err := webhook.New(c)
	require.NoError(h, err)
	return s.Run(ctx)
}

// ok reports whether the server has answered everything that it was to refuse.
func (h *hook) ok() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.answers) == 0 && len(h.got) > len(h.failed)
}

func asItIs(*webhook.Config) {}

// The vector that Standard Webhooks publishes with its libraries.
func TestStandardWebhooksVector(t *testing.T) {
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	h := http.Header{}
	h.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set("webhook-timestamp", "1614265330")
	h.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	signed := http.Header{}
	webhook.Sign(signed, []webhook.Secret{secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	require.Equal(t, h, signed)
	require.NoError(t, webhook.Verify(h, body, at, secret))
	for name, edit := range map[string]func(h http.Header, body *[]byte, now *time.Time, s *webhook.Secret){
		"another body": func(_ http.Header, b *[]byte, _ *time.Time, _ *webhook.Secret) { *b = []byte(`{"test":2432232314}`) },
		"another id":   func(h http.Header, _ *[]byte, _ *time.Time, _ *webhook.Secret) { h.Set("webhook-id", "msg_x") },
		"no id":        func(h http.Header, _ *[]byte, _ *time.Time, _ *webhook.Secret) { h.Del("webhook-id") },
		"another time": func(h http.Header, _ *[]byte, _ *time.Time, _ *webhook.Secret) {
			h.Set("webhook-timestamp", "1614265331")
		},
		"another secret": func(_ http.Header, _ *[]byte, _ *time.Time, s *webhook.Secret) { *s = webhook.NewSecret() },
		"no secret":      func(_ http.Header, _ *[]byte, _ *time.Time, s *webhook.Secret) { *s = webhook.Secret{} },
		"too old":        func(_ http.Header, _ *[]byte, now *time.Time, _ *webhook.Secret) { *now = now.Add(301 * time.Second) },
		"of the future":  func(_ http.Header, _ *[]byte, now *time.Time, _ *webhook.Secret) { *now = now.Add(-301 * time.Second) },
		"another version": func(h http.Header, _ *[]byte, _ *time.Time, _ *webhook.Secret) {
			h.Set("webhook-signature", "v2,"+h.Get("webhook-signature")[3:])
		},
		"behind 16 of others": func(h http.Header, _ *[]byte, _ *time.Time, _ *webhook.Secret) {
			h.Set("webhook-signature", string(bytes.Repeat([]byte("v1,AAAA "), 16))+h.Get("webhook-signature"))
		},
	} {
		h, body, now, s := h.Clone(), body, at, secret
		edit(h, &body, &now, &s)
		require.ErrorIs(t, webhook.Verify(h, body, now, s), webhook.ErrNotSigned, name)
	}
	h.Set("webhook-signature", "v1a,xxxx v1,AAAA "+h.Get("webhook-signature"))
	require.NoError(t, webhook.Verify(h, body, at.Add(5*time.Minute), webhook.NewSecret(), secret), "one of several")
}

// P11: each event arrives, in order, once, signed, in the form that is documented.
func TestP11Posts(t *testing.T) {
	h := newHook(t)
	h.agent("two")
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.got, 3)
	for i, m := range h.got {
		require.NoError(t, webhook.Verify(m.header, m.body, m.at, h.secret))
		require.Equal(t, "application/json", m.header.Get("Content-Type"))
		var body struct {
			Type, Timestamp string
			Data            struct {
				Version, Number int
				Org, Subject    string
			}
		}
		require.NoError(t, json.Unmarshal(m.body, &body))
		require.Equal(t, []string{"org.created", "agent.created", "agent.created"}[i], body.Type)
		require.Equal(t, "2026-11-21T09:00:00Z", body.Timestamp)
		require.Equal(t, i+1, body.Data.Number)
		require.Equal(t, 1, body.Data.Version)
		require.Equal(t, h.org.ID, body.Data.Org)
	}
	// Another run of it, as after a restart, posts what is new.
	h.agent("three")
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.got, 4)
}

// P11: a server that fails gets the same message again, later and later, with a
// signature of that time; nothing behind it goes first.
func TestP11TriesAgain(t *testing.T) {
	h := newHook(t, 500, 302, 404, 503)
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.got, 6)
	require.Equal(t, []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}, h.waited)
	for _, m := range h.got[:5] {
		require.Equal(t, h.got[0].header.Get("webhook-id"), m.header.Get("webhook-id"))
		require.Equal(t, h.got[0].body, m.body)
		require.NoError(t, webhook.Verify(m.header, m.body, m.at, h.secret))
	}
	require.NotEqual(t, h.got[0].header.Get("webhook-id"), h.got[5].header.Get("webhook-id"))
	require.Len(t, h.failed, 4)
	require.Equal(t, 4, h.failed[3].Try)
}

// P11: a sender that ends amid its work posts nothing again that has arrived.
func TestP11GoesOn(t *testing.T) {
	h := newHook(t, 200, 500)
	require.ErrorIs(t, h.run(func(c *webhook.Config) {
		c.Wait = func(context.Context, time.Duration) error { return context.Canceled }
	}), context.Canceled)
	require.Len(t, h.got, 2)
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.got, 3)
	require.Equal(t, h.got[1].header.Get("webhook-id"), h.got[2].header.Get("webhook-id"))
}

// P11: what an endpoint asks for with Retry-After is done, and not for ever.
func TestP11RetryAfter(t *testing.T) {
	h := newHook(t, 429)
	h.header.Set("Retry-After", "3600")
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Equal(t, []time.Duration{time.Hour}, h.waited)
	h = newHook(t, 503)
	h.header.Set("Retry-After", h.clock.Now().Add(2*time.Hour).Format(http.TimeFormat))
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Equal(t, []time.Duration{2 * time.Hour}, h.waited)
	h = newHook(t, 503)
	h.header.Set("Retry-After", "2000000000")
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Equal(t, []time.Duration{24 * time.Hour}, h.waited)
}

// P11: an event that nobody takes for days is given up and told; the next one goes on.
func TestP11GivesUp(t *testing.T) {
	h := newHook(t, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500)
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.failed, 10)
	require.Zero(t, h.failed[9].Again)
	require.False(t, h.failed[9].Gone)
	require.Len(t, h.got, 11, "the second event arrives")
	total := time.Duration(0)
	for _, d := range h.waited {
		total += d
	}
	require.Greater(t, total, 3*24*time.Hour)
}

// P11: an endpoint that is gone gets nothing more; what it did not get is kept.
func TestP11Gone(t *testing.T) {
	h := newHook(t, 410)
	require.NoError(t, h.run(asItIs))
	require.Len(t, h.got, 1)
	require.True(t, h.failed[0].Gone)
	require.ErrorIs(t, h.run(asItIs), context.Canceled)
	require.Len(t, h.got, 3, "nothing was acknowledged")
}

// P11: each endpoint gets what it wants, and does not wait for one that fails.
func TestP11Endpoints(t *testing.T) {
	h := newHook(t)
	other, err := h.office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Other"})
	require.NoError(t, err)
	h.agent("two")
	c, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := webhook.New(webhook.Config{
		Events: h.office.Events, Client: h.server.Client(), Now: h.clock.Now,
		Endpoints: []webhook.Endpoint{
			{Name: "down", URL: "http://127.0.0.1:1", Secrets: []webhook.Secret{h.secret}},
			{Name: "agents", URL: h.server.URL, Secrets: []webhook.Secret{h.secret}, Types: []string{"agent.created"}},
			{Name: "other", URL: h.server.URL, Secrets: []webhook.Secret{h.secret}, Org: other.ID},
		},
		Wait: func(c context.Context, _ time.Duration) error {
			h.mu.Lock()
			over := len(h.got) >= 3
			h.mu.Unlock()
			if over {
				cancel()
			}
			return c.Err()
		},
	})
	require.NoError(t, err)
	require.ErrorIs(t, s.Run(c), context.Canceled)
	require.Len(t, h.got, 3)
	seen := map[string]int{}
	for _, m := range h.got {
		seen[fmt.Sprint(bytes.Contains(m.body, []byte(other.ID)))]++
	}
	require.Equal(t, map[string]int{"false": 2, "true": 1}, seen)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A function of the host that panics ends Run, with an error, and not the process. What was not
// posted is posted by the next Run.
func TestP11Panics(t *testing.T) {
	for name, c := range map[string]struct {
		answer int
		edit   func(*webhook.Config)
	}{
		"Failed": {500, func(c *webhook.Config) { c.Failed = func(webhook.Failure) { panic("oops") } }},
		"Wait":   {500, func(c *webhook.Config) { c.Wait = func(context.Context, time.Duration) error { panic("oops") } }},
		"Now":    {200, func(c *webhook.Config) { c.Now = func() time.Time { panic("oops") } }},
		"Client": {200, func(c *webhook.Config) {
			c.Client = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { panic("oops") })}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHook(t, c.answer)
			err := h.run(c.edit)
			require.ErrorContains(t, err, `"shop" panicked: oops`)
			h.answers, h.got = nil, nil
			require.ErrorIs(t, h.run(asItIs), context.Canceled)
			require.NotEmpty(t, h.got)
		})
	}
}

// Both secrets of a rotation sign.
func TestP11SecretsRotate(t *testing.T) {
	h := newHook(t)
	next := webhook.NewSecret()
	require.ErrorIs(t, h.run(func(c *webhook.Config) {
		c.Endpoints[0].Secrets = []webhook.Secret{next, h.secret}
	}), context.Canceled)
	for _, s := range []webhook.Secret{h.secret, next} {
		require.NoError(t, webhook.Verify(h.got[0].header, h.got[0].body, h.got[0].at, s))
	}
}

// What a sender is made of, with one fault each; without a Client it reaches no private
// address.
func TestP11Config(t *testing.T) {
	h := newHook(t)
	for name, edit := range map[string]func(c *webhook.Config){
		"no events":    func(c *webhook.Config) { c.Events = nil },
		"no endpoint":  func(c *webhook.Config) { c.Endpoints = nil },
		"no name":      func(c *webhook.Config) { c.Endpoints[0].Name = "" },
		"twice":        func(c *webhook.Config) { c.Endpoints = append(c.Endpoints, c.Endpoints[0]) },
		"http":         func(c *webhook.Config) { c.Endpoints[0].URL = "http://shop.example/x" },
		"an address":   func(c *webhook.Config) { c.Endpoints[0].URL = "https://127.0.0.1/x" },
		"no secret":    func(c *webhook.Config) { c.Endpoints[0].Secrets = nil },
		"empty secret": func(c *webhook.Config) { c.Endpoints[0].Secrets = []webhook.Secret{{}} },
		"negative":     func(c *webhook.Config) { c.Every = -1 },
	} {
		c := webhook.Config{Events: h.office.Events, Endpoints: []webhook.Endpoint{
			{Name: "shop", URL: "https://localhost/x", Secrets: []webhook.Secret{h.secret}},
		}}
		edit(&c)
		_, err := webhook.New(c)
		require.Error(t, err, name)
	}
	var failed error
	require.ErrorIs(t, h.run(func(c *webhook.Config) {
		c.Client, c.Endpoints[0].URL = nil, "https://localhost/x"
		c.Failed = func(f webhook.Failure) { failed = f.Err }
		c.Wait = func(context.Context, time.Duration) error { return context.Canceled }
	}), context.Canceled)
	require.ErrorContains(t, failed, "not a public address")
}

// Secrets do not show, and are read back.
func TestP11Secrets(t *testing.T) {
	s := webhook.NewSecret()
	back, err := webhook.ParseSecret(s.Reveal())
	require.NoError(t, err)
	require.Equal(t, s.Reveal(), back.Reveal())
	var shown bytes.Buffer
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "s", s, "e", webhook.Endpoint{Secrets: []webhook.Secret{s}})
	raw, err := json.Marshal(map[string]any{"s": s, "e": webhook.Endpoint{Secrets: []webhook.Secret{s}}})
	require.NoError(t, err)
	fmt.Fprintf(&shown, "%s %v %+v %#v %v", raw, s, &s, s, struct{ s webhook.Secret }{s})
	require.NotContains(t, shown.String(), s.Reveal()[6:20])
	for _, text := range []string{"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa", "whsec_!"} {
		_, err := webhook.ParseSecret(text)
		require.Error(t, err, text)
	}
}

// What was erased of an event while its endpoint was down is not posted when it is back; the id is that of before.
func TestEraseReachesEventsThatWait(t *testing.T) {
	h := newHook(t)
	admin := h.org.Admin()
	owner, err := h.office.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada"})
	require.NoError(t, err)
	a, err := h.office.Agents.Create(ctx, owner.Actor(), registry.NewAgent{Name: "x", DID: verifytest.Key("ada").DID()})
	require.NoError(t, err)
	for range 2 {
		_, err = h.office.Agents.Suspend(ctx, admin, a.ID, registry.Suspension{Reason: "Ada has lost her telephone"})
		require.NoError(t, err)
		_, err = h.office.Agents.Resume(ctx, admin, a.ID, "Ada has found it")
		require.NoError(t, err)
	}
	h.answers = []int{200, 200, 200, 200, 500, 500} // the first suspension does not arrive
	require.ErrorIs(t, h.run(func(c *webhook.Config) {
		wait := c.Wait
		c.Wait = func(ctx context.Context, d time.Duration) error {
			if len(h.failed) == 1 {
				_, err := h.office.Owners.Erase(ctx, admin, registry.Erasure{Owner: owner.ID})
				require.NoError(t, err)
			}
			return wait(ctx, d)
		}
	}), context.Canceled)
	require.Len(t, h.failed, 2)
	ids := map[string]int{}
	for i, m := range h.got {
		ids[m.header.Get("webhook-id")]++
		if i > 4 {
			require.NotContains(t, string(m.body), "Ada has")
		}
	}
	require.Contains(t, string(h.got[4].body), "Ada has lost")
	require.Equal(t, 3, ids[h.got[4].header.Get("webhook-id")])
	require.Len(t, ids, len(h.got)-2)
}
