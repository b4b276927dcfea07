package verify_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// What a guard for another protocol does with a decision: it maps a refusal, and says what became
// of the act for a caller who may be gone.
func ExampleDecision_SettleAs() {
	ctx, leave := context.WithCancel(context.Background())
	w := exampleWorld()
	v := w.Verifier()
	d, err := v.Verify(ctx, w.Present(w.Issue(w.Passport()), w.Intent()), w.Request())
	if err != nil {
		log.Fatal(err)
	}
	leave() // the caller is gone, and the act is done
	if err := d.SettleAs(ctx, verify.Done); err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Verdict, "and done")

	_, err = v.Verify(context.Background(), nil, w.Request())
	var refusal *verify.Refusal
	if errors.As(err, &refusal) {
		fmt.Println(refusal.HTTPStatus(), refusal.Violations[0].HTTPStatus(), refusal.Violations[0].Code)
	}
	// The host's own code failed before the verifier could be asked.
	d, _ = verify.RefuseQuestion(w.Clock.Now(), fmt.Errorf("reading the order: %w", verify.EnvelopeMalformed))
	fmt.Println(d.Verdict, d.Code())
	d, _ = verify.RefuseQuestion(w.Clock.Now(), errors.New("no such order"))
	fmt.Println(d.Verdict, d.Code())
	// Output:
	// allow and done
	// 401 401 envelope.missing
	// deny envelope.malformed
	// deny request.invalid
}

// Zero is the default of each bound, and what is out of its range is found before a verifier is made.
func ExampleBounds_Resolve() {
	b, err := verify.Bounds{StatusAge: time.Hour}.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("as stated:", b.StatusAge, "by default:", b.IntentLifetime)
	_, err = verify.Bounds{StatusAge: 365 * 24 * time.Hour}.Resolve()
	fmt.Println(err)
	// Output:
	// as stated: 1h0m0s by default: 5m0s
	// verify.Bounds.StatusAge is 8760h0m0s, want 1 to 168h0m0s (0 means 24h0m0s)
}
