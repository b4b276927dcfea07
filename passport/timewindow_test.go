package passport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

var everyDay = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func TestMON11WindowsFollowTheWallClock(t *testing.T) {
	berlin := passport.TimeWindow{Days: everyDay, Start: "02:00", End: "03:00", TimeZone: "Europe/Berlin"}
	newYork := passport.TimeWindow{Days: everyDay, Start: "01:00", End: "02:30", TimeZone: "America/New_York"}
	office := passport.TimeWindow{Days: []string{"mon", "fri"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"}
	night := passport.TimeWindow{Days: []string{"fri"}, Start: "22:00", End: "06:00", TimeZone: "Europe/Berlin"}
	fullDay := passport.TimeWindow{Days: []string{"sun"}, Start: "00:00", End: "24:00", TimeZone: "Europe/Berlin"}
	late := passport.TimeWindow{Days: []string{"sat"}, Start: "22:00", End: "24:00", TimeZone: "Europe/Berlin"}
	for _, c := range []struct {
		name   string
		window passport.TimeWindow
		at     string
		want   bool
	}{
		{"first instant", office, "2026-11-20T08:00:00Z", true},
		{"just before", office, "2026-11-20T07:59:59.999999999Z", false},
		{"last instant", office, "2026-11-20T15:59:59.999999999Z", true},
		{"end is not part of it", office, "2026-11-20T16:00:00Z", false},
		{"another day", office, "2026-11-19T10:00:00Z", false},
		{"summer time: an hour earlier in UTC", office, "2026-07-17T07:00:00Z", true},
		{"summer time: its end too", office, "2026-07-17T15:00:00Z", false},

		{"Berlin, spring: before the gap", berlin, "2026-03-29T00:59:59Z", false},
		{"Berlin, spring: 02:00 is 03:00", berlin, "2026-03-29T01:00:00Z", false},
		{"Berlin, the day after", berlin, "2026-03-30T00:30:00Z", true},
		{"Berlin, autumn: 02:30 the first time", berlin, "2026-10-25T00:30:00Z", true},
		{"Berlin, autumn: 02:30 the second time", berlin, "2026-10-25T01:30:00Z", true},
		{"Berlin, autumn: 03:00", berlin, "2026-10-25T02:00:00Z", false},

		{"New York, spring: 01:59", newYork, "2026-03-08T06:59:00Z", true},
		{"New York, spring: 02:15 does not come", newYork, "2026-03-08T07:15:00Z", false},
		{"New York, autumn: 01:30 the first time", newYork, "2026-11-01T05:30:00Z", true},
		{"New York, autumn: 01:30 the second time", newYork, "2026-11-01T06:30:00Z", true},
		{"New York, autumn: 02:29", newYork, "2026-11-01T07:29:00Z", true},
		{"New York, autumn: 02:30", newYork, "2026-11-01T07:30:00Z", false},

		{"night: begins on Friday", night, "2026-11-20T21:00:00Z", true},
		{"night: after midnight", night, "2026-11-21T04:59:00Z", true},
		{"night: its end", night, "2026-11-21T05:00:00Z", false},
		{"night: Friday's early hours belong to Thursday", night, "2026-11-20T03:00:00Z", false},
		{"night: not on Saturday evening", night, "2026-11-21T21:00:00Z", false},
		{"night: Friday at noon", night, "2026-11-20T12:00:00Z", false},
		{"Sunday in Berlin is Saturday in UTC", fullDay, "2026-11-21T23:00:00Z", true},
		{"the last of Sunday", fullDay, "2026-11-22T22:59:59Z", true},
		{"Monday", fullDay, "2026-11-22T23:00:00Z", false},
		{"up to midnight", late, "2026-11-21T22:59:59Z", true},
		{"midnight", late, "2026-11-21T23:00:00Z", false},
	} {
		for _, host := range []string{"UTC", "Asia/Tokyo", "America/New_York", "Nowhere/Land"} {
			t.Run(c.name+" on a host in "+host, func(t *testing.T) {
				t.Setenv("TZ", host)
				t.Setenv("ZONEINFO", t.TempDir())
				at, err := time.Parse(time.RFC3339Nano, c.at)
				require.NoError(t, err)
				require.Equal(t, c.want, c.window.Contains(at))
				require.Equal(t, c.want, c.window.Contains(at.In(time.FixedZone("elsewhere", -7*3600))), "the zone of the instant plays no part")
			})
		}
	}
}

func TestWindowsWithoutTheirFormContainNothing(t *testing.T) {
	good := passport.TimeWindow{Days: everyDay, Start: "08:00", End: "20:00", TimeZone: "UTC"}
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	require.True(t, good.Contains(noon))
	for name, edit := range map[string]func(*passport.TimeWindow){
		"no days":        func(w *passport.TimeWindow) { w.Days = nil },
		"day twice":      func(w *passport.TimeWindow) { w.Days = []string{"sat", "sat"} },
		"unknown day":    func(w *passport.TimeWindow) { w.Days = []string{"sat", "Sat"} },
		"bad start":      func(w *passport.TimeWindow) { w.Start = "8:00" },
		"start 24:00":    func(w *passport.TimeWindow) { w.Start = "24:00" },
		"bad end":        func(w *passport.TimeWindow) { w.End = "20:60" },
		"end 00:00":      func(w *passport.TimeWindow) { w.Start, w.End = "08:00", "00:00" },
		"of no length":   func(w *passport.TimeWindow) { w.Start, w.End = "12:00", "12:00" },
		"no zone":        func(w *passport.TimeWindow) { w.TimeZone = "" },
		"zone Local":     func(w *passport.TimeWindow) { w.TimeZone = "Local" },
		"unknown zone":   func(w *passport.TimeWindow) { w.TimeZone = "Europe/Nowhere" },
		"the zero value": func(w *passport.TimeWindow) { *w = passport.TimeWindow{} },
	} {
		w := good
		edit(&w)
		require.False(t, w.Contains(noon), name)
	}
}

func TestMON11WindowsRefused(t *testing.T) {
	for member, values := range map[string][]any{
		"start":    {"24:00", "8:00", "08:60", "08-00", "25:00", "0800", "08:00:00", "aa:bb", "", "08:00 "},
		"end":      {"00:00", "24:01", "18:60", "18", "", "08:00"},
		"timeZone": {"", "Local", "Factory", "europe/berlin", "CET/", "../etc/localtime", "+01:00", "Europe/Nowhere"},
		"days":     {[]string{"mon", "mon"}, []string{"Monday"}, []string{"MON"}, []string{}, "mon", []int{1}},
	} {
		for _, v := range values {
			refuse(t, edited(t, largest(t), map[string]any{"/credentialSubject/timeWindows/0/" + member: v}), code.EnvelopeMalformed, "")
		}
		refuse(t, edited(t, largest(t), map[string]any{"/credentialSubject/timeWindows/0/" + member: gone{}}), code.EnvelopeMalformed, "")
	}
	for _, zone := range []string{"", "Local", "Factory", "Europe/Nowhere"} {
		refuse(t, edited(t, largest(t), map[string]any{"/credentialSubject/spendLimits/0/timeZone": zone}), code.EnvelopeMalformed, "")
	}
	// The same window with its days in another order is the same window.
	refuse(t, edited(t, largest(t), map[string]any{"/credentialSubject/timeWindows/-": map[string]any{
		"days": []string{"fri", "mon", "tue", "wed", "thu"}, "start": "08:00", "end": "18:00", "timeZone": "Europe/Berlin",
	}}), code.EnvelopeMalformed, "is listed twice")
}
