package verifyhttp_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A guarded service, a client that presents for each request, and a refusal as the client reads it.
func ExampleGuard() {
	w := verifytest.NewWorld(&testing.T{}) // an issuer, an agent and its passport, for tests
	read := passport.Act{Action: "data.read"}
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.Verifier(), Audience: "did:web:shop.example",
		Request: func(r *http.Request) (verify.Request, error) {
			if r.URL.Path == "/orders" {
				return verify.Request{Act: read}, nil
			}
			return verify.Request{Act: passport.Act{Action: "admin.delete"}}, nil
		},
		Settle: verifyhttp.SettleSuccess,
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(guard.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprint(rw, "two orders")
	})))
	defer server.Close()

	transport, err := verifyhttp.NewRoundTripper(verifyhttp.RoundTripperConfig{
		Agent: w.Agent, Chain: passport.Chain{w.Issue(w.Passport())},
		Present:   passport.PresentOptions{Now: w.Clock.Now},
		Audiences: map[string]string{server.URL: "did:web:shop.example"},
		Intent:    func(*http.Request) (passport.Intent, error) { return passport.Intent{Act: read}, nil },
	})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	for _, path := range []string{"/orders", "/everything"} {
		answer, err := client.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(path, answer.StatusCode)
		if problem, err := verifyhttp.ReadProblem(answer); err == nil {
			fmt.Println(problem.Code, problem.Verdict)
		}
		answer.Body.Close()
	}
	// Output:
	// /orders 200
	// /everything 401
	// proof.intent_mismatch deny
}

// Without a handler: a server of another kind asks, and answers itself.
func ExampleGuard_Check() {
	w := verifytest.NewWorld(&testing.T{})
	guard, err := verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Verifier: w.Verifier(), Audience: "did:web:shop.example",
		Request: func(*http.Request) (verify.Request, error) {
			return verify.Request{Act: passport.Act{Action: "data.read"}}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	decision, err := guard.Check(httptest.NewRequest("GET", "https://shop.example/orders", nil))
	rw := httptest.NewRecorder()
	verifyhttp.WriteProblem(rw, nil, decision, err)
	fmt.Println(rw.Code, rw.Header().Get("Content-Type"))
	problem := verifyhttp.NewProblem(decision, err)
	title, _, _ := strings.Cut(problem.Text(), ". ") // what a model that was refused can read
	fmt.Println(title)
	_, err = verifyhttp.ReadReceipt(rw.Header())
	fmt.Println(err)
	// Output:
	// 401 application/problem+json
	// Refused (envelope.missing): nothing was presented
	// verifyhttp: the answer has no receipt
}

// How many calls one caller may make, counted in this process.
func ExampleNewMemoryLimiter() {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	limiter, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{
		Rate: verifyhttp.Rate{Requests: 2, Window: time.Minute}, Now: func() time.Time { return now },
	})
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8::7]:4711"
	for range 3 {
		quota, err := limiter.Take(context.Background(), verifyhttp.OriginKey(r))
		fmt.Println(quota.OK, quota.Remaining, quota.Reset, err)
	}
	fmt.Println(verifyhttp.OriginKey(r), verifyhttp.AddressKey("192.0.2.1")) // the latter from a field that a proxy sets
	// Output:
	// true 1 1m0s <nil>
	// true 0 1m0s <nil>
	// false 0 1m0s <nil>
	// 2001:db8::/64 192.0.2.1
}

// When an act is settled by the status that a handler answered with.
func ExampleSettleByStatus() {
	for _, status := range []int{200, 404, 500} {
		fmt.Println(status, verifyhttp.SettleByStatus(nil, status) == verifyhttp.Commit, verifyhttp.SettleByStatus(nil, status) == verifyhttp.Release)
	}
	// Output:
	// 200 true false
	// 404 false true
	// 500 false false
}

// The usual rates.
func ExampleRate() {
	fmt.Println(verifyhttp.KeyRate(), verifyhttp.ReadRate(), verifyhttp.WriteRate(), verifyhttp.LoginRate(), verifyhttp.OriginRate())
	// Output: {300 1m0s} {100 1m0s} {60 1m0s} {10 5m0s} {60 1m0s}
}
