package webhook_test

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry/webhook"
)

// Both sides of a message: what is posted is signed, and the receiver checks it before it reads the body.
func ExampleVerify() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	secret := webhook.NewSecret() // hand it to the receiver once
	same, err := webhook.ParseSecret(secret.Reveal())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(secret) // printed by accident it shows nothing

	body, h := []byte(`{"type": "passport.revoked"}`), http.Header{}
	webhook.Sign(h, []webhook.Secret{secret}, "msg_7", at, body)
	fmt.Println(webhook.Verify(h, body, at.Add(time.Minute), same))
	fmt.Println(webhook.Verify(h, body, at.Add(time.Hour), same))
	// Output:
	// (secret)
	// <nil>
	// webhook: the message is not signed with the secret, or not of this time
}

// A configuration is checked when the sender is made.
func ExampleNew() {
	_, err := webhook.New(webhook.Config{})
	fmt.Println(err)
	// Output: webhook: Config.Events and Config.Endpoints are needed
}
