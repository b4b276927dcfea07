package did_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/did"
)

// Documents that are at hand answer for themselves, and a cache in front of a slow resolver asks
// it once.
func ExampleCache_Resolve() {
	ctx, id := context.Background(), examplePair(1).DID()
	document, err := did.KeyMethods().Resolve(ctx, id)
	if err != nil {
		panic(err)
	}
	known, err := did.NewStatic(document)
	if err != nil {
		panic(err)
	}
	_, err = known.Resolve(ctx, examplePair(2).DID())
	fmt.Println(errors.Is(err, did.ErrNotFound))
	asked := 0
	slow := did.ResolverFunc(func(ctx context.Context, id did.DID) (*did.Document, error) {
		asked++
		return known.Resolve(ctx, id)
	})
	cache, err := did.NewCache(did.CacheConfig{Resolver: slow})
	if err != nil {
		panic(err)
	}
	for range 3 {
		d, err := cache.Resolve(ctx, id)
		fmt.Println(d.ID() == id, err)
	}
	fmt.Println(asked)
	// Output:
	// true
	// true <nil>
	// true <nil>
	// true <nil>
	// 1
}
