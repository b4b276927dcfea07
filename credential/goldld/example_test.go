package goldld_test

import (
	"context"
	"fmt"
	"log"

	"github.com/safeconduct/safeconduct/credential/goldld"
)

// A context of one's own beside the embedded ones. Nothing is ever fetched.
func ExampleNew() {
	c, err := goldld.New(goldld.Options{Contexts: map[string][]byte{
		"https://example.com/library": []byte(`{"@context": {"title": "https://example.com/vocab#title"}}`),
	}})
	if err != nil {
		log.Fatal(err)
	}
	quads, err := c.Canonicalize(context.Background(), []byte(`{
		"@context": "https://example.com/library", "@id": "urn:isbn:9780141439518", "title": "Pride and Prejudice"
	}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", quads)

	_, err = c.Canonicalize(context.Background(), []byte(`{"@context": "https://unknown.example/context", "title": "x"}`))
	fmt.Println(err)
	// Output:
	// <urn:isbn:9780141439518> <https://example.com/vocab#title> "Pride and Prejudice" .
	// envelope.context: context "https://unknown.example/context" is not embedded, and nothing is fetched
}
