package statuslist_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

var morning = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func exampleIssuer() *did.KeyPair {
	pair, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

func exampleList(purpose statuslist.Purpose) *statuslist.Publisher {
	p, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/status/1", Purpose: purpose})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// A suspension can be taken back, a revocation cannot.
func ExamplePublisher() {
	for _, purpose := range []statuslist.Purpose{statuslist.Suspension, statuslist.Revocation} {
		list := exampleList(purpose)
		index, err := list.Allocate() // at random, and never the same again
		if err != nil {
			log.Fatal(err)
		}
		if err := list.Set(index, 1); err != nil {
			log.Fatal(err)
		}
		status, err := list.Get(index)
		fmt.Println(purpose, status, err, purpose.Reversible())
		fmt.Println("cleared:", list.Clear(index) == nil)
	}
	// Output:
	// suspension 1 <nil> true
	// cleared: true
	// revocation 1 <nil> false
	// cleared: false
}

// A publisher is kept as bytes. Indices that were given stay given.
func ExampleRestorePublisher() {
	list := exampleList(statuslist.Revocation)
	if err := list.Claim(94567); err != nil { // an index that was given before, and is known from elsewhere
		log.Fatal(err)
	}
	state := list.MarshalState() // save it before the credential is signed

	again, err := statuslist.RestorePublisher(state)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Options().URL, again.Free(), again.Claim(94567))
	// Output: https://issuer.example/status/1 131071 request.invalid: index 94567 is taken already
}

// One publisher may sign its bits in both encodings; each has entries of its own.
func ExamplePublisher_EntryAs() {
	list, err := statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
		Also: map[statuslist.Encoding]string{statuslist.StatusList2021: "https://issuer.example/status/1-2021"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := list.Claim(7); err != nil {
		log.Fatal(err)
	}
	for _, encoding := range []statuslist.Encoding{statuslist.Bitstring, statuslist.StatusList2021} {
		entry, err := list.EntryAs(encoding, 7)
		if err != nil {
			log.Fatal(err)
		}
		value, err := entry.Value() // as it goes into a credential
		if err != nil {
			log.Fatal(err)
		}
		same, err := statuslist.ParseEntry(value)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s %s %d %q\n", encoding, value.Get("type").Str(), same.URL, same.Index, encoding.Context())
	}
	// Output:
	// BitstringStatusList BitstringStatusListEntry https://issuer.example/status/1 7 ""
	// StatusList2021 StatusList2021Entry https://issuer.example/status/1-2021 7 "https://w3id.org/vc/status-list/2021/v1"
}

// What was signed is put onto a host. A host refuses an older edition, so two publishers cannot undo a revocation.
func ExampleEditions_PutTo() {
	ctx := context.Background()
	list := exampleList(statuslist.Revocation)
	publish := func(at time.Time) statuslist.Editions {
		editions, err := list.Publish(ctx, exampleIssuer(), statuslist.PublishOptions{Now: at, ValidFor: time.Hour, TTL: time.Minute})
		if err != nil {
			log.Fatal(err)
		}
		return editions
	}
	old, next := publish(morning), publish(morning.Add(time.Minute))

	host := new(statuslist.Memory) // in a folder: statuslist.Dir
	fmt.Println(next.PutTo(ctx, host))
	fmt.Println(errors.Is(host.Put(ctx, old[0]), statuslist.ErrOlder))
	fmt.Println(next[0].Number, next[0].MediaType, next[0].CacheControl())

	fetched, err := host.StatusList(ctx, "https://issuer.example/status/1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Equal(fetched.Raw, next[0].Raw))
	_, err = next.Static().StatusList(ctx, "https://other.example/status/1") // for tests and bundles: what is given, and no more
	fmt.Println(err)
	// Output:
	// <nil>
	// true
	// 2 application/vc public, max-age=60
	// true
	// status.unavailable: there is no such list: https://other.example/status/1: STATUS_RETRIEVAL_ERROR: statuslist: no such list
}

// Two editions for one instant: what stops somebody in either stops him.
func ExampleListCredential_With() {
	read := func(set ...int) *statuslist.ListCredential {
		list := exampleList(statuslist.Revocation)
		for _, index := range set {
			if err := list.Claim(index); err != nil {
				log.Fatal(err)
			}
			if err := list.Set(index, 1); err != nil {
				log.Fatal(err)
			}
		}
		editions, err := list.Publish(context.Background(), exampleIssuer(), statuslist.PublishOptions{Now: morning})
		if err != nil {
			log.Fatal(err)
		}
		parsed, err := statuslist.ReadUnverified(editions[0].Raw) // package verify checks who signed it
		if err != nil {
			log.Fatal(err)
		}
		return parsed
	}
	one, other := read(7), read(9)
	both := one.With(other)
	for _, index := range []int{7, 8, 9} {
		result, err := both.Status(statuslist.Entry{Purpose: statuslist.Revocation, URL: "https://issuer.example/status/1", Index: index})
		fmt.Println(index, result.Set, result.Message, err)
	}
	fmt.Println(one.Sum() == other.Sum(), one.Bytes(), "bytes in memory")
	// Output:
	// 7 true set <nil>
	// 8 false unset <nil>
	// 9 true set <nil>
	// false 16384 bytes in memory
}

// The bits alone, for whoever keeps a list in another way.
func ExampleNew() {
	list, err := statuslist.New(statuslist.MinEntries, 1)
	if err != nil {
		log.Fatal(err)
	}
	if err := list.Set(42, 1); err != nil {
		log.Fatal(err)
	}
	before := list.Clone()
	if err := list.Set(43, 1); err != nil {
		log.Fatal(err)
	}

	text := list.Encode(statuslist.Bitstring)
	again, err := statuslist.Decode(text, statuslist.Bitstring, list.Size())
	if err != nil {
		log.Fatal(err)
	}
	now, err := again.Get(43)
	if err != nil {
		log.Fatal(err)
	}
	then, err := before.Get(43)
	fmt.Println(again.Len(), "statuses in", len(text), "letters:", now, then, err)
	// Output: 131072 statuses in 79 letters: 1 0 <nil>
}

// The scope of an entry says whom it stops: a kill switch stops everything of its principal.
func ExampleParseSafeconductID() {
	id, err := statuslist.ParseSafeconductID("urn:safeconduct:status:principal:01JD7Q8Z5W9VYJ7T3M6K4B2N1C")
	if err != nil {
		log.Fatal(err)
	}
	entry := statuslist.Entry{ID: id.String(), Purpose: statuslist.Suspension, URL: "https://issuer.example/status/2", Index: 3}
	fmt.Println(id.Scope, entry.Scope())
	// Output: principal principal
}

// A source of one's own, with a cache in front that fetches before a list is too old, and bounds of one's own.
func ExampleCache_Run() {
	list := exampleList(statuslist.Revocation)
	editions, err := list.Publish(context.Background(), exampleIssuer(), statuslist.PublishOptions{Now: morning})
	if err != nil {
		log.Fatal(err)
	}
	source := statuslist.SourceFunc(func(_ context.Context, url string) (*statuslist.Fetched, error) {
		fmt.Println("asked for", url)
		return &statuslist.Fetched{Raw: editions[0].Raw, At: morning}, nil
	})
	cache, err := statuslist.NewCache(source, statuslist.CacheOptions{Now: func() time.Time { return morning }})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- cache.Run(ctx) }() // until the program ends

	for range 2 {
		if _, err := cache.StatusList(ctx, "https://issuer.example/status/1"); err != nil {
			log.Fatal(err)
		}
	}
	cancel()
	fmt.Println(<-done)

	bounds, err := statuslist.Bounds{}.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	signed, err := credential.Parser{StatusList: true}.Credential(editions[0].Raw)
	if err != nil {
		log.Fatal(err)
	}
	parsed, err := statuslist.Parser{Bounds: bounds}.Credential(signed)
	fmt.Println(parsed.Purposes, err, statuslist.MediaTypes()[0])
	// Output:
	// asked for https://issuer.example/status/1
	// context canceled
	// [revocation] <nil> application/vc
}
