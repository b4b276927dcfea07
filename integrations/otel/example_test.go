package verifyotel_test

import (
	"context"
	"fmt"
	"log"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	verifyotel "github.com/safeconduct/safeconduct/integrations/otel"
	"github.com/safeconduct/safeconduct/verify"
)

// The span of a refusal shows the step that refused.
func Example() {
	spans := tracetest.NewInMemoryExporter()
	telemetry, err := verifyotel.New(verifyotel.Config{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
	})
	if err != nil {
		log.Fatal(err)
	}
	var verifier verify.Verifier // one that was not made by verify.New refuses everything
	decision, _ := verifier.Verify(context.Background(), nil, verify.Request{})
	telemetry.Observe(context.Background(), decision)

	span := spans.GetSpans()[0]
	fmt.Println(span.Name, span.Status.Code, span.Status.Description)
	for _, event := range span.Events {
		fmt.Println("-", event.Name, event.Attributes[0].Value.AsString())
	}
	// Output:
	// passport.verify Error internal.error
	// - envelope undetermined
}
