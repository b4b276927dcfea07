package nanotime_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/nanotime"
)

func TestInstant(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 1, time.FixedZone("", 3600))
	require.Equal(t, at.UTC(), nanotime.Of(at).Time())
	require.Equal(t, nanotime.First, nanotime.Of(time.Time{}))
	require.Equal(t, nanotime.Last, nanotime.Of(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, nanotime.Last, nanotime.Last.Add(1))
	require.Equal(t, nanotime.First, nanotime.First.Add(-1))
	require.Equal(t, nanotime.Instant(3), nanotime.Instant(1).Add(2))
	require.Equal(t, nanotime.Last, nanotime.Instant(math.MaxInt64-1).Add(time.Hour))
}
