package credential_test

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

func ExampleSign() {
	ctx := context.Background()
	issuer, err := did.GenerateKey()
	if err != nil {
		panic(err)
	}
	subject, err := credential.ParseValue(`{"id": "did:example:alice", "name": "Alice"}`)
	if err != nil {
		panic(err)
	}
	signed, err := credential.Sign(ctx, issuer, &credential.Credential{Subjects: []credential.Value{subject}}, credential.SignOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(signed.Proofs()[0].Cryptosuite, signed.Proofs()[0].Purpose)
	// Output: eddsa-jcs-2022 assertionMethod
}

func ExampleSigned_CheckProofs() {
	ctx := context.Background()
	issuer, err := did.GenerateKey()
	if err != nil {
		panic(err)
	}
	text := fmt.Sprintf(`{
		"@context": ["https://www.w3.org/ns/credentials/v2"],
		"type": ["VerifiableCredential"],
		"issuer": %q,
		"credentialSubject": {"id": "did:example:alice", "name": "Alice"}
	}`, issuer.DID())
	signed, err := credential.SignJSON(ctx, issuer, []byte(text), credential.SignOptions{})
	if err != nil {
		panic(err)
	}

	received, err := credential.Parse(signed.Bytes()) // strict, but nothing is proven yet
	if err != nil {
		panic(err)
	}
	err = received.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{})
	fmt.Println("proofs hold:", err == nil)
	fmt.Println("name:", received.Unverified().Subjects[0].Get("name").Str())
	// Output:
	// proofs hold: true
	// name: Alice
}

func ExampleSignPresentation() {
	ctx := context.Background()
	holder, err := did.GenerateKey()
	if err != nil {
		panic(err)
	}
	text := fmt.Sprintf(`{
		"@context": ["https://www.w3.org/ns/credentials/v2"],
		"type": ["VerifiablePresentation"],
		"holder": %q
	}`, holder.DID())
	presentation, err := credential.SignPresentation(ctx, holder, []byte(text), credential.SignOptions{
		Domain:    []string{"https://verifier.example"},
		Challenge: "n-0S6_WzA2Mj", // what the verifier asked for
	})
	if err != nil {
		panic(err)
	}

	received, err := credential.ParsePresentation(presentation.Bytes())
	if err != nil {
		panic(err)
	}
	if err := received.CheckProofs(ctx, did.KeyMethods(), did.Authentication, time.Time{}); err != nil {
		panic(err)
	}
	proof := received.Proofs()[0]
	fmt.Println(proof.Purpose, proof.Domain, proof.Challenge)
	// Output: authentication [https://verifier.example] n-0S6_WzA2Mj
}

// What another protocol signs, such as an agent card, in the form that it is signed in.
func ExampleCanonicalJSON() {
	card, err := credential.ParseMessage(`{"name": "shop", "capabilities": {"streaming": true}}`, 1<<20)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(credential.CanonicalJSON(card)))
	// Output: {"capabilities":{"streaming":true},"name":"shop"}
}
