package kms_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms"
)

// A key behind any crypto.Signer: what the library of a key management service returns.
func ExampleNewSigner() {
	public, private, err := ed25519.GenerateKey(nil) // stands for the service
	if err != nil {
		log.Fatal(err)
	}
	key := service{public, func(message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }}

	signer, err := kms.NewSigner(context.Background(), did.MustParseURL("did:web:issuer.example#kms-1"), key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyID(), signer.Algorithm())
	// Output: did:web:issuer.example#kms-1 Ed25519
}
