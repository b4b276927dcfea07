// Package verify decides whether an agent may do what it asks to do: offline,
// from the passport it presents, the keys and the status lists at hand, and a
// ledger of what was used before. It is the only package here that says
// "allowed".
//
//	v, err := verify.New(verify.Config{
//		Anchors:  []verify.Anchor{{Issuer: issuer}},
//		Resolver: did.KeyMethods(),
//		Status:   lists,
//		Ledger:   ledger.NewMemory(ledger.Options{}),
//		Payments: []string{"payments.*"}, // they must say what they cost
//	})
//	act := passport.Act{Action: "payments.charge", Amount: price} // what the caller knows is about to happen
//	decision, err := v.Verify(ctx, presented, verify.Request{Audience: "did:web:shop.example", Act: act})
//	if err != nil {
//		return err // deny or undetermined, with every reason
//	}
//
//	… do it, then:
//	return decision.Commit(ctx) // or Release, if it was not done after all
//
// err is nil if and only if the act is allowed. The [Decision] is always
// there, for the log, but shows the passport only when it was allowed.
//
// # Eight steps
//
// envelope, anchor, time, proof, delegation, status, authority, ledger: always
// in this order, which is part of the security of the whole. Nothing is looked
// up for a chain that does not begin at a trusted issuer, and no nonce is used
// up by a request that is refused. Steps 1 to 5 stop at the first that fails;
// status and authority are both evaluated, so that a refusal names every
// reason; the ledger is asked last.
//
// # From the question to the bill
//
// [Verifier.Verify] runs the steps. Step 8 makes out the bill, a [Charge] for
// each budget and rate of each link that the act uses (run.makeBill), and hands
// it to [Ledger].Reserve, which takes all of it or nothing. The decision holds
// what was taken until the host says what became of the act: Commit, CommitFor
// or Release, or [Ledger].Settle with the id of the decision. After
// Config.HoldFor it counts as spent. verifyhttp.Guard and shield.Func settle by
// themselves.
//
// # Three verdicts
//
// Deny, undetermined and allow. Undetermined means that it could not be found
// out (a list is too old, a key could not be looked up) and is refused like a
// denial; it is told apart so that a caller may fetch what is missing and ask
// again.
//
// A [Verifier] is immutable and safe for concurrent use.
package verify
