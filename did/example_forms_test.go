package did_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/did"
)

// examplePair is a key that is the same in each run. Real keys come from GenerateKey.
func examplePair(seed byte) *did.KeyPair {
	pair, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

// A DID is compared by its text. What follows the method is for the method to read.
func ExampleParse() {
	id, err := did.Parse("did:web:issuer.example")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(id.Method(), id.SpecificID(), id == did.MustParse("did:web:issuer.example"), did.DID{}.IsZero())

	_, err = did.Parse("did:web:issuer.example#key-1") // this names a key, and is a URL
	fmt.Println(errors.Is(err, did.ErrInvalidDID))
	// Output:
	// web issuer.example true true
	// true
}

// A DID URL with a fragment is the name of a key in a document.
func ExampleParseURL() {
	id, err := did.ParseURL("did:web:issuer.example#2026")
	if err != nil {
		log.Fatal(err)
	}
	same, err := did.MustParse("did:web:issuer.example").URL("2026")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(id.DID(), id.Fragment(), id == same, did.URL{}.IsZero())
	// Output: did:web:issuer.example 2026 true true
}

// A key pair is kept as PEM (PKCS#8), as a JWK or as a Multikey. Printed by accident it shows nothing.
func ExampleNewKeyPair() {
	pair := examplePair(1)
	fmt.Printf("%v of %s\n", pair, pair.Algorithm())

	fromPEM, err := did.ParsePrivatePEM(pair.PrivatePEM())
	if err != nil {
		log.Fatal(err)
	}
	fromJWK, err := did.ParsePrivateJWK(pair.PrivateJWK())
	if err != nil {
		log.Fatal(err)
	}
	fromMultikey, err := did.ParseSecretMultikey(pair.SecretMultikey())
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range []*did.KeyPair{fromPEM, fromJWK, fromMultikey} {
		fmt.Println(p.PublicKey().Equal(pair.PublicKey()))
	}
	_, ok := pair.PrivateKey().(ed25519.PrivateKey) // for libraries that want a crypto.Signer
	fmt.Println(ok)
	// Output:
	// did.KeyPair(did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX, private key redacted) of Ed25519
	// true
	// true
	// true
	// true
}

// A public key in the forms that others know, and back.
func ExamplePublicKey() {
	key := examplePair(1).PublicKey()
	fmt.Println(key.Multikey())
	fmt.Printf("%s\n%s", key.JWK(), key.PEM())

	fromMultikey, err := did.ParseMultikey(key.Multikey())
	if err != nil {
		log.Fatal(err)
	}
	fromJWK, err := did.ParsePublicJWK(key.JWK())
	if err != nil {
		log.Fatal(err)
	}
	fromPEM, err := did.ParsePublicPEM(key.PEM())
	if err != nil {
		log.Fatal(err)
	}
	raw, err := did.NewPublicKey(key.Algorithm(), key.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fromMultikey == key, fromJWK == key, fromPEM == key, raw == key, key.IsZero())
	fmt.Println(len(key.Crypto().(ed25519.PublicKey)), "bytes for package crypto")
	// Output:
	// z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX
	// {"crv":"Ed25519","kty":"OKP","x":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"}
	// -----BEGIN PUBLIC KEY-----
	// MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=
	// -----END PUBLIC KEY-----
	// true true true true false
	// 32 bytes for package crypto
}

// Two methods carry the key in the name, and need no document that somebody hosts.
func ExampleNewKeyDID() {
	key := examplePair(1).PublicKey()
	id, err := did.NewKeyDID(key)
	if err != nil {
		log.Fatal(err)
	}
	other, err := did.NewJWKDID(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(id)
	fmt.Println(other)
	// Output:
	// did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX
	// did:jwk:eyJjcnYiOiJFZDI1NTE5Iiwia3R5IjoiT0tQIiwieCI6ImlvamozWFFKOFpYOVV0c3RQTHBkY3NwbkNiOGRsQkliODNTSUFiUVBiMXcifQ
}

// What keys may be of.
func ExampleAlgorithms() {
	a := did.Algorithms()[0]
	fmt.Println(a, a.JOSE(), a.SignatureBytes())
	// Output: Ed25519 EdDSA 64
}

// A document lists keys, each for a purpose and perhaps until an end. A key is found by its name, for one purpose, at one
// instant.
func ExampleDocument_Key() {
	issuer := did.MustParse("did:web:issuer.example")
	published, err := did.NewDocument(did.DocumentOptions{ID: issuer, Keys: []did.DocumentKey{
		{Fragment: "2025", Key: examplePair(1).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod},
			Expires: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)},
		{Fragment: "2026", Key: examplePair(2).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}},
	}})
	if err != nil {
		log.Fatal(err)
	}

	doc, err := did.ParseDocument(published.Bytes()) // as a stranger reads it
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range doc.Methods() {
		fmt.Println(m.ID, m.Type, m.Relationships)
	}
	old, err := doc.ID().URL("2025")
	if err != nil {
		log.Fatal(err)
	}
	january, march := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	_, err = doc.Key(old, did.AssertionMethod, january)
	fmt.Println("January, to issue:", err)
	_, err = doc.Key(old, did.AssertionMethod, march)
	fmt.Println("March, to issue:", err)
	_, err = doc.Key(old, did.Authentication, january)
	fmt.Println("January, to present:", err)
	// Output:
	// did:web:issuer.example#2025 Multikey [assertionMethod]
	// did:web:issuer.example#2026 Multikey [assertionMethod]
	// January, to issue: <nil>
	// March, to issue: unusable key: did:web:issuer.example#2025 has expires 2026-01-31T00:00:00Z
	// January, to present: unusable key: not listed for this purpose: did:web:issuer.example#2025 is asked for "authentication", listed for ["assertionMethod"]
}

