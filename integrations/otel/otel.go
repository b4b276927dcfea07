// Package verifyotel tells OpenTelemetry of decisions: a span for each, with an event
// for each step, and metrics.
//
//	telemetry, err := verifyotel.New(verifyotel.Config{Verifier: verifier, Ledger: store})
//	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
//		…
//		Observe: func(r *http.Request, d *verify.Decision, _ error) { telemetry.Observe(r.Context(), d) },
//	})
//
// What travels are identifiers of decisions, agents, passports and issuers, codes,
// actions and times. No credential, no text of a refusal, no argument, amount, payee,
// resource or principal does.
package verifyotel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/safeconduct/safeconduct/verify"
)

const scope = "github.com/safeconduct/safeconduct/integrations/otel"

// Config says where telemetry goes. [New] copies it.
type Config struct {
	TracerProvider trace.TracerProvider // nil: the global one
	MeterProvider  metric.MeterProvider // nil: the global one

	// Verifier, if not nil, is asked at each collection how well its memory of proven
	// passports serves.
	Verifier *verify.Verifier

	// Ledger, if it is a verify.Reconciler, is asked at each collection for the holds
	// that are open and those that nobody has settled, up to 10,000 of them. Nil, and
	// any other: there are no such metrics.
	Ledger verify.Ledger

	Now func() time.Time // the clock for the ledger; nil: time.Now
}

// Telemetry records decisions. It is safe for concurrent use.
type Telemetry struct {
	c         Config
	tracer    trace.Tracer
	decisions metric.Int64Counter
	duration  metric.Float64Histogram
	age       metric.Float64Histogram
	collected metric.Registration
	series    sync.Map // of kind, *series
}

// New makes the instruments. Close takes those away again that are asked at each
// collection.
func New(c Config) (*Telemetry, error) {
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	if c.MeterProvider == nil {
		c.MeterProvider = otel.GetMeterProvider()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	t := &Telemetry{c: c, tracer: c.TracerProvider.Tracer(scope)}
	meter := c.MeterProvider.Meter(scope)
	var errs [4]error
	t.decisions, errs[0] = meter.Int64Counter("safeconduct.decisions",
		metric.WithDescription("Decisions, by verdict and primary code."), metric.WithUnit("{decision}"))
	t.duration, errs[1] = meter.Float64Histogram("safeconduct.decision.duration",
		metric.WithDescription("How long decisions took."), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1))
	t.age, errs[2] = meter.Float64Histogram("safeconduct.status.age",
		metric.WithDescription("Age of the oldest status list that a decision stood on."), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(60, 300, 900, 3600, 4*3600, 12*3600, 24*3600, 7*24*3600))
	errs[3] = t.collect(meter)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("verifyotel: %w", err)
	}
	return t, nil
}

// Close ends what is asked at each collection.
func (t *Telemetry) Close() error { return t.collected.Unregister() }

// collect registers what is asked at each collection.
func (t *Telemetry) collect(meter metric.Meter) error {
	var errs []error
	var asked []metric.Observable
	gauge := func(name, unit, about string) metric.Int64ObservableGauge {
		g, err := meter.Int64ObservableGauge(name, metric.WithDescription(about), metric.WithUnit(unit))
		errs, asked = append(errs, err), append(asked, g)
		return g
	}
	counter := func(name, about string) metric.Int64ObservableCounter {
		c, err := meter.Int64ObservableCounter(name, metric.WithDescription(about), metric.WithUnit("{passport}"))
		errs, asked = append(errs, err), append(asked, c)
		return c
	}
	open := gauge("safeconduct.holds.open", "{hold}", "Holds that may still be settled.")
	unresolved := gauge("safeconduct.holds.unresolved", "{hold}",
		"Holds that nobody has settled in time: they count as spent.")
	held := gauge("safeconduct.proven.held", "{passport}", "Passports that are remembered as proven.")
	hits := counter("safeconduct.proven.hits", "Proven passports that needed no signature check.")
	misses := counter("safeconduct.proven.misses", "Proven passports that were checked.")
	var err error
	t.collected, err = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		if t.c.Verifier != nil {
			s := t.c.Verifier.Stats()
			o.ObserveInt64(held, int64(s.ProvenHeld))
			o.ObserveInt64(hits, int64(s.ProvenHits))
			o.ObserveInt64(misses, int64(s.ProvenMisses))
		}
		ledger, ok := t.c.Ledger.(verify.Reconciler)
		if !ok {
			return nil
		}
		late, err := unsettled(ctx, ledger, t.c.Now())
		if err != nil {
			return err
		}
		all, err := unsettled(ctx, ledger, t.c.Now().Add(longestHold))
		if err != nil {
			return err
		}
		o.ObserveInt64(unresolved, late)
		o.ObserveInt64(open, max(all-late, 0))
		return nil
	}, asked...)
	return errors.Join(append(errs, err)...)
}

