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

// Verifiers ask again and again, and get a list once: while nothing has changed the answer has no body.
func ExampleHandler() {
	ctx := context.Background()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	issuer, err := did.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	publisher, err := statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
	})
	if err != nil {
		log.Fatal(err)
	}
	index, err := publisher.Allocate()
	if err != nil {
		log.Fatal(err)
	}
	lists := new(statuslist.Memory)
	publish := func() {
		editions, err := publisher.Publish(ctx, issuer, statuslist.PublishOptions{Now: now, TTL: time.Minute})
		if err != nil {
			log.Fatal(err)
		}
		if err := editions.PutTo(ctx, lists); err != nil {
			log.Fatal(err)
		}
	}
	handler, err := listhttp.New(lists, listhttp.Config{
		Base: "https://issuer.example", Now: func() time.Time { return now },
	})
	if err != nil {
		log.Fatal(err)
	}
	etag := ""
	ask := func(method, path string) {
		r := httptest.NewRequest(method, path, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(method, path, w.Code, "with a body:", w.Body.Len() > 0)
		if w.Code == http.StatusOK {
			etag = w.Header().Get("ETag")
		}
	}
	publish()
	ask("GET", "/status/1")
	ask("GET", "/status/1")
	now = now.Add(time.Hour)
	if err := publisher.Set(index, 1); err != nil { // a passport is revoked
		log.Fatal(err)
	}
	publish()
	ask("GET", "/status/1")
	ask("GET", "/status/2")
	ask("POST", "/status/1")
	// Output:
	// GET /status/1 200 with a body: true
	// GET /status/1 304 with a body: false
	// GET /status/1 200 with a body: true
	// GET /status/2 404 with a body: true
	// POST /status/1 405 with a body: true
}
