package verifyotel_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	verifyotel "github.com/safeconduct/safeconduct/integrations/otel"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// watched is a verifier that is watched, and where that is seen.
type watched struct {
	*verifytest.World
	t         testing.TB
	verifier  *verify.Verifier
	telemetry *verifyotel.Telemetry
	traces    *sdktrace.TracerProvider
	spans     *tracetest.InMemoryExporter
	scraped   http.Handler
}

func watch(t testing.TB) *watched {
	w := &watched{World: verifytest.NewWorld(t), t: t, spans: tracetest.NewInMemoryExporter()}
	l := ledger.NewMemory(ledger.Options{})
	w.verifier = w.Verifier(func(c *verify.Config) { c.Ledger, c.ProvenDocuments, c.HoldFor = l, 100, time.Minute })
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	require.NoError(t, err)
	w.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	w.scraped = promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError})
	w.telemetry, err = verifyotel.New(verifyotel.Config{
		TracerProvider: w.traces, MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		Verifier: w.verifier, Ledger: l, Now: w.Clock.Now,
	})
	require.NoError(t, err)
	return w
}

func (w *watched) decide(presented []byte, q verify.Request) *verify.Decision {
	d, _ := w.verifier.Verify(context.Background(), presented, q)
	w.telemetry.Observe(context.Background(), d)
	return d
}

// scrape is what Prometheus sees.
func (w *watched) scrape() string {
	rec := httptest.NewRecorder()
	w.scraped.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(w.t, http.StatusOK, rec.Code)
	text, err := io.ReadAll(rec.Body)
	require.NoError(w.t, err)
	return string(text)
}

func valueOf(attributes []attribute.KeyValue, key string) string {
	for _, a := range attributes {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}

// One span for each decision, as long as it took, with an event for each step that was
// reached: the step that refused is seen.
func TestSpans(t *testing.T) {
	w := watch(t)
	pass := w.Issue(w.Passport())
	parent, span := w.traces.Tracer("host").Start(context.Background(), "request")
	d, err := w.verifier.Verify(parent, w.Present(pass, w.Intent()), w.Request())
	require.NoError(t, err)
	w.telemetry.Observe(parent, d)
	span.End()
	got := w.spans.GetSpans()
	require.Len(t, got, 2)
	require.Equal(t, "passport.verify", got[0].Name)
	require.Equal(t, span.SpanContext().SpanID(), got[0].Parent.SpanID(), "a child of the host's span")
	require.Equal(t, d.At, got[0].StartTime)
	require.Len(t, got[0].Events, 8)
	require.Equal(t, codes.Unset, got[0].Status.Code)
	require.Equal(t, w.Agent.DID().String(), valueOf(got[0].Attributes, "gen_ai.agent.id"))
	require.Equal(t, "payments.charge", valueOf(got[0].Attributes, "safeconduct.action"))
	require.Equal(t, d.ID, valueOf(got[0].Attributes, "safeconduct.decision.id"))

	w.spans.Reset()
	price := passport.MustMoney("60.00", "USD")
	w.decide(w.Present(pass, w.Intent(func(in *passport.Intent) { in.Amount = price })),
		w.Request(func(q *verify.Request) { q.Amount = price }))
	w.decide(nil, w.Request())
	got = w.spans.GetSpans()
	require.Len(t, got, 2)
	last := got[0].Events[len(got[0].Events)-1]
	require.Equal(t, "authority", last.Name)
	require.Equal(t, "failed", valueOf(last.Attributes, "safeconduct.outcome"))
	require.Contains(t, valueOf(last.Attributes, "safeconduct.codes"), "authority.amount_exceeded")
	require.Equal(t, codes.Error, got[0].Status.Code)
	require.Equal(t, "authority.amount_exceeded", valueOf(got[0].Attributes, "error.type"))
	require.Len(t, got[1].Events, 1)
	require.Empty(t, valueOf(got[1].Attributes, "gen_ai.agent.id"), "nothing is proven")
	w.telemetry.Observe(context.Background(), nil)
	w.telemetry.Observe(context.Background(), &verify.Decision{})
}

// A claim that is not proven is not told: anybody can make it.
func TestClaimsAreNotTold(t *testing.T) {
	w := watch(t)
	forged := strings.Replace(string(w.Present(w.Issue(w.Passport()), w.Intent())), "50.00", "90.00", 1)
	require.Equal(t, verify.ProofInvalid, w.decide([]byte(forged), w.Request()).Code())
	require.Empty(t, valueOf(w.spans.GetSpans()[0].Attributes, "gen_ai.agent.id"))
}

// What Prometheus scrapes.
func TestMetrics(t *testing.T) {
	w := watch(t)
	pass := w.Issue(w.Passport())
	show := func() *verify.Decision { return w.decide(w.Present(pass, w.Intent()), w.Request()) }
	w.Clock.Advance(10 * time.Minute)
	require.NoError(t, show().Commit(t.Context()))
	show() // is not settled in time
	w.decide(nil, w.Request())
	w.Clock.Advance(2 * time.Minute)
	show() // is open
	show()
	text := w.scrape()
	for _, want := range []string{
		"safeconduct_decisions_total{otel_scope_name=\"github.com/safeconduct/safeconduct/integrations/otel\",",
		`safeconduct_code="",safeconduct_verdict="allow"} 4`,
		`safeconduct_code="envelope.missing",safeconduct_verdict="deny"} 1`,
		`safeconduct_decision_duration_seconds_count{`, `safeconduct_status_age_seconds_bucket{`,
	} {
		require.Contains(t, text, want)
	}
	line := func(name string) string {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, name+"{") {
				return line[strings.LastIndex(line, " ")+1 : len(line)-1]
			}
		}
		return "none"
	}
	require.Equal(t, "2", line("safeconduct_holds_open"))
	require.Equal(t, "1", line("safeconduct_holds_unresolved"))
	require.Equal(t, "3", line("safeconduct_proven_hits_total"))
	require.Equal(t, "1", line("safeconduct_proven_misses_total"))
	require.Equal(t, "1", line("safeconduct_proven_held"))
	require.Equal(t, "4", line("safeconduct_status_age_seconds_count"))
	require.NoError(t, w.telemetry.Close())
	require.NotContains(t, w.scrape(), "safeconduct_holds_open{")
}

