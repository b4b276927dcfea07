// Package receipt seals decisions and keeps them in a transparency log.
//
// A verifier seals what it decided, appends it to its log, and may hand the
// receipt to the agent. Whoever has a receipt and a proof can check, without a
// network, that this verifier made this decision and has it in its log; whoever
// keeps a checkpoint can check later that nothing was rewritten:
//
//	log, err := receipt.Open(ctx, "receipts", receipt.Options{Origin: "shop.example/receipts", Signer: key, Key: key.PublicKey()})
//	…
//	decision, err := v.Verify(ctx, presented, request) // verify.Config.Evidence is true
//	sealed, err := receipt.Seal(ctx, key, decision)
//	index, err := log.Append(ctx, sealed) // on disk when it returns
//	proof, err := log.Prove(ctx, index)
//
//	says, err := receipt.Verify(ctx, []byte(sealed.Text()), proof, trust) // anywhere, any time
//
// A [Keeper] does so for every decision of a server, and verifyhttp brings the
// receipt back to an agent that asks for it (field Agent-Receipt).
//
// The folder of a log has the files of C2SP tlog-tiles (tiles of hashes, bundles of
// entries, and a checkpoint that is a C2SP signed note), so that any web
// server can hand it out and existing auditors and witnesses can read it.
// Proofs have the form of C2SP tlog-proof. [Published] makes them from a copy of the files.
//
// A receipt says who decided what, when, on which passports, lists and rules.
// Arguments and personal data are in it as digests only.
package receipt
