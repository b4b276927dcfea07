package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// A host asks before it serves a call, and tells each caller how many are left.
func ExampleRegistry_Admit() {
	ctx := context.Background()
	rate := registry.Rates()[registry.ClassLogin]
	fmt.Println("usual for logins:", rate.Requests, "in", rate.Window)

	rate.Requests = 1 // stricter than usual
	logins := must(verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{
		Rate: verifyhttp.Rate(rate), Now: verifytest.NewClock(nine).Now,
	}))
	r, _, _, _ := exampleOffice(func(c *registry.Config) {
		c.Limiter = func(ctx context.Context, class registry.Class, caller string) (registry.Quota, error) {
			q, err := logins.Take(ctx, caller) // one limiter for each class
			return registry.Quota(q), err
		}
	})
	for range 2 {
		quota, err := r.Admit(ctx, registry.ClassLogin, "192.0.2.7")
		fmt.Println("refused:", errors.Is(err, registry.RateLimited))
		fields := quota.Fields()
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			fmt.Println("  "+name+":", fields[name])
		}
	}
	// Output:
	// usual for logins: 10 in 5m0s
	// refused: false
	//   X-RateLimit-Limit: 1
	//   X-RateLimit-Remaining: 0
	//   X-RateLimit-Reset: 300
	//   X-RateLimit-Window: 300s
	// refused: true
	//   Retry-After: 300
	//   X-RateLimit-Limit: 1
	//   X-RateLimit-Remaining: 0
	//   X-RateLimit-Reset: 300
	//   X-RateLimit-Window: 300s
}

// A host answers errors as APort does. What is not for the caller is not told: the host logs it under the id.
func ExampleP12View() {
	r, admin, _, _ := exampleOffice()
	_, err := r.Agents.Get(context.Background(), admin, "ag_unknown")
	for _, err := range []error{err, errors.New("10.0.0.7 refused the connection")} {
		id := registry.NewRequestID() // for the log, and for the answer
		view := registry.P12View(err, id)
		body := must(json.Marshal(view))
		fmt.Println(view.Status, strings.Replace(string(body), id, "req_…", 1))
	}
	// Output:
	// 404 {"success":false,"error":"there is no such agent","code":"NOT_FOUND","requestId":"req_…"}
	// 500 {"success":false,"error":"internal error","code":"INTERNAL","requestId":"req_…"}
}

// Records of another system come over with their ids and with what has become of them. A rehearsal says what would come
// of each, and a second run changes nothing.
func ExampleRegistry_Import() {
	ctx, root := context.Background(), registry.Root()
	r, _, _, _ := exampleOffice()
	there := []registry.ImportRecord{
		{ID: "dev_1", Status: registry.Active, NewOrg: &registry.NewOrg{Name: "Yourco"}},
		{ID: "agent_1", Org: "dev_1", Status: registry.Revoked, Reason: "it misbehaved",
			NewAgent: &registry.NewAgent{Name: "bot", DID: verifytest.Key("bot").DID()}},
		{ID: "agent_2", Org: "dev_1", Status: registry.Active, NewAgent: &registry.NewAgent{Name: "without a key"}},
	}
	here := map[string]string{} // the new ids, by those there
	for _, apply := range []bool{false, true, true} {
		fmt.Println("apply:", apply)
		report := must(r.Import(ctx, root, registry.Import{
			Source: "yourco", Records: exampleRecords(there), Apply: apply,
			Report: func(l registry.ImportLine) error {
				here[l.ID] = l.Here
				fmt.Println("  "+l.Kind, l.ID, l.Outcome, l.Changes)
				return nil
			},
		}))
		fmt.Println("  refused:", report.Refused)
	}
	for _, a := range must(r.Agents.List(ctx, root, registry.AgentQuery{Org: here["dev_1"]})).Items {
		fmt.Println(a.Name, a.Status, a.Reason)
	}
	// Output:
	// apply: false
	//   org dev_1 changed [ID: it is new]
	//   agent agent_1 changed [ID: it is new]
	//   agent agent_2 refused []
	//   refused: map[BAD_REQUEST:1]
	// apply: true
	//   org dev_1 changed [ID: it is new]
	//   agent agent_1 changed [ID: it is new]
	//   agent agent_2 refused []
	//   refused: map[BAD_REQUEST:1]
	// apply: true
	//   org dev_1 present []
	//   agent agent_1 present []
	//   agent agent_2 refused []
	//   refused: map[BAD_REQUEST:1]
	// bot revoked it misbehaved
}

func exampleRecords(list []registry.ImportRecord) iter.Seq2[registry.ImportRecord, error] {
	return func(yield func(registry.ImportRecord, error) bool) {
		for _, rec := range list {
			if !yield(rec, nil) {
				return
			}
		}
	}
}
