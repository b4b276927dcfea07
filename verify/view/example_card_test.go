package view_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// A decision as people look at it: text for a terminal, a page, a picture, a diagram of the chain.
func ExampleCard() {
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	v := w.Verifier()
	d, err := v.Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	if err != nil {
		log.Fatal(err)
	}
	card := &view.Card{Decision: d, Now: w.Clock.Now()}
	var page, picture, diagram bytes.Buffer
	if err := errors.Join(card.HTML(&page), card.SVG(&picture), card.Mermaid(&diagram)); err != nil {
		log.Fatal(err)
	}
	fmt.Println("a page without a script:", !strings.Contains(page.String(), "<script"))
	fmt.Println("a picture that begins with", picture.String()[:4])
	fmt.Println("a diagram:", strings.SplitN(diagram.String(), "\n", 2)[0])
	fmt.Println("for programs:", card.Summary()[0].Name, card.Summary()[0].Value)

	var text bytes.Buffer
	p := view.Printer{W: &text, Colour: view.Terminal(os.Stdout, func(string) string { return "" })}
	p.Card(card)
	fmt.Println(strings.SplitN(text.String(), "\n", 2)[0])
	// Output:
	// a page without a script: true
	// a picture that begins with <svg
	// a diagram: flowchart TD
	// for programs: verdict ALLOWED
	// ✓ ALLOWED
}

// What a verifier found, step by step.
func ExamplePrinter_Steps() {
	w := verifytest.NewWorld(&testing.T{})
	d, _ := w.Verifier().Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	view.Printer{W: os.Stdout}.Steps(d.Steps)
	// Output:
	// [✓] 1 envelope   passed
	//   [✓] 2 anchor     passed
	//   [✓] 3 time       passed
	//   [✓] 4 proof      passed
	//   [✓] 5 delegation passed
	//   [✓] 6 status     passed
	//   [✓] 7 authority  passed
	//   [✓] 8 ledger     passed
}

// Text of strangers in a terminal: what could move the cursor or hide something is made visible.
func ExamplePlain() {
	fmt.Println(view.Plain("Ada\x1b[2J \u202egnp.exe"))
	fmt.Printf("%s\n", view.PlainJSON([]byte("{\"name\": \"\u009b2J\"}")))
	// Output:
	// Ada\x1b[2J \u202egnp.exe
	// {"name": "\u009b2J"}
}
