package httpsource_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// TestD8FromIssuerToVerifier: a list goes from its publisher over HTTPS to a
// verifier. Six minutes of 502 stop nobody; a revocation is seen when the host is
// up again; and a list that is too old is refused, also while its host is down.
func TestD8FromIssuerToVerifier(t *testing.T) {
	w := verifytest.NewWorld(t)
	w.Clock.Set(now)
	h := serve(t, nil)
	url := h.url("issuer", "/status/1")
	bits, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: url, Purpose: statuslist.Revocation})
	require.NoError(t, err)
	index, err := bits.Allocate()
	require.NoError(t, err)
	place, err := bits.Entry(index)
	require.NoError(t, err)

	lists := new(statuslist.Memory)
	handler, err := listhttp.New(lists, listhttp.Config{Base: h.url("issuer", ""), Now: w.Clock.Now})
	require.NoError(t, err)
	publish := func() {
		editions, err := bits.Publish(ctx, w.Issuer, statuslist.PublishOptions{Now: w.Clock.Now(), TTL: time.Minute})
		require.NoError(t, err)
		require.NoError(t, editions.PutTo(ctx, lists))
	}
	publish()
	h.becomes(handler.ServeHTTP)

	source := h.source(t, func(c *httpsource.Config) { c.Now = w.Clock.Now })
	v := w.Verifier(func(c *verify.Config) { c.Status = source })
	pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{place} }))
	decide := func() error {
		d, err := v.Verify(ctx, w.Present(pass, w.Intent()), w.Request())
		if err == nil {
			require.NoError(t, d.Commit(ctx))
		}
		return err
	}
	require.NoError(t, decide())
	require.NoError(t, decide())
	require.EqualValues(t, 1, h.hits.Load())

	w.Clock.Advance(time.Minute)
	require.NoError(t, decide())
	require.True(t, h.last().Unchanged, "304")

	h.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	hits := h.hits.Load()
	for range 6 * 60 {
		w.Clock.Advance(time.Second)
		require.NoError(t, decide())
	}
	require.Less(t, h.hits.Load()-hits, int64(15), "a host that is down is asked less and less often")
	require.True(t, h.last().Kept)

	require.NoError(t, bits.Set(index, 1))
	publish()
	h.becomes(handler.ServeHTTP)
	w.Clock.Advance(time.Minute) // the longest pause
	verifytest.AssertDenied(t, decide(), verify.StatusRevoked)

	// Another verifier that saw nothing of this has an old list, and no host.
	fresh := h.source(t, func(c *httpsource.Config) { c.Now = w.Clock.Now })
	_, err = fresh.StatusList(ctx, url)
	require.NoError(t, err)
	h.Close()
	w.Clock.Advance(25 * time.Hour)
	pass = w.Issue(w.Passport(func(p *passport.Passport) { p.Status = []statuslist.Entry{place} }))
	v = w.Verifier(func(c *verify.Config) { c.Status = fresh })
	verifytest.AssertDenied(t, decide(), verify.StatusStale)
}
