// Alerts counts decisions by what an operator does about them.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// signals counts: give it to the metrics library that you have.
type signals map[string]int

// observe is told of every decision.
func (s signals) observe(logger *slog.Logger, d *verify.Decision) {
	s[d.Verdict.String()]++
	for _, step := range d.Steps {
		if step.Name == verify.StepStatus && step.DataAge > 12*time.Hour {
			s["lists are getting old"]++ // half of what is accepted
		}
	}
	group, _, _ := strings.Cut(string(d.Code()), ".")
	switch {
	case d.Verdict == verify.Allow:
		return
	case d.Code() == verify.RequestInvalid || d.Code() == verify.InternalError || group == "ledger" && d.Verdict == verify.Undetermined:
		s["wake somebody"]++
		logger.Error("decision", "decision", d)
	case d.Verdict == verify.Undetermined:
		s["look today"]++
		logger.Warn("decision", "decision", d)
	default:
		s["refused: "+group]++
		logger.Info("decision", "decision", d)
	}
}

func main() { run(os.Stdout, os.Stderr) }

func run(out, logs io.Writer) {
	issuer := must(did.GenerateKey())
	v := must(verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: issuer.DID()}}, Resolver: did.KeyMethods(), Ledger: ledger.NewMemory(ledger.Options{}),
	}))
	count, logger := signals{}, slog.New(slog.NewJSONHandler(logs, nil))
	question := verify.Request{Audience: "did:web:shop.example"}
	question.Action = "files.read"

	d, _ := v.Verify(context.Background(), []byte("not a passport"), question)
	count.observe(logger, d)
	question.Audience = "" // our own mistake
	d, _ = v.Verify(context.Background(), []byte("not a passport"), question)
	count.observe(logger, d)

	for _, name := range []string{"deny", "refused: envelope", "wake somebody"} {
		fmt.Fprintf(out, "%s: %d\n", name, count[name])
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
