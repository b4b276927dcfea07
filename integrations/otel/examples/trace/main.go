// Trace shows the span of a decision that was refused, with the step that said no.
//
//	go run ./examples/trace
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/safeconduct/safeconduct/did"
	verifyotel "github.com/safeconduct/safeconduct/integrations/otel"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const audience = "did:web:shop.example"

func main() {
	ctx := context.Background()
	issuer, agent := must(did.GenerateKey()), must(did.GenerateKey())
	bits := must(statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	}))
	pass := must(passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Status: []statuslist.Entry{must(bits.Entry(must(bits.Allocate())))},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}, passport.IssueOptions{}))
	lists := must(bits.Publish(ctx, issuer, statuslist.PublishOptions{Now: time.Now()}))
	verifier := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(),
		Status: lists.Static(), Ledger: ledger.NewMemory(ledger.Options{}),
	}))

	// Your exporter goes here: OTLP, a file, standard output.
	spans := tracetest.NewInMemoryExporter()
	telemetry := must(verifyotel.New(verifyotel.Config{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)), Verifier: verifier,
	}))
	defer func() { _ = telemetry.Close() }()

	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("60.00", "USD")}
	shown := must(passport.Present(ctx, agent, passport.Chain{pass}, passport.Intent{Act: act}, audience,
		passport.PresentOptions{}))
	decision, _ := verifier.Verify(ctx, shown.Bytes(), verify.Request{Audience: audience, Act: act})
	telemetry.Observe(ctx, decision) // a guard's Observe does this

	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.Status.Code, span.Status.Description)
		for _, step := range span.Events {
			fmt.Print("  ", step.Name)
			for _, a := range step.Attributes {
				if a.Key != "safeconduct.evidence.age" {
					fmt.Print(" ", a.Value.String())
				}
			}
			fmt.Println()
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
