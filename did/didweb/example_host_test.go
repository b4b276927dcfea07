package didweb_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

// exampleDocument is that of an issuer with one key.
func exampleDocument() *did.Document {
	key, err := did.PublicKeyOf(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	if err != nil {
		log.Fatal(err)
	}
	document, err := did.NewDocument(did.DocumentOptions{
		ID:   did.MustParse("did:web:issuer.example"),
		Keys: []did.DocumentKey{{Fragment: "2026", Key: key, Relationships: []did.Relationship{did.AssertionMethod}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return document
}

// An issuer publishes its document: into a folder that a web server serves, or by itself. Behind a mux
// it is a handler as any other.
func ExampleHost() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "didweb")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := didweb.Dir(folder).Put(ctx, exampleDocument()); err != nil {
		log.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, ".well-known", "did.json"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("in the folder:", string(raw) == string(exampleDocument().Bytes()))

	var host didweb.Host
	if err := host.Put(ctx, exampleDocument()); err != nil {
		log.Fatal(err)
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "https://issuer.example/.well-known/did.json", nil)
	r.TLS = &tls.ConnectionState{}
	host.ServeHTTP(rec, r)
	fmt.Println("over HTTPS:", rec.Code, rec.Header().Get("Content-Type"))
	// Output:
	// in the folder: true
	// over HTTPS: 200 application/did+json
}
