package verifygrpc_test

import (
	"fmt"
	"log"

	"google.golang.org/grpc"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// A server whose methods run only for agents that may call them.
func Example() {
	guard, err := verifygrpc.New(verifygrpc.Config{
		Verifier: new(verify.Verifier), // one of verify.New, in earnest
		Audience: "did:web:shop.example",
		Methods: map[string]verifygrpc.Method{
			"/shop.v1.Shop/Charge": {Call: meaning.Call{Action: "payments.charge", Amount: "/amount", Currency: "USD"}},
			"/shop.v1.Shop/Watch":  {Call: meaning.Call{Action: "orders.read", Resource: "/order"}},
		},
		Open: []string{"/grpc.health.v1.Health/Check"},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(guard.Unary), grpc.StreamInterceptor(guard.Stream))
	fmt.Println(guard.Covers(server)) // every method is declared, or open
	// Output: <nil>
}
