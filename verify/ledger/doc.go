// Package ledger is a [verify.Ledger] in memory. It is made of nothing but what
// package verify exports, so whoever wants another one can begin here.
//
//	v, err := verify.New(verify.Config{
//		Anchors:  anchors,
//		Resolver: did.KeyMethods(),
//		Ledger:   ledger.NewMemory(ledger.Options{}),
//	})
package ledger
