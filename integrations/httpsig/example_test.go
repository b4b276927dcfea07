package verifyhttpsig_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/did"
	verifyhttpsig "github.com/safeconduct/safeconduct/integrations/httpsig"
)

// An agent signs a request as Web Bot Auth has it, and a server checks it.
func Example() {
	agent, err := did.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	request, err := http.NewRequest(http.MethodGet, "https://shop.example/prices", nil)
	if err != nil {
		log.Fatal(err)
	}
	err = verifyhttpsig.Sign(context.Background(), request, agent, verifyhttpsig.SignOptions{
		Key: agent.PublicKey(), Created: now, Expires: now.Add(time.Minute),
	})
	if err != nil {
		log.Fatal(err)
	}
	signed, err := verifyhttpsig.Verify(request, verifyhttpsig.VerifyOptions{
		Key: func(keyID string) (did.PublicKey, error) { return agent.PublicKey(), nil }, // one of yours, by its id
		Now: func() time.Time { return now },
	})
	fmt.Println(signed.Tag, signed.Components, err)
	// Output: web-bot-auth ["@authority"] <nil>
}
