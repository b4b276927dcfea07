package passport

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/tzdata"
)

// S5: a calendar window begins at the first instant that shows its date. Each
// row is a night in which clocks changed over midnight, or a date was left out.
func TestS5CalendarWindows(t *testing.T) {
	for _, tt := range []struct {
		name, zone, at string
		per            Period
		want           string
	}{
		{"an ordinary day", "Europe/Berlin", "2026-03-10T15:00:00Z", PerDay, "2026-03-09T23:00:00Z"},
		// 01:00 goes back to 00:00: midnight is shown twice.
		{"Beirut, before the clocks go back", "Asia/Beirut", "1993-09-25T20:30:00Z", PerDay, "1993-09-24T21:00:00Z"},
		{"Azores 1992, 01:00 to 00:00", "Atlantic/Azores", "1992-09-27T00:30:00Z", PerDay, "1992-09-27T00:00:00Z"},
		{"Azores 2026, between the two midnights", "Atlantic/Azores", "2026-10-25T00:10:00Z", PerDay, "2026-10-25T00:00:00Z"},
		{"Azores 2026, behind the second midnight", "Atlantic/Azores", "2026-10-25T01:10:00Z", PerDay, "2026-10-25T00:00:00Z"},
		{"Havana, 01:00 to 00:00, first pass", "America/Havana", "2026-11-01T04:30:00Z", PerDay, "2026-11-01T04:00:00Z"},
		{"Havana, second pass", "America/Havana", "2026-11-01T05:30:00Z", PerDay, "2026-11-01T04:00:00Z"},
		// 00:00 goes forward to 01:00: there is no midnight.
		{"Havana, spring", "America/Havana", "2026-03-08T05:30:00Z", PerDay, "2026-03-08T05:00:00Z"},
		{"Santiago, spring", "America/Santiago", "2026-09-06T04:00:00Z", PerDay, "2026-09-06T04:00:00Z"},
		// 00:01 goes back to 23:01: a minute of the new day, then the old one again.
		{"St. John's, the old day again", "America/St_Johns", "2010-11-07T03:00:00Z", PerDay, "2010-11-06T02:30:00Z"},
		{"St. John's, the first minute", "America/St_Johns", "2010-11-07T02:30:30Z", PerDay, "2010-11-07T02:30:00Z"},
		{"St. John's, the new day", "America/St_Johns", "2010-11-07T04:00:00Z", PerDay, "2010-11-07T02:30:00Z"},
		// A date that never was.
		{"Samoa, the day after the one left out", "Pacific/Apia", "2011-12-30T12:00:00Z", PerDay, "2011-12-30T10:00:00Z"},
		{"Samoa, the month goes on", "Pacific/Apia", "2011-12-30T12:00:00Z", PerMonth, "2011-12-01T10:00:00Z"},
		{"Kwajalein, a week whose Saturday is left out", "Pacific/Kwajalein", "1993-08-22T11:00:00Z", PerWeek, "1993-08-16T12:00:00Z"},
		{"Enderbury, a year without its last day", "Pacific/Enderbury", "1995-01-05T12:00:00Z", PerMonth, "1994-12-31T11:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.at)
			require.NoError(t, err)
			since, err := SpendLimit{Per: tt.per, TimeZone: tt.zone}.Since(at)
			require.NoError(t, err)
			assert.Equal(t, tt.want, since.UTC().Format(time.RFC3339))
		})
	}
}

// S5: every change of the clocks of every zone between 1990 and 2040. Around
// each, no window begins in the future, and each begins at an instant that
// shows its date with no earlier instant that does.
func TestS5EveryTransition(t *testing.T) {
	from, to := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	if testing.Short() {
		from = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	zones, transitions := tzdata.Names(), 0
	require.Greater(t, len(zones), 400)
	for _, name := range zones {
		loc, err := tzdata.Load(name)
		require.NoError(t, err)
		for at := from.In(loc); ; {
			_, end := at.ZoneBounds()
			if end.IsZero() || end.After(to) {
				break
			}
			if !end.After(at) { // see firstShowing
				at = at.Add(24 * time.Hour)
				continue
			}
			transitions++
			for _, off := range []time.Duration{-61 * time.Minute, -1, 0, 29 * time.Minute, 90 * time.Minute, 25 * time.Hour} {
				checkWindows(t, name, loc, end.Add(off))
			}
			at = end
		}
	}
	if !testing.Short() {
		require.Greater(t, transitions, 10_000)
	}
}

func checkWindows(t *testing.T, name string, loc *time.Location, at time.Time) {
	day := func(t time.Time) int { y, m, d := t.In(loc).Date(); return (y*100+int(m))*100 + d }
	for _, per := range []Period{PerHour, PerDay, PerWeek, PerMonth} {
		since, err := SpendLimit{Per: per, TimeZone: name}.Since(at)
		if err != nil || since.After(at) {
			t.Fatalf("%s: the %s at %s begins at %s, in the future: %v", name, per, at, since, err)
		}
		if per != PerDay {
			continue
		}
		if day(since) != day(at) {
			t.Fatalf("%s: the day at %s begins at %s, on another date", name, at.In(loc), since.In(loc))
		}
		// Whatever is earlier, by up to 26 hours, shows an earlier date.
		for _, before := range []time.Duration{1, 31 * time.Minute, 2 * time.Hour} {
			if day(since.Add(-before)) >= day(at) {
				t.Fatalf("%s: the day at %s begins at %s, but %s earlier shows %d", name, at.In(loc), since.In(loc), before, day(since.Add(-before)))
			}
		}
	}
}
