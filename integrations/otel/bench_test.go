package verifyotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	verifyotel "github.com/safeconduct/safeconduct/integrations/otel"
	"github.com/safeconduct/safeconduct/internal/adaptertest"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// What telemetry adds to Verify: with a span that is sampled, and with metrics alone.
func BenchmarkOverhead(b *testing.B) {
	for name, traces := range map[string]*sdktrace.TracerProvider{
		"sampled":     sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewNoopExporter())),
		"not sampled": sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())),
	} {
		b.Run(name, func(b *testing.B) {
			w := verifytest.NewWorld(b)
			telemetry, err := verifyotel.New(verifyotel.Config{
				TracerProvider: traces,
				MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())),
			})
			require.NoError(b, err)
			told := adaptertest.Quiet(w)
			q := w.Request()
			adaptertest.Overhead(b, adaptertest.Show(w, q.Act, ""), func(shown []byte) {
				d, err := told.Verify(b.Context(), shown, q)
				telemetry.Observe(b.Context(), d)
				if err != nil || d.Commit(b.Context()) != nil {
					b.Fatal(err)
				}
			}, adaptertest.Verify(b, adaptertest.Quiet(w), q))
		})
	}
}