const (
	longestHold = 24 * time.Hour // longer than any Config.HoldFor
	page        = 1000
	mostHolds   = 10 * page
)

// unsettled counts the holds whose deadline has passed at an instant and that nobody
// has settled.
func unsettled(ctx context.Context, ledger verify.Reconciler, at time.Time) (n int64, err error) {
	for after := ""; n < mostHolds; {
		list, err := ledger.Unresolved(ctx, at, after, page)
		if err != nil {
			return 0, err
		}
		n += int64(len(list))
		if len(list) < page {
			break
		}
		after = list[len(list)-1].Decision
	}
	return n, nil
}

// series are what the numbers of one verdict and code are added to.
type series struct {
	decision []metric.AddOption
	duration []metric.RecordOption
}

type kind struct {
	code    verify.Code
	verdict verify.Verdict
}

// seriesOf finds them. There are as many as the vocabulary has codes, and the rules of
// the host.
func (t *Telemetry) seriesOf(code verify.Code, verdict verify.Verdict) *series {
	if known, ok := t.series.Load(kind{code, verdict}); ok {
		return known.(*series)
	}
	v := attribute.String("safeconduct.verdict", verdict.String())
	both := attribute.NewSet(v, attribute.String("safeconduct.code", string(code)))
	made, _ := t.series.LoadOrStore(kind{code, verdict}, &series{
		[]metric.AddOption{metric.WithAttributeSet(both)},
		[]metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(v))},
	})
	return made.(*series)
}

// Observe records a decision: after it was taken, so that its span begins when it
// began, by the verifier's clock, and is a child of the span in ctx.
func (t *Telemetry) Observe(ctx context.Context, d *verify.Decision) {
	if d == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	var took time.Duration
	for i := range d.Steps {
		took += d.Steps[i].Took
		if age := d.Steps[i].DataAge; age > 0 && d.Steps[i].Name == verify.StepStatus {
			t.age.Record(ctx, age.Seconds())
		}
	}
	code := d.Code()
	is := t.seriesOf(code, d.Verdict)
	t.decisions.Add(ctx, 1, is.decision...)
	t.duration.Record(ctx, took.Seconds(), is.duration...)
	_, span := t.tracer.Start(ctx, "passport.verify", trace.WithTimestamp(d.At))
	if !span.IsRecording() {
		span.End()
		return
	}
	attributes := make([]attribute.KeyValue, 0, 9)
	attributes = append(attributes, attribute.String("safeconduct.verdict", d.Verdict.String()),
		attribute.String("safeconduct.decision.id", d.ID))
	if d.Subject.Proven { // a claim is anybody's
		attributes = append(attributes,
			attribute.String("gen_ai.agent.id", d.Subject.Agent.String()),
			attribute.String("safeconduct.passport.id", d.Subject.Passport),
			attribute.String("safeconduct.issuer", d.Subject.Issuer.String()))
	}
	if d.Intent != nil {
		attributes = append(attributes, attribute.String("safeconduct.action", d.Intent.Action))
	}
	if d.Repeated {
		attributes = append(attributes, attribute.Bool("safeconduct.repeated", true))
	}
	if d.Verdict != verify.Allow {
		attributes = append(attributes, attribute.String("safeconduct.code", string(code)),
			attribute.String("error.type", string(code)))
		span.SetStatus(codes.Error, string(code))
	}
	span.SetAttributes(attributes...)
	at := d.At
	for i := range d.Steps {
		step := &d.Steps[i]
		if step.Outcome == verify.NotReached {
			continue
		}
		at = at.Add(step.Took)
		addStep(span, step, d.Violations, at)
	}
	span.End(trace.WithTimestamp(at))
}

// passed is what most steps have to say.
var passed = trace.WithAttributes(attribute.String("safeconduct.outcome", string(verify.Passed)))

// addStep adds the event of a step. Its words stay here: they may quote what was shown.
func addStep(span trace.Span, step *verify.Step, why []verify.Violation, at time.Time) {
	if step.Outcome == verify.Passed && step.DataAge == 0 {
		span.AddEvent(string(step.Name), trace.WithTimestamp(at), passed)
		return
	}
	attributes := []attribute.KeyValue{attribute.String("safeconduct.outcome", string(step.Outcome))}
	var reasons []string
	for i := range why {
		if why[i].Step == step.Name {
			reasons = append(reasons, string(why[i].Code))
		}
	}
	if reasons != nil {
		attributes = append(attributes, attribute.StringSlice("safeconduct.codes", reasons))
	}
	if step.DataAge > 0 {
		attributes = append(attributes, attribute.Float64("safeconduct.evidence.age", step.DataAge.Seconds()))
	}
	span.AddEvent(string(step.Name), trace.WithTimestamp(at), trace.WithAttributes(attributes...))
}
