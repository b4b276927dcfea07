package credential_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

var morning = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// examplePair is a key that is the same in each run. Real keys come from did.GenerateKey.
func examplePair(seed byte) *did.KeyPair {
	pair, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

// exampleDiploma is a credential of examplePair(1).
func exampleDiploma(o credential.SignOptions) *credential.Signed {
	subject, err := credential.ParseValue(`{"id": "did:example:alice", "name": "Alice"}`)
	if err != nil {
		log.Fatal(err)
	}
	signed, err := credential.Sign(context.Background(), examplePair(1), &credential.Credential{
		ID: "https://issuer.example/credentials/1", ValidUntil: morning.Add(time.Hour), Subjects: []credential.Value{subject},
	}, o)
	if err != nil {
		log.Fatal(err)
	}
	return signed
}

// Reading a credential proves nothing: what it says is Unverified until its proofs were checked.
func ExampleParse() {
	raw := exampleDiploma(credential.SignOptions{Created: morning}).Bytes()

	received, err := credential.Parse(raw)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(received.MediaType(), received.NumProofs(), received.Digest())
	fmt.Println(received.Unverified().HasType("VerifiableCredential"), received.Text() == string(raw))
	fmt.Println(received.UnverifiedValue().At("/credentialSubject/name").Str())

	// Which key made the proof, and for what, is for the proof to say and for you to judge.
	proof := received.Proof(0)
	fmt.Println(proof.VerificationMethod == examplePair(1).KeyID(), proof.Purpose)
	fmt.Println(received.CheckProof(0, examplePair(1).PublicKey(), did.AssertionMethod))
	fmt.Println(received.CheckProof(0, examplePair(2).PublicKey(), did.AssertionMethod))
	// Output:
	// application/vc 1 uEiCgacG08pEWpIXhcSMmFNGAxtN_DG18DVR88R-6m-zR3g
	// true true
	// Alice
	// true assertionMethod
	// <nil>
	// proof.invalid at /proof: the signature does not match the document (the document was changed after signing, or the key is another)
}

// What was changed by a single letter is refused, and the error says with which code.
func ExampleSigned_CheckProof() {
	raw := exampleDiploma(credential.SignOptions{}).Bytes()
	changed, err := credential.Parse(bytes.Replace(raw, []byte("Alice"), []byte("Malice"), 1))
	if err != nil {
		log.Fatal(err)
	}
	err = changed.CheckProof(0, examplePair(1).PublicKey(), did.AssertionMethod)
	var refusal *credential.Error
	fmt.Println(errors.As(err, &refusal), refusal.Code)
	// Output: true proof.invalid
}

// A second party signs what the first one has signed: a proof beside the first, over the same document.
func ExampleSigned_AddProof() {
	ctx := context.Background()
	once := exampleDiploma(credential.SignOptions{ProofID: "urn:example:first"})
	twice, err := once.AddProof(ctx, examplePair(2), credential.SignOptions{
		PreviousProof: []string{"urn:example:first"}, // it covers the first proof, too
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(once.NumProofs(), twice.NumProofs(), twice.Proof(1).PreviousProof)
	fmt.Println(twice.CheckProof(1, examplePair(2).PublicKey(), did.AssertionMethod))
	// Output:
	// 1 2 [urn:example:first]
	// <nil>
}

// A credential in a presentation keeps its own text and digest.
func ExampleParsePresentation() {
	ctx := context.Background()
	holder := examplePair(2)
	diploma := exampleDiploma(credential.SignOptions{})
	text := fmt.Sprintf(`{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
		"holder": %q, "verifiableCredential": [%s]}`, holder.DID(), diploma.Embedded())
	shown, err := credential.SignPresentation(ctx, holder, []byte(text), credential.SignOptions{
		Domain: []string{"https://verifier.example"}, Challenge: "n-0S6_WzA2Mj",
	})
	if err != nil {
		log.Fatal(err)
	}

	received, err := credential.ParsePresentation(shown.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	content := received.Unverified()
	fmt.Println(received.MediaType(), received.NumProofs(), received.Text() == shown.Text())
	fmt.Println(content.Credentials[0].Digest() == diploma.Digest(), content.Member("terms").Exists())
	fmt.Println(received.Proof(0).Challenge, received.CheckProof(0, holder.PublicKey(), did.Authentication))
	// Output:
	// application/vp 1 true
	// true false
	// n-0S6_WzA2Mj <nil>
}

// A parser with bounds of one's own: no document over four kilobytes.
func ExampleParser() {
	bounds, err := credential.Bounds{DocumentBytes: 4096}.Resolve() // the others get their defaults
	if err != nil {
		log.Fatal(err)
	}
	parser := credential.Parser{Bounds: bounds}
	_, err = parser.Credential(exampleDiploma(credential.SignOptions{}).Bytes())
	fmt.Println(err)
	_, err = parser.Credential(append([]byte("{"), make([]byte, 4096)...))
	fmt.Println(err)
	_, err = parser.Presentation([]byte(`{"type": "VerifiablePresentation", "type": "Other"}`))
	fmt.Println(err)
	// Output:
	// <nil>
	// envelope.too_large: json: byte 0: 4097 bytes, at most 4096 are allowed
	// envelope.malformed: json: byte 35: member name "type" is listed twice in one object
}

// Any JSON object can be signed and checked in the same way, such as a decision that is kept.
func ExampleSignDocument() {
	ctx := context.Background()
	signer := examplePair(1)
	bounds, err := credential.Bounds{}.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	caps := bounds.JSON(bounds.DocumentBytes)
	signed, err := credential.SignDocument(ctx, signer, []byte(`{"order": 7, "total": "12.50 USD"}`), caps,
		credential.SignOptions{Created: morning})
	if err != nil {
		log.Fatal(err)
	}

	received, err := credential.ParseDocument(signed.Bytes(), caps)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(received.Proof().Cryptosuite, received.Digest())
	fmt.Println(received.UnverifiedValue().Get("total").Str())
	fmt.Println(received.CheckProof(signer.PublicKey(), did.AssertionMethod))
	// Or with the name of who must have signed, whose document is looked up:
	fmt.Println(received.CheckProofBy(ctx, signer.DID(), did.KeyMethods(), did.AssertionMethod, morning))
	// Output:
	// eddsa-jcs-2022 uEiBU-hTz7twIJ2ZWkzas5dpEwbD84KSV4WZlIjf6r-Dk_g
	// 12.50 USD
	// <nil>
	// <nil>
}

// Errors of finding a key get the code that a refusal has.
func ExampleKeyError() {
	_, err := did.KeyMethods().Resolve(context.Background(), did.MustParse("did:web:issuer.example"))
	fmt.Println(credential.KeyError(err, "/proof"))
	// Output: proof.unresolvable at /proof: DID method not supported: "web" of did:web:issuer.example, want "key" or "jwk"
}

// How proofs are made. The first suite of an algorithm is the default.
func ExampleSuites() {
	for _, s := range credential.Suites() {
		if s.Algorithm == did.Ed25519 {
			fmt.Println(s.Name, "over RDF:", s.RDF)
		}
	}
	// Output:
	// eddsa-jcs-2022 over RDF: false
	// eddsa-rdfc-2022 over RDF: true
}

// JSON of others is read strictly: what two readers could read differently is refused.
func ExampleParseMessage() {
	call, err := credential.ParseMessage(`{"name": "pay", "arguments": {"to": "shop", "cents": 1250}}`, 1<<10)
	if err != nil {
		log.Fatal(err)
	}
	cents, ok := call.At("/arguments/cents").Int()
	fmt.Println(call.Get("name").Str(), cents, ok)
	_, err = credential.ParseMessage(`{"to": "shop", "to": "thief"}`, 1<<10)
	fmt.Println(err)
	// Output:
	// pay 1250 true
	// envelope.malformed: json: byte 15: member name "to" is listed twice in one object
}
