package verifyotel_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// What every adapter must do: each verdict and code is seen in the span of its decision.
func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) *adaptertest.Adapter {
		w := watch(t)
		a := adaptertest.Direct{
			World: w.World, Verifier: w.verifier, Passport: w.Issue(w.Passport()),
			Read: func(d *verify.Decision, _ error) adaptertest.Answer {
				w.telemetry.Observe(context.Background(), d)
				return w.answer(d.ID)
			},
		}.Adapter(t)
		a.TellsNothing = true
		a.Without["undeclared"] = "it decides nothing, so it has nothing to declare"
		return a
	})
}

// answer is what the span of a decision says.
func (w *watched) answer(id string) adaptertest.Answer {
	spans := w.spans.GetSpans()
	i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool {
		return valueOf(s.Attributes, "safeconduct.decision.id") == id
	})
	if i < 0 {
		return adaptertest.Answer{Err: errors.New("there is no span")}
	}
	code := verify.Code(valueOf(spans[i].Attributes, "safeconduct.code"))
	for _, v := range []verify.Verdict{verify.Deny, verify.Undetermined} {
		if v.String() == valueOf(spans[i].Attributes, "safeconduct.verdict") {
			p := &verifyhttp.Problem{Code: code, Verdict: v}
			return adaptertest.Answer{Problem: p, Text: string(code)}
		}
	}
	return adaptertest.Answer{}
}
