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
package verifytest
