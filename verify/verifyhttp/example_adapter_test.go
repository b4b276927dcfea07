package verifyhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An adapter for another protocol tells an agent what its own passports say against an act: the limit
// and the actual value, and no rule of the host.
func ExampleProblem_AddReasons() {
	w := verifytest.NewWorld(&testing.T{})
	price := passport.MustMoney("60.00", "USD")
	d, err := w.Verifier().Verify(context.Background(), w.Present(w.Issue(w.Passport()), w.Intent(func(in *passport.Intent) {
		in.Amount = price
	})), w.Request(func(q *verify.Request) { q.Amount = price }))
	p := verifyhttp.NewProblem(d, err)
	p.AddReasons(err)
	for _, reason := range p.Reasons {
		fmt.Println(reason.Code, reason.Limit, reason.Actual)
	}
	// Output: authority.amount_exceeded 50.00 USD 60.00 USD
}

// A transport of an agent's own shows the passport in the header of what it sends.
func ExampleRoundTripper_RoundTrip() {
	w := verifytest.NewWorld(&testing.T{})
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Path, len(r.Header.Get(verifyhttp.HeaderPassport)) > 0)
	}))
	defer shop.Close()
	transport, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Agent: w.Agent, Chain: passport.Chain{w.Issue(w.Passport())}, Present: passport.PresentOptions{Now: w.Clock.Now},
		Audiences: map[string]string{shop.URL: verifytest.Audience},
		Intent: func(r *http.Request) (passport.Intent, error) {
			return passport.Intent{Act: passport.Act{Action: "data.read", Resource: r.URL.Path}}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := http.NewRequest(http.MethodGet, shop.URL+"/orders/7", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := transport.RoundTrip(r)
	if err == nil {
		_ = answer.Body.Close()
	}
	fmt.Println(answer.StatusCode, err)
	// Output:
	// /orders/7 true
	// 200 <nil>
}
