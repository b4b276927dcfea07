package registry_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An owner is told what agents do with their keys: at once of what was done for them, and of everything each week.
func ExampleAgentKeys_Digest() {
	ctx := context.Background()
	clock := verifytest.NewClock(nine) // a Saturday
	r, admin, _, _ := exampleOffice(func(c *registry.Config) { c.Now = clock.Now })
	pair := verifytest.Key("ada")
	ada := must(r.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", DID: pair.DID()}))
	must(r.Consents.Give(ctx, ada.Actor(), registry.Signing{Credentials: [][]byte{exampleWill(clock.Now)}}))
	key, _, err := r.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{
		Name: "my assistant", Scopes: []string{"agent:write"},
	})
	if err != nil {
		log.Fatal(err)
	}

	// What a host records of each request with the key; package verify/office does so.
	for _, u := range []registry.Use{
		{Decision: "dec-1", Allowed: true, Operation: "createCheckout", Notify: "checkout.created"},
		{Decision: "dec-2", Allowed: false, Operation: "createCheckout", Code: "authority.amount_exceeded"},
	} {
		u.Key, u.At, u.Scope = key.ID, clock.Now(), "agent:write"
		if err := r.AgentKeys.Used(ctx, u); err != nil {
			log.Fatal(err)
		}
	}
	if err := r.AgentKeys.Succeeded(ctx, "dec-1"); err != nil { // what was allowed was done
		log.Fatal(err)
	}
	for _, e := range must(r.Events.Read(ctx, registry.Root(), 0, 100)) {
		if m, ok := registry.MailOf(e); ok {
			fmt.Println("mail:", m.Subject)
		}
	}

	clock.Advance(48 * time.Hour)
	from, until := registry.WeekBefore(clock.Now(), time.UTC)
	fmt.Println("week:", from.Format(time.DateOnly), "to", until.Format(time.DateOnly))
	digest := must(r.AgentKeys.Digest(ctx, registry.Root(), registry.DigestQuery{Owner: ada.ID, Until: until}))
	if digest != nil { // nil: Ada has no key that writes
		for _, row := range digest.Mail().Rows {
			fmt.Println(strings.TrimRight(strings.Join(row, " | "), " |"))
		}
	}
	// Output:
	// mail: You have signed a Manifestation of Will
	// mail: Your agent has created a checkout session
	// week: 2026-11-16 to 2026-11-23
	// Key | Scopes | Last used | Activity | Refused | Advice
	// my assistant | agent:write | 2026-11-21 09:00:00 | createCheckout: 1 | 1
}

// exampleWill is what Ada has signed: agents may act for her.
func exampleWill(now func() time.Time) []byte {
	return must(passport.IssueManifestation(context.Background(), verifytest.Key("ada"), passport.Manifestation{
		StatementDigest: passport.Digest([]byte("Agents may act for me.")),
		Status: []statuslist.Entry{{
			Purpose: statuslist.Revocation, URL: "https://ada.example/status/1", Index: 94567,
		}},
	}, passport.IssueOptions{Now: now})).Bytes()
}
