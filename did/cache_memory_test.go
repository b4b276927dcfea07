package did_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// RES-05: a DID that was read out of a presentation does not keep it in memory
// when it is remembered.
func TestCacheKeepsNoDocument(t *testing.T) {
	c, err := did.NewCache(did.CacheConfig{Resolver: did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
		return nil, did.ErrNotFound
	})})
	require.NoError(t, err)
	heap := func() int64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	const shown, pad = 64, 400 << 10
	before := heap()
	for i := range shown {
		name := fmt.Sprintf("did:web:h%d.example", i)
		presented := name + strings.Repeat("x", pad)
		_, err := c.Resolve(context.Background(), did.MustParse(presented[:len(name)]))
		require.ErrorIs(t, err, did.ErrNotFound)
	}
	require.Less(t, heap()-before, int64(shown*pad/2))
	runtime.KeepAlive(c)
}
