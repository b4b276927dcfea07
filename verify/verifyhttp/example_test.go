package verifyhttp_test

import (
	"fmt"
	"net/http"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

var (
	verifier *verify.Verifier // from verify.New
	agent    did.Signer
	chain    passport.Chain
)

// A shop guards its endpoint. See examples/httpguard for one that runs.
func ExampleNewGuard() {
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: verifier,
		Audience: "did:web:shop.example",
		Request: func(r *http.Request) (verify.Request, error) {
			return verify.Request{Act: passport.Act{Action: "orders.read", Resource: r.URL.Path}}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	http.Handle("GET /orders/{id}", guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		decision, _ := verify.FromContext(r.Context())
		fmt.Fprintf(w, "order %s, for %s", r.PathValue("id"), decision.Passport.Agent)
	})))
	// Output: verifyhttp: configuration: Verifier is nil: nothing could be decided; see verify.New
}

// An agent shows its passport to one shop, with an ordinary client.
func ExampleNewRoundTripper() {
	transport, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Agent: agent,
		Chain: chain,
		Audiences: map[string]string{
			"https://shop.example": "did:web:shop.example",
		},
		Intent: func(r *http.Request) (passport.Intent, error) {
			return passport.Intent{Act: passport.Act{Action: "orders.read", Resource: r.URL.Path}}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: transport}
	_, _ = client.Get("https://shop.example/orders/7")
	// Output:
	// verifyhttp: configuration: Agent is nil: nobody would sign
	// Chain is empty and Refresh nil: there is no passport to show
}