// Of everything on the shelf, and of what is allowed, no credential and no personal
// datum travels.
func TestNothingPersonalTravels(t *testing.T) {
	w := watch(t)
	secret := []string{"ada@example.org", "secret", "proofValue", "12.50", "USD", "did:web:payee", "mailto:", "order-7"}
	pass := w.Passport(func(p *passport.Passport) { p.HumanPrincipal, p.Name = "mailto:ada@example.org", "secret name" })
	act := w.Intent(func(in *passport.Intent) { in.Payee, in.Resource = "did:web:payee.example", "order-7" })
	d := w.decide(w.Present(w.Issue(pass), act), w.Request(func(q *verify.Request) { q.Act = act.Act }))
	require.Equal(t, verify.Allow, d.Verdict)
	for _, bad := range w.Shelf() {
		w.decide(bad.Good, bad.GoodRequest)
		if bad.Between != nil {
			bad.Between()
		}
		w.decide(bad.Bytes, bad.Request)
	}
	d, _ = verify.Refuse(w.Clock.Now(), &verify.Violation{Code: verify.PolicyDenied, Detail: "secret", Limit: "secret", Actual: "secret"})
	w.telemetry.Observe(t.Context(), d)
	spans, err := json.Marshal(w.spans.GetSpans())
	require.NoError(t, err)
	text := string(spans) + w.scrape()
	require.Greater(t, len(spans), 10_000)
	for _, word := range secret {
		require.NotContains(t, text, word)
	}
}

// Behind a guard, and from many goroutines.
func TestConcurrentBehindAGuard(t *testing.T) {
	w := watch(t)
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.verifier, Audience: verifytest.Audience,
		Request: func(*http.Request) (verify.Request, error) { return w.Request(), nil },
		Observe: func(r *http.Request, d *verify.Decision, _ error) { w.telemetry.Observe(r.Context(), d) },
	})
	require.NoError(t, err)
	handler := guard.Handler(http.NotFoundHandler())
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			w.scrape()
		})
	}
	group.Wait()
	require.Len(t, w.spans.GetSpans(), 16)
}
