// Kms issues a passport with a key that this program never sees.
package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// remote is a key in a key management service, as a crypto.Signer. Many
// services come with one; where yours does not, it is this much.
type remote struct {
	public ed25519.PublicKey
	sign   func(message []byte) (signature []byte, err error) // the call to the service
}

func (r remote) Public() crypto.PublicKey { return r.public }

// Sign gets the message itself, not a digest of it: Ed25519 signs messages.
func (r remote) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != crypto.Hash(0) {
		return nil, errors.New("this key signs messages, not digests")
	}
	return r.sign(message)
}

func main() { run(os.Stdout) }

func run(out io.Writer) {
	public, private, err := ed25519.GenerateKey(nil) // stands for the service
	check(err)
	kms := remote{public, func(message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }}

	// What verifiers look up: the issuer's document, with the public half.
	issuer, key := did.MustParse("did:web:issuer.example"), must(did.PublicKeyOf(public))
	document := must(did.NewDocument(did.DocumentOptions{ID: issuer, Keys: []did.DocumentKey{{
		Fragment: "kms-1", Key: key, Relationships: []did.Relationship{did.AssertionMethod},
	}}}))

	signer := must(did.NewSigner(did.MustParseURL("did:web:issuer.example#kms-1"), kms))
	agent := must(did.GenerateKey())
	pass := must(passport.Issue(context.Background(), signer, &passport.Passport{
		Agent:     agent.DID(),
		Authority: passport.Authority{Capabilities: []passport.Capability{{Action: "files.read"}}},
		Status:    []statuslist.Entry{{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation, Index: 7}},
	}, passport.IssueOptions{}))

	known := must(did.NewStatic(document))
	check(pass.CheckProofs(context.Background(), known, did.AssertionMethod, pass.Unverified().ValidFrom))
	fmt.Fprintln(out, "signed by", pass.Proofs()[0].VerificationMethod)
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