// A document from a place of one's own, within bounds of one's own.
func ExampleResolverFunc() {
	bounds, err := did.Bounds{DocumentBytes: 4096}.Resolve() // the other bounds get their defaults
	if err != nil {
		log.Fatal(err)
	}
	parser := did.DocumentParser{Bounds: bounds}
	resolver := did.ResolverFunc(func(_ context.Context, id did.DID) (*did.Document, error) {
		if id != did.MustParse("did:web:issuer.example") {
			return nil, fmt.Errorf("%w: %s is not one of ours", did.ErrNotFound, id)
		}
		return parser.Parse([]byte(`{"id": "did:web:issuer.example"}`))
	})

	doc, err := resolver.Resolve(context.Background(), did.MustParse("did:web:issuer.example"))
	fmt.Println(doc.ID(), err)
	_, err = resolver.Resolve(context.Background(), did.MustParse("did:web:stranger.example"))
	fmt.Println(err)
	// Output:
	// did:web:issuer.example <nil>
	// DID not found: did:web:stranger.example is not one of ours
}

// Each method has its resolver. A cache keeps what a slow one found, for as long as a removed key may still be accepted.
func ExampleNewCache() {
	ctx := context.Background()
	asked := 0
	slow := did.ResolverFunc(func(_ context.Context, id did.DID) (*did.Document, error) {
		asked++
		return did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
			{Fragment: "2026", Key: examplePair(1).PublicKey(), Relationships: []did.Relationship{did.AssertionMethod}},
		}})
	})
	cache, err := did.NewCache(did.CacheConfig{Resolver: slow, TTL: time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	resolver := did.Mux{"key": did.KeyMethods(), "web": cache}

	issuer := did.MustParseURL("did:web:issuer.example#2026")
	for range 3 {
		if _, err := resolver.ResolveKey(ctx, issuer, did.AssertionMethod, time.Time{}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("asked", asked)
	cache.Forget(issuer.DID()) // it was told that a key is stolen
	if _, err := resolver.Resolve(ctx, issuer.DID()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("asked", asked)
	_, err = resolver.Resolve(ctx, did.MustParse("did:plc:abc"))
	fmt.Println(err)
	// Output:
	// asked 1
	// asked 2
	// DID method not supported: "plc" of did:plc:abc
}
