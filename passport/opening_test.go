package passport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
)

// When a passport serves again is what a walk, minute by minute, finds: over
// the days on which clocks are put forward and back, in zones of all kinds.
func TestNextOpening(t *testing.T) {
	starts := []time.Time{
		time.Date(2026, 3, 7, 13, 7, 30, 0, time.UTC), time.Date(2026, 3, 28, 22, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 24, 23, 59, 59, 0, time.UTC), time.Date(2026, 10, 31, 9, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 4, 11, 0, 0, 0, time.UTC), time.Date(2026, 10, 3, 11, 30, 0, 0, time.UTC),
	}
	hours := [][2]string{
		{"09:00", "17:00"}, {"02:15", "02:45"}, {"22:00", "02:30"}, {"00:00", "24:00"}, {"01:30", "01:31"},
	}
	days := [][]string{{"sun"}, {"mon", "wed"}, {"sat", "sun"}}
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}
	for _, zone := range zones {
		for _, h := range hours {
			for _, d := range days {
				w := passport.TimeWindow{Days: d, Start: h[0], End: h[1], TimeZone: zone}
				for _, at := range starts {
					want := at
					for n := 0; !w.Contains(want); n++ {
						require.Less(t, n, 15*24*60)
						want = want.Truncate(time.Minute).Add(time.Minute)
					}
					got := passport.NextOpening([]*passport.Authority{{TimeWindows: []passport.TimeWindow{w}}}, at)
					require.True(t, want.Equal(got), "%v from %v: want %v, got %v", w, at, want, got)
				}
			}
		}
	}
}

// All links must serve; those that never serve together have no opening.
func TestNextOpeningOfAChain(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) // a Saturday
	window := func(start, end string, days ...string) *passport.Authority {
		w := passport.TimeWindow{Days: days, Start: start, End: end, TimeZone: "UTC"}
		return &passport.Authority{TimeWindows: []passport.TimeWindow{w}}
	}
	chain := func(list ...*passport.Authority) []*passport.Authority { return list }
	monday := at.AddDate(0, 0, 2)
	morning, noon := window("10:00", "12:00", "sat", "mon"), window("11:00", "13:00", "mon")
	for name, c := range map[string]struct {
		chain []*passport.Authority
		want  time.Time
	}{
		"no windows":      {chain(&passport.Authority{}, nil), at},
		"one":             {chain(window("10:00", "12:00", "sat")), at.Add(time.Hour)},
		"two":             {chain(morning, noon), monday.Add(2 * time.Hour)},
		"the other first": {chain(noon, morning), monday.Add(2 * time.Hour)},
		"never together":  {chain(window("10:00", "12:00", "sat"), window("12:00", "13:00", "sat")), time.Time{}},
		"an empty list":   {chain(&passport.Authority{TimeWindows: []passport.TimeWindow{}}), time.Time{}},
		"not a window":    {chain(window("25:00", "26:00", "sat")), time.Time{}},
		"already open":    {chain(window("08:00", "12:00", "sat")), at},
	} {
		require.Equal(t, c.want, passport.NextOpening(c.chain, at).UTC(), name)
	}
}
