package passport_test

import (
	"context"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

func examplePassport(agent did.DID) *passport.Passport {
	return &passport.Passport{
		Agent:  agent,
		Status: []statuslist.Entry{{Purpose: statuslist.Revocation, URL: "https://issuer.example/status/1", Index: 94567}},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}},
			Categories:     []string{"compute"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
		},
	}
}

func ExampleIssue() {
	issuer, _ := did.GenerateKey()
	agent, _ := did.GenerateKey()
	signed, err := passport.Issue(context.Background(), issuer, examplePassport(agent.DID()), passport.IssueOptions{
		Now:      func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) },
		Lifetime: 8 * time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := passport.ReadUnverified(signed)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.ValidUntil.Format(time.RFC3339), p.Agent == agent.DID(), p.Authority.MaxTransaction)
	// Output: 2026-11-21T17:00:00Z true 50.00 USD
}

func ExamplePermits() {
	root := &passport.Authority{
		Capabilities:   []passport.Capability{{Action: "payments.*"}},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	}
	for _, price := range []string{"50.00", "50.01"} {
		reasons := passport.Permits([]*passport.Authority{root}, &passport.Act{
			Action: "payments.charge", Amount: passport.MustMoney(price, "USD"),
		}, "did:web:shop.example", time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC))
		fmt.Println(price, len(reasons) == 0)
		for _, r := range reasons {
			fmt.Println(r.Code, r.Path, r.Limit)
		}
	}
	// Output:
	// 50.00 true
	// 50.01 false
	// authority.amount_exceeded /0/maxTransactionAmount 50.00 USD
}
