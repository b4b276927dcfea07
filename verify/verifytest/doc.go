// Package verifytest is a small world for tests: an issuer, agents with
// passports, a clock, published status lists, and a verifier that trusts the
// issuer.
//
//	w := verifytest.NewWorld(t)
//	pass := w.Issue(w.Passport())
//	shown := w.Present(pass, w.Intent())
//	_, err := w.Verifier().Verify(ctx, shown, w.Request())
//	verifytest.AssertAllowed(t, err)
//
// Everything in it is real: the keys sign, the lists are lists. Only the clock
// stands still until a test moves it, and keys are made from names, so that a
// test sees the same identifiers in every run.
//
// # Parties and faults
//
// [World.Family] makes chains of agents, and forges them. [World.Principal] is
// a person who signs a Manifestation of Will and withdraws it. [World.Web]
// publishes did:web documents, rotates their keys and fails to answer.
// [World.Lists] is the host of status lists, which can be stale, gone,
// unsigned, tampered with or rolled back.
//
// # The shelf
//
// [World.Shelf] has some eighty presentations that nobody may allow, from
// expired and forged to replayed, each with its code and a good twin. Run them
// against your own configuration: a verifier that refuses everything fails as
// surely as one that lets something through.
//
// # Conformance
//
// [TestLedger], [TestDurableLedger], [TestMarkStore], [TestSource] and [TestResolver] test implementations of the
// interfaces that a verifier asks. Each rule that is broken is explained.
package verifytest
