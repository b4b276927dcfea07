// Package kms signs with keys that this program never holds: keys in a hardware module
// (package pkcs11), in an ssh-agent (package sshagent), or behind any [crypto.Signer],
// such as those that the libraries of cloud services return.
//
//	key, err := library.Open(ctx, pkcs11.Config{Token: "issuer", Label: "passports", PIN: pin})
//	signer, err := kms.NewSigner(ctx, did.MustParseURL("did:web:issuer.example#hsm-1"), key)
//	pass, err := passport.Issue(ctx, signer, …)
//
// The key must be Ed25519, and must sign the message itself, not a digest of it.
package kms

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/integrations/kms/internal/gate"
)

// Errors of keys that are somewhere else, for errors.Is. Only after ErrUnreachable does
// asking again make sense by itself.
var (
	// ErrNoKey: where the key was looked for, there is none, or there are two.
	ErrNoKey = errors.New("kms: no such key")
	// ErrRefused: the holder of the key knows it and does not let us use it: a wrong PIN,
	// a person who said no.
	ErrRefused = errors.New("kms: the key may not be used")
	// ErrUnreachable: the holder of the key does not answer: the token was pulled out,
	// the agent has stopped.
	ErrUnreachable = errors.New("kms: the holder of the key cannot be reached")
	// ErrClosed: Close was called before.
	ErrClosed = gate.ErrClosed
)

// AtATime is how many signatures of one key are made at a time. A call whose context
// ends returns, but what cannot be interrupted keeps its place until it is over.
const AtATime = 4

// proof is what a key signs to show that it works. Nothing else that is signed looks so:
// proofs of credentials sign 64 bytes, tokens sign text with dots.
const proof = "safeconduct/kms: a signature that shows that the key is the one of its public half"

// NewSigner is did.NewSigner for a key that is somewhere else. The key signs once, so
// that a key which is not the one of its public half, or which signs digests, is found
// here and not when the first passport is issued. Every signature is verified before it
// is returned, this one and all later ones.
//
// A key that is not a [did.ContextSigner] is called in a goroutine, [AtATime] of them at
// most, so that Sign returns when its context ends, even if the service hangs.
func NewSigner(ctx context.Context, id did.URL, key crypto.Signer) (did.Signer, error) {
	switch key.(type) {
	case nil, did.ContextSigner, ed25519.PrivateKey, *ed25519.PrivateKey: // what is at hand does not hang
	default:
		key = &bounded{key, gate.New(AtATime)}
	}
	signer, err := did.NewSigner(id, key)
	if err != nil {
		return nil, fmt.Errorf("kms: %w", err)
	}
	if _, err := signer.Sign(ctx, []byte(proof)); err != nil {
		return nil, fmt.Errorf("kms: the key %s does not sign: %w", id, err)
	}
	return signer, nil
}

// bounded is a key that knows no contexts.
type bounded struct {
	crypto.Signer
	gate *gate.Gate
}

func (b *bounded) SignContext(ctx context.Context, msg []byte) ([]byte, error) {
	return b.gate.Do(ctx, func() ([]byte, error) {
		return crypto.SignMessage(b.Signer, rand.Reader, msg, crypto.Hash(0))
	})
}
