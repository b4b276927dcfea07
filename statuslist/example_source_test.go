package statuslist_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/statuslist"
)

// A list is written where verifiers read it, and a source is any function that finds it: here one that
// tries a folder, and would ask a mirror if that had none.
func ExampleSourceFunc() {
	ctx, issuer := context.Background(), exampleIssuer()
	folder, err := os.MkdirTemp("", "lists")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	editions, err := exampleList(statuslist.Revocation).Publish(ctx, issuer, statuslist.PublishOptions{
		Now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(statuslist.Dir(folder).Put(ctx, editions[0]))

	var source statuslist.SourceFunc = func(ctx context.Context, url string) (*statuslist.Fetched, error) {
		return statuslist.Dir(folder).StatusList(ctx, url) // or from the mirror
	}
	list, err := source.StatusList(ctx, editions[0].URL)
	fmt.Println(string(list.Raw) == string(editions[0].Raw), err)
	// Output:
	// <nil>
	// true <nil>
}
