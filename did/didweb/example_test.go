package didweb_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

// A verifier that knows the offline methods and did:web.
func ExampleNew() {
	web, err := didweb.New(didweb.Config{})
	if err != nil {
		log.Fatal(err)
	}
	documents := did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": web} // for verify.Config.Resolver
	_, err = documents.Resolve(context.Background(), did.MustParse("did:ion:EiA"))
	fmt.Println(err)

	where, err := didweb.URL(did.MustParse("did:web:issuer.example:agents"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("fetched from", where)
	// Output:
	// DID method not supported: "ion" of did:ion:EiA
	// fetched from https://issuer.example/agents/did.json
}

// An issuer that publishes its key.
func ExamplePublish() {
	id, err := didweb.NewDID("issuer.example")
	if err != nil {
		log.Fatal(err)
	}
	key, err := did.PublicKeyOf(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	if err != nil {
		log.Fatal(err)
	}
	doc, err := did.NewDocument(did.DocumentOptions{
		ID:   id,
		Keys: []did.DocumentKey{{Fragment: "2026", Key: key, Relationships: []did.Relationship{did.AssertionMethod}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	file, err := didweb.Publish(doc)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.Path)
	fmt.Println(file.MediaType)
	fmt.Println(string(file.Body))
	// Output:
	// .well-known/did.json
	// application/did+json
	// {"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1"],"assertionMethod":["did:web:issuer.example#2026"],"id":"did:web:issuer.example","verificationMethod":[{"controller":"did:web:issuer.example","id":"did:web:issuer.example#2026","publicKeyMultibase":"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp","type":"Multikey"}]}
}

// Any file behind the same guard as did:web. For status lists there is package
// statuslist/httpsource.
func ExampleClient() {
	client, err := didweb.NewClient(didweb.Config{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Get(context.Background(), "https://127.0.0.1/keys.json", []string{"application/json"}, 64<<10)
	fmt.Println("refused before anything is sent:", errors.Is(err, did.ErrUnavailable))
	fmt.Println(err)
	// Output:
	// refused before anything is sent: true
	// DID document unavailable: "https://127.0.0.1/keys.json": host "127.0.0.1" ends like an IP address, want a DNS name
}
