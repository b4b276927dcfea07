package httpsource_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"

	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/statuslist/httpsource"
)

// Lists for a verifier that has a network: fetched when they are needed, kept
// for as long as their hosts say, and fetched again in the background.
func ExampleNew() {
	lists, err := httpsource.New(httpsource.Config{
		Observe: func(e statuslist.FetchEvent) {
			if e.Failures > 2 {
				slog.Warn("a status list cannot be fetched", "url", e.URL, "failures", e.Failures, "error", e.Err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- lists.Run(ctx) }() // until the program ends

	// verify.Config{Status: lists, …}
	_, err = lists.StatusList(ctx, "https://127.0.0.1/status/1")
	fmt.Println(errors.Is(err, statuslist.ErrNotFound))
	stop()
	fmt.Println(<-over)
	// Output:
	// true
	// context canceled
}
