package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/passport/registry/webhook"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// An office tells a shop of what becomes of agents. The shop checks each message, and answers 2xx once it has it.
func ExampleSender_Run() {
	ctx, stop := context.WithCancel(context.Background())
	secret := webhook.NewSecret() // both sides have it
	shop := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || webhook.Verify(r.Header, body, time.Now(), secret) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var message struct {
			Type string
			Data struct{ Number int64 }
		}
		if err := json.Unmarshal(body, &message); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Println(message.Data.Number, message.Type) // the same webhook-id again is a repeat: pass it over
		if message.Type == "agent.revoked" {
			stop() // an office does not stop
		}
	}))
	defer shop.Close()

	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	office, err := registry.Open(registry.Config{
		Store: db.Registry(), Issuer: verifytest.Key("issuer"), BaseURL: "https://issuer.example",
	})
	if err != nil {
		log.Fatal(err)
	}
	sender, err := webhook.New(webhook.Config{
		Events: office.Events,
		Client: shop.Client(), // in production nil: it reaches no private address, and this shop is on loopback
		Endpoints: []webhook.Endpoint{{
			Name: "shop", URL: shop.URL + "/hooks", Secrets: []webhook.Secret{secret},
			Types: []string{"agent.created", "agent.revoked"},
		}},
		Failed: func(f webhook.Failure) { log.Println(f.Endpoint, f.Err, "again in", f.Again) },
	})
	if err != nil {
		log.Fatal(err)
	}

	org, err := office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	if err != nil {
		log.Fatal(err)
	}
	agent, err := office.Agents.Create(ctx, org.Admin(), registry.NewAgent{
		Name: "buyer", DID: verifytest.Key("agent").DID(),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := office.Agents.Revoke(ctx, org.Admin(), agent.ID, "it was stolen"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ended by its context:", errors.Is(sender.Run(ctx), context.Canceled))
	// Output:
	// 2 agent.created
	// 3 agent.revoked
	// ended by its context: true
}
