package view_test

import (
	"bytes"
	"context"
	"fmt"
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
		fmt.Println(err)
		return
	}
	card := &view.Card{Decision: d, Now: w.Clock.Now()}
	var page, picture, diagram bytes.Buffer
	fmt.Println(card.HTML(&page), card.SVG(&picture), card.Mermaid(&diagram))
	fmt.Println(strings.Contains(page.String(), "<script"), strings.HasPrefix(picture.String(), "<svg"), len(card.Summary()) > 0)
	fmt.Println(strings.SplitN(diagram.String(), "\n", 2)[0])

	var text bytes.Buffer
	p := view.Printer{W: &text, Colour: view.Terminal(os.Stdout, func(string) string { return "" })}
	p.Card(card)
	fmt.Println(strings.SplitN(text.String(), "\n", 2)[0])
	// Output:
	// <nil> <nil> <nil>
	// false true true
	// flowchart TD
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
