package passport

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// KEY-10: identifiers are unique from many goroutines at one instant, and a
// clock before their epoch or set back makes no other.
func TestKEY10Identifiers(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	const each = 2000
	var mu sync.Mutex
	seen := make(map[string]bool, 64*each)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			own := make([]string, 0, each)
			for i := range each {
				id, err := newID(PassportURN, at.Add(time.Duration(g-32)*time.Hour+time.Duration(-i)))
				if err != nil || !isULID(id[len(PassportURN):]) {
					t.Errorf("%q, %v", id, err)
					return
				}
				own = append(own, id)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range own {
				seen[id] = true
			}
		}()
	}
	wg.Wait()
	require.Len(t, seen, 64*each)
	_, err := newID(PassportURN, time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC))
	require.Error(t, err, "an instant that no identifier can hold")
}

// F8: an intent's identifier follows from the agent, the audience and the key,
// all of each, and is of the form that every reader demands.
func TestF8IntentIDOf(t *testing.T) {
	ada, bob := did.MustParse("did:example:ada"), did.MustParse("did:example:bob")
	id, err := IntentIDOf(ada, "https://shop.example", "key-1")
	require.NoError(t, err)
	require.Equal(t, "urn:safeconduct:intent:7934ET02RQBQ3R0GWAJ3EGHH1R", id)
	require.True(t, isULID(id[len(IntentURN):]))
	seen := map[string]bool{}
	for _, agent := range []did.DID{ada, bob} {
		for _, audience := range []string{"https://shop.example", "https://shop.example/", "did:web:shop.example"} {
			for _, key := range []string{"key-1", "key-2", "KEY-1", "key-1 ", "k", "\x00", "1:k"} {
				a, err := IntentIDOf(agent, audience, key)
				require.NoError(t, err)
				b, err := IntentIDOf(agent, audience, key)
				require.NoError(t, err)
				require.Equal(t, a, b)
				seen[a] = true
			}
		}
	}
	require.Len(t, seen, 2*3*7)
	// No text moves from one part to the next.
	a, err := IntentIDOf(ada, "a1:", "b")
	require.NoError(t, err)
	b, err := IntentIDOf(ada, "a", "1:b")
	require.NoError(t, err)
	require.NotEqual(t, a, b)
	for _, bad := range []struct {
		agent         did.DID
		audience, key string
	}{{did.DID{}, "a", "k"}, {ada, "", "k"}, {ada, "a", ""}} {
		_, err := IntentIDOf(bad.agent, bad.audience, bad.key)
		require.Error(t, err)
	}
	for range 3 {
		fresh, err := NewIntentID(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		require.True(t, isULID(fresh[len(IntentURN):]))
		require.False(t, seen[fresh])
		seen[fresh] = true
	}
}
