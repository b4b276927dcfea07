package did_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// A new identity needs no registration: its key is its name.
func ExampleGenerateKey() {
	ctx := context.Background()
	agent, err := did.GenerateKey()
	if err != nil {
		panic(err)
	}
	sig, err := agent.Sign(ctx, []byte("hello"))
	if err != nil {
		panic(err)
	}

	// Somebody else, who knows nothing but the name:
	key, err := did.ResolveKey(ctx, did.KeyMethods(), agent.KeyID(), did.Authentication, time.Time{})
	if err != nil {
		panic(err)
	}
	fmt.Println(agent.DID().Method(), key.Verify([]byte("hello"), sig))
	// Output: key true
}

// Any crypto.Signer with an Ed25519 key will do: a file, a KMS, an HSM. The
// name is the one under which its document is published.
func ExampleNewSigner() {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	signer, err := did.NewSigner(did.MustParseURL("did:web:issuer.example#2026"), private)
	if err != nil {
		panic(err)
	}
	sig, err := signer.Sign(context.Background(), []byte("hello"))
	if err != nil {
		panic(err)
	}
	fmt.Println(signer.KeyID(), len(sig))
	// Output: did:web:issuer.example#2026 64
}

// Offline, the caller brings the documents.
func ExampleNewStatic() {
	ctx := context.Background()
	key, err := did.PublicKeyOf(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)).Public())
	if err != nil {
		panic(err)
	}
	doc, err := did.NewDocument(did.DocumentOptions{
		ID: did.MustParse("did:web:issuer.example"),
		Keys: []did.DocumentKey{
			{Fragment: "2026", Key: key, Relationships: []did.Relationship{did.AssertionMethod}},
		},
	})
	if err != nil {
		panic(err)
	}
	static, err := did.NewStatic(doc)
	if err != nil {
		panic(err)
	}
	documents := did.Mux{"key": did.KeyMethods(), "web": static}

	_, err = did.ResolveKey(ctx, documents, did.MustParseURL("did:web:issuer.example#2026"), did.AssertionMethod, time.Time{})
	fmt.Println(err)
	_, err = did.ResolveKey(ctx, documents, did.MustParseURL("did:web:stranger.example#1"), did.AssertionMethod, time.Time{})
	fmt.Println(err)
	// Output:
	// <nil>
	// DID not found: did:web:stranger.example is not in the static set
}
