package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/receipt"
)

// receipts: the folder of a log with two refusals and an act whose status nobody knows, its key, the verifier's key, the id of the second,
// and the field Agent-Receipt that came with it; that of the third, and what was shown for it.
func cmdReceipts(ts *testscript.TestScript, _ bool, _ []string) {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	key, err := did.GenerateKey()
	ts.Check(err)
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: key.DID()}}, Resolver: did.KeyMethods(), Evidence: true,
		Ledger: ledger.NewMemory(ledger.Options{}),
		Now:    now,
	})
	ts.Check(err)
	o := receipt.Options{Origin: "shop.example/receipts", Signer: key, Key: key.PublicKey()}
	log, err := receipt.Open(ctx, ts.MkAbs("receipts"), o)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("shop.key"), key.PrivatePEM(), 0o600))
	shop, err := did.NewSigner(did.MustParseURL("did:web:shop.example#key-1"), key.PrivateKey())
	ts.Check(err)
	keeper := receipt.Keeper{Log: log, Signer: shop, Strangers: true}
	for i := range 3 {
		q := verify.Request{Audience: "did:web:shop.example", Act: passport.Act{Action: "payments.charge"}}
		var presented []byte
		if i == 2 {
			pass, err := passport.Issue(ctx, key, &passport.Passport{
				Agent: key.DID(), Authority: passport.Authority{Capabilities: []passport.Capability{{Action: q.Action}}},
				Status: []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://issuer.example/1", Index: 7, Size: 1}},
			}, passport.IssueOptions{Now: now})
			ts.Check(err)
			shown, err := passport.Present(ctx, key, passport.Chain{pass}, passport.Intent{Act: q.Act}, q.Audience,
				passport.PresentOptions{Now: now})
			ts.Check(err)
			presented = shown.Bytes()
			ts.Check(os.WriteFile(ts.MkAbs("shown.json"), presented, 0o600))
		}
		d, _ := v.Verify(ctx, presented, q)
		text, proof, err := keeper.Keep(ctx, d)
		ts.Check(err)
		enc := base64.StdEncoding.EncodeToString
		field := fmt.Sprintf("agent-receipt: :%s:;proof=:%s:\r\n", enc(text), enc(proof))
		switch i {
		case 1:
			ts.Setenv("ID", "urn:safeconduct:decision:"+d.ID)
			ts.Check(os.WriteFile(ts.MkAbs("field"), []byte(field), 0o600))
		case 2:
			ts.Setenv("REQUEST", q.Digest())
			ts.Check(os.WriteFile(ts.MkAbs("field3"), []byte(field), 0o600))
		}
	}
	ts.Check(log.Close(ctx))
	ts.Setenv("LOGKEY", log.Key())
}
