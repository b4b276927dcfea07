package verify

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/statuslist"
)

// RES-05: what a Verifier remembers of lists is bounded, and what it forgets
// first is the oldest.
func TestListMemoryIsBounded(t *testing.T) {
	var m listMemory
	m.init()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	entry := func(i int) *statuslist.Entry {
		return &statuslist.Entry{URL: fmt.Sprintf("https://a.example/%d", i), Purpose: statuslist.Revocation}
	}
	for i := range maxNewest + 50 {
		_, older := m.seen(entry(i), start.Add(time.Duration(i)*time.Second))
		require.False(t, older)
	}
	require.Len(t, *m.newest.Load(), maxNewest)
	last := maxNewest + 49
	newest, older := m.seen(entry(last), start)
	require.True(t, older)
	require.Equal(t, start.Add(time.Duration(last)*time.Second), newest)
	_, older = m.seen(entry(0), start.Add(-time.Hour))
	require.False(t, older, "forgotten")

	for i := range maxParsedLists + 10 {
		m.put(&listRecord{fetched: &statuslist.Fetched{}, list: &statuslist.ListCredential{ID: fmt.Sprint(i)}})
		require.LessOrEqual(t, len(*m.parsed.Load()), maxParsedLists)
	}
	same := *m.parsed.Load()
	var one *listRecord
	for _, r := range same {
		one = r
		break
	}
	m.put(&listRecord{fetched: &statuslist.Fetched{}, list: one.list})
	require.Len(t, *m.parsed.Load(), len(same), "a newer edition takes the older's place")

	for i := range maxRevoked + 10 {
		m.rememberRevoked(&statuslist.Entry{URL: "u", Index: i})
	}
	require.EqualValues(t, maxRevoked, m.count.Load())
	require.True(t, m.wasRevoked(&statuslist.Entry{URL: "u", Index: 3}))
	require.False(t, m.wasRevoked(&statuslist.Entry{URL: "u", Index: maxRevoked + 5}))
}
