// Package credential is the W3C envelope: Verifiable Credentials 2.0 (and 1.1,
// for status lists), presentations, and the proofs on them.
//
//	signed, err := credential.Parse(raw)            // strict, but nothing is proven yet
//	key, err := did.ResolveKey(ctx, resolver, signed.Proofs()[0].VerificationMethod, did.AssertionMethod)
//	err = signed.CheckProof(0, key, did.AssertionMethod)
//
// [Parse] reads a document once, strictly, and keeps the received bytes: the
// bytes that were signed are the bytes that are decided on. It verifies
// nothing. [Signed.CheckProof] checks one proof with one key;
// [Signed.CheckProofs] checks all of them and that the issuer's is among them.
// Neither says that an issuer is to be trusted, that a credential is in force
// or that it was not revoked: that is the business of package verify, the only
// one that says "allowed".
//
// [Sign] and [SignJSON] secure a document with a Data Integrity proof
// (eddsa-jcs-2022 unless another suite is named) or with a [Format] such as
// vc+jwt; [Signed.AddProof] adds one more proof to a set, or the next of a
// chain. A set says who signed, not that all of them did: somebody may have
// taken a proof away. Who needs several signers counts them.
//
// # What is accepted
//
// Under the default profile, [Strict], a document holds only members that its
// contexts define where they stand, and every context is one of a closed,
// embedded, digest-pinned set. Nothing is ever fetched. Values of identifiers
// are absolute IRIs, numbers are integers that every reader takes exactly, no
// two objects share an identifier, and null, empty arrays and empty objects do
// not occur. Claims of a token are in tokens only, where they may repeat what
// the document says. What is refused is refused with a code of the vocabulary in
// package verify, a JSON Pointer, and what would have been right.
//
// All values of this package are immutable after construction and safe for
// concurrent use.
package credential
