// Httpguard: a shop whose HTTP endpoint is guarded, and an agent that shops
// there, in one process.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

const shop = "did:web:shop.example" // how agents name the shop: the audience

// order is the body of POST /charge.
type order struct{ Item, Price string }

func main() { run(os.Stdout) }

func run(out io.Writer) {
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	verifier, agent, chain := parties(now)

	// The shop. It says what a request means in its own words; who is asked
	// and which bytes were signed is the guard's business.
	guard := must(verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: verifier, Audience: shop,
		Request: func(r *http.Request) (verify.Request, error) {
			var o order
			if json.NewDecoder(r.Body).Decode(&o) != nil {
				return verify.Request{}, verify.EnvelopeMalformed
			}
			price, err := passport.ParseMoney(o.Price, "USD")
			return verify.Request{Act: passport.Act{Action: "payments.charge", Resource: r.URL.Path, Amount: price, Category: "compute"}}, err
		},
	}))
	charge := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		decision, _ := verify.FromContext(r.Context())
		fmt.Fprintf(w, "charged %s, thank you, %s", decision.Intent.Amount, decision.Passport.Name)
	})
	server := httptest.NewServer(guard.Handler(charge))
	defer server.Close()

	// The agent: an ordinary http.Client, whose transport presents.
	client := &http.Client{Transport: must(verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Agent: agent, Chain: chain, Audiences: map[string]string{server.URL: shop},
		Intent: func(r *http.Request) (passport.Intent, error) {
			price, err := passport.ParseMoney(r.Header.Get("Price"), "USD")
			return passport.Intent{Act: passport.Act{Action: "payments.charge", Resource: r.URL.Path, Amount: price, Category: "compute"}}, err
		},
		Present: passport.PresentOptions{Now: now},
	}))}

	ask := func(title string, c *http.Client, signed, body string) {
		r := must(http.NewRequest(http.MethodPost, server.URL+"/charge", strings.NewReader(body)))
		r.Header.Set("Price", signed)
		resp := must(c.Do(r))
		defer resp.Body.Close()
		if p, err := verifyhttp.ReadProblem(resp); err == nil {
			fmt.Fprintf(out, "%s: %d %s (%s)\n", title, resp.StatusCode, p.Code, p.Title)
			return
		}
		fmt.Fprintf(out, "%s: %d %s\n", title, resp.StatusCode, must(io.ReadAll(resp.Body)))
	}
	ask("A GPU for 12.50", client, "12.50", `{"item":"gpu","price":"12.50"}`)
	ask("The same without a passport", http.DefaultClient, "12.50", `{"item":"gpu","price":"12.50"}`)
	ask("A cluster for 500.00", client, "500.00", `{"item":"cluster","price":"500.00"}`)
	ask("One price signed, another sent", client, "12.50", `{"item":"gpu","price":"13.50"}`)
	ask("A body that is not an order", client, "12.50", `gpu, please`)
}
