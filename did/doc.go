// Package did names the parties: decentralized identifiers (DID), the
// documents behind them, and the public keys that the documents list.
//
// Everything here works without a network. [KeyMethods] resolves did:key and
// did:jwk, which carry their key in their name; [Static] serves documents that
// the caller already has; a method that needs a network (did:web) is an edge
// package that implements [Resolver].
//
//	key, err := did.GenerateKey()            // a new did:key identity
//	sig, err := key.Sign(ctx, message)
//	pub, err := did.ResolveKey(ctx, did.KeyMethods(), key.KeyID(), did.AssertionMethod, now)
//	ok := pub.Verify(message, sig)
//
// The package has no opinion about trust. A document says which keys its
// subject lists for which purpose ([Relationship]); whether the subject is to
// be believed is decided elsewhere.
//
// The rules are those of W3C Decentralized Identifiers 1.0 and Controlled
// Identifiers 1.0, read strictly: an identifier has one accepted spelling, a
// key has one accepted encoding, and what is not understood is not usable.
package did
