package verifya2a_test

import (
	"fmt"
	"log"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"

	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/verify"
)

// An agent whose skills are for callers that may use them.
func Example() {
	guard, err := verifya2a.New(verifya2a.Config{
		Verifier: new(verify.Verifier), // one of verify.New, in earnest
		Audience: "did:web:shop.example",
		Skills: map[string]verifya2a.Call{
			"charge": {Action: "payments.charge", Amount: "/message/parts/0/data/amount", Currency: "USD"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = a2asrv.NewHandler(nil, a2asrv.WithCallInterceptor(guard)) // with your executor
	card := &a2a.AgentCard{
		Capabilities: a2a.AgentCapabilities{Extensions: []a2a.AgentExtension{verifya2a.Extension()}},
		Skills:       []a2a.AgentSkill{{ID: "charge"}, {ID: "refund"}},
	}
	fmt.Println(guard.Covers(card))
	// Output: verifya2a: no Call is declared for the skills ["refund"]
}
