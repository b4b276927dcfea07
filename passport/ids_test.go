package passport

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
