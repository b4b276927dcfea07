package listhttp_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/listhttp"
)

// An issuer publishes its list into memory, from where it is served.
func ExampleNew() {
	ctx := context.Background()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) // time.Now()
	issuer, err := did.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	publisher, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation})
	if err != nil {
		log.Fatal(err)
	}
	lists := new(statuslist.Memory)
	handler, err := listhttp.New(lists, listhttp.Config{Base: "https://issuer.example", Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/status/", handler)

	// After every change, and at least daily:
	editions, err := publisher.Publish(ctx, issuer, statuslist.PublishOptions{Now: now, TTL: time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	if err := editions.PutTo(ctx, lists); err != nil {
		log.Fatal(err)
	}

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/status/1", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
	// Output: 200 application/vc public, max-age=60
}
