package statuslist_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

// An issuer gives a credential an index, revokes it, and publishes the list;
// a verifier reads it back from the folder, without network.
func Example() {
	ctx := context.Background()
	issuer, err := did.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}

	// The issuer.
	lists, err := statuslist.NewPublisher(statuslist.PublisherOptions{
		URL:     "https://issuer.example/status/revoked",
		Also:    map[statuslist.Encoding]string{statuslist.StatusList2021: "https://issuer.example/status/revoked-2021"},
		Purpose: statuslist.Revocation,
	})
	if err != nil {
		log.Fatal(err)
	}
	index, err := lists.Allocate()
	if err != nil {
		log.Fatal(err)
	}
	// … save lists.MarshalState() here, then sign a credential with this entry.
	entry, err := lists.Entry(index)
	if err != nil {
		log.Fatal(err)
	}

	folder, err := os.MkdirTemp("", "lists")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	host := statuslist.Dir(folder)
	publish := func(now time.Time) {
		editions, err := lists.Publish(ctx, issuer, statuslist.PublishOptions{Now: now, ValidFor: time.Hour})
		if err != nil {
			log.Fatal(err)
		}
		// … save lists.MarshalState() here, then publish.
		if err := editions.PutTo(ctx, host); err != nil {
			log.Fatal(err)
		}
	}

	// The verifier. Package verify does this, and judges issuer and age too.
	look := func() {
		fetched, err := host.StatusList(ctx, entry.URL)
		if err != nil {
			log.Fatal(err)
		}
		signed, err := credential.Parser{StatusList: true}.Credential(fetched.Raw)
		if err != nil {
			log.Fatal(err)
		}
		if err := signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{}); err != nil {
			log.Fatal(err)
		}
		list, err := statuslist.ParseCredential(signed)
		if err != nil {
			log.Fatal(err)
		}
		result, err := list.Status(entry)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s as of %s: %t\n", result.Purpose, list.AsOf.Format(time.TimeOnly), result.Set)
	}

	now := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	publish(now)
	look()
	if err := lists.Set(index, 1); err != nil {
		log.Fatal(err)
	}
	publish(now.Add(time.Minute))
	look()
	// Output:
	// revocation as of 22:00:00: false
	// revocation as of 22:01:00: true
}

// Every list that a decision needs, in memory for half a minute.
func ExampleNewCache() {
	source, err := statuslist.NewCache(statuslist.Dir("/var/lib/status"), statuslist.CacheOptions{TTL: 30 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	_, err = source.StatusList(context.Background(), "https://issuer.example/status/revoked")
	fmt.Println(err != nil)
	// Output: true
}

func ExampleFileName() {
	name, _ := statuslist.FileName("https://issuer.example/status/revoked")
	fmt.Println(name)
	// Output: https%3a++issuer.example+status+revoked.list
}
