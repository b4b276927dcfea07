package datetime_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/datetime"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]time.Time{
		"2026-11-21T08:09:10Z":                time.Date(2026, 11, 21, 8, 9, 10, 0, time.UTC),
		"2026-11-21T08:09:10.5Z":              time.Date(2026, 11, 21, 8, 9, 10, 500_000_000, time.UTC),
		"2026-11-21T08:09:10.123456789+05:30": time.Date(2026, 11, 21, 2, 39, 10, 123_456_789, time.UTC),
		"2024-02-29T23:30:00-06:00":           time.Date(2024, 3, 1, 5, 30, 0, 0, time.UTC),
		"2000-02-29T00:00:00+14:00":           time.Date(2000, 2, 28, 10, 0, 0, 0, time.UTC),
		"1970-01-01T00:00:00Z":                time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		"9999-12-31T23:59:59.999999999Z":      time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"1969-12-31T23:00:00-01:00":           time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		got, err := datetime.Parse(in)
		require.NoError(t, err, in)
		require.True(t, got.Equal(want), "%s: %s", in, got)
	}
}

// TIM-03: the forms that other readers take, or mistake.
func TestTIM03Refused(t *testing.T) {
	for _, in := range []string{
		"", "2026-11-21", "2026-11-21T08:09:10", "2026-11-21T08:09Z", "2026-11-21t08:09:10Z", "2026-11-21T08:09:10z",
		"2026-11-21 08:09:10Z", "2026-11-21T08:09:10,5Z", "2026-11-21T8:09:10Z", "2026-11-21T08:09:10.Z",
		"2026-11-21T08:09:10.1234567890Z", "2026-11-21T08:09:60Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:10Z",
		"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "+2026-01-01T00:00:00Z", "-2026-01-01T00:00:00Z",
		"2026-11-21T08:09:10-00:00", "2026-11-21T08:09:10+24:00", "2026-11-21T08:09:10+14:01", "2026-11-21T08:09:10+0100", "2026-11-21T08:09:10+01",
		"2026-11-21T08:09:10+01:60", "2026-11-21T08:09:10ZZ", " 2026-11-21T08:09:10Z", "2026-11-21T08:09:10Z ", "2026-11-21T08:09:10Z\n",
		"Sat, 21 Nov 2026 08:09:10 GMT", "1795248550", "２026-11-21T08:09:10Z",
	} {
		_, err := datetime.Parse(in)
		require.Error(t, err, in)
	}
}

func TestFormat(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 9, 10, 999_999_999, time.FixedZone("", 3600))
	require.Equal(t, "2026-11-21T08:09:10Z", datetime.Format(at))
}

func FuzzParse(f *testing.F) {
	f.Add("2026-11-21T08:09:10.5+01:00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := datetime.Parse(s)
		if err != nil {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || !got.Equal(want) {
			t.Fatalf("%q: %v, the standard library says %v, %v", s, got, want, err)
		}
	})
}

// S1: the zero time of Go means that there is no date, so no text of a date is
// it; with a margin, since offsets and fractions have many spellings.
func TestS1NoTextIsTheZeroTime(t *testing.T) {
	for _, in := range []string{
		"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z", "0001-01-01T00:00:00+00:00", "0001-01-01T14:00:00+14:00",
		"0001-01-01T01:00:00+01:00", "0000-12-31T23:00:00-01:00", "0000-12-31T10:00:00-14:00", "0000-01-01T00:00:00Z",
		"0001-01-01T00:00:01Z", "1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "1970-01-01T00:59:59+01:00",
		"9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-14:00",
	} {
		got, err := datetime.Parse(in)
		require.ErrorContains(t, err, "1970 to 9999", in)
		require.Zero(t, got)
	}
	require.Error(t, datetime.Check(time.Time{}))
	require.Error(t, datetime.Check(time.Unix(-1, 0)))
	require.NoError(t, datetime.Check(time.Unix(0, 0)))
	require.Error(t, datetime.Check(time.Unix(253_402_300_800, 0)))
	require.NoError(t, datetime.Check(time.Unix(253_402_300_799, 999_999_999)))
}

// Between is Sub of the wall clocks, whatever the instants.
func TestBetween(t *testing.T) {
	var at []time.Time
	for _, s := range []int64{math.MinInt64, -1 << 62, -1 << 40, -62135596800, -9223372036, -1, 0, 1, 1 << 31, 9223372036,
		253402300799, 1 << 40, 1 << 62, math.MaxInt64} {
		at = append(at, time.Unix(s, 0), time.Unix(s, 1), time.Unix(s, 999_999_999))
	}
	at = append(at, time.Time{}, time.Now())
	for _, from := range at {
		for _, to := range at {
			require.Equal(t, to.Round(0).Sub(from), datetime.Between(from, to), "from %v to %v", from, to)
		}
	}
}
