package shield_test

import (
	"context"
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/shield"
)

// A tool of an agent, callable only with a passport that grants it.
func ExampleEnforce() {
	verifier, present := mailAgent()
	ctx := context.Background()

	send := func(_ context.Context, to string) (string, error) { return "sent to " + to, nil }
	question := func(to string) verify.Request {
		return verify.Request{Audience: office, Act: passport.Act{Action: "mail.send", Resource: to}}
	}
	guarded := shield.Enforce(verifier, question, send) // the one line

	shown := present(passport.Intent{Act: passport.Act{Action: "mail.send", Resource: "bob@example.org"}})
	fmt.Println(guarded(ctx, shown, "bob@example.org"))
	_, err := guarded(ctx, shown, "eve@example.org")
	fmt.Println(err)
	// Output:
	// sent to bob@example.org <nil>
	// deny: proof.intent_mismatch at /intent/resource: the agent signed another resource than is asked for (limit eve@example.org, actual bob@example.org)
}

// A trial run: every call goes through, and the log says which would not.
func ExampleObserve() {
	verifier, present := mailAgent()
	ctx := context.Background()

	send := func(_ context.Context, to string) (string, error) { return "sent to " + to, nil }
	question := func(to string) verify.Request {
		return verify.Request{Audience: office, Act: passport.Act{Action: "mail.send", Resource: to}}
	}
	watched := shield.Observe(verifier, question, send, func(_ context.Context, d *verify.Decision, err error) {
		fmt.Println("verdict:", d.Verdict)
	})

	shown := present(passport.Intent{Act: passport.Act{Action: "mail.send", Resource: "bob@example.org"}})
	fmt.Println(watched(ctx, shown, "bob@example.org"))
	fmt.Println(watched(ctx, shown, "bob@example.org"))
	// Output:
	// verdict: allow
	// sent to bob@example.org <nil>
	// verdict: deny
	// sent to bob@example.org <nil>
}
