package passport

import "time"

// Since returns the instant from which on uses count against the limit at an
// instant: the beginning of the calendar window in its zone, or of the rolling
// window (1 h, 24 h, 168 h, 720 h), whose first instant is not part of it. The
// zero time means that every use counts, for a lifetime. A limit per
// transaction has no window; it gives the instant itself.
func (l SpendLimit) Since(at time.Time) (time.Time, error) {
	if l.Per == PerTransaction {
		return at, nil
	}
	if l.Per == PerLifetime {
		return time.Time{}, nil
	}
	if l.TimeZone == "" {
		return at.Add(-rolling(l.Per) + 1), nil
	}
	loc, err := zone(l.TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	t := at.In(loc)
	y, m, d := t.Date()
	switch l.Per {
	case PerHour:
		// By subtraction, since the wall clock may show one hour twice.
		return at.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond())), nil
	case PerWeek:
		d -= (int(t.Weekday()) + 6) % 7 // Monday
	case PerMonth:
		d = 1
	}
	return firstShowing(y, m, d, loc), nil
}

// firstShowing returns the first instant at which the clocks of a zone show a
// date or, if the zone leaves that date out, a later one. Where clocks go back
// over midnight they show a date twice, and the first time counts: time.Date
// may return either, and the second one can be ahead of the instant that is
// asked about (S5).
func firstShowing(y int, m time.Month, d int, loc *time.Location) time.Time {
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	// No zone was ever further than 16 hours from UTC, so this is too early.
	t := midnight.Add(-26 * time.Hour).In(loc)
	for {
		_, end := t.ZoneBounds()
		_, offset := t.Zone()
		shown := midnight.Add(-time.Duration(offset) * time.Second)
		switch {
		case !shown.After(t):
			return t // the change of the clocks went past midnight
		case end.IsZero() || shown.Before(end):
			return shown.In(loc)
		}
		// For zones that go on by a rule ZoneBounds may not get ahead on the last
		// day of a leap year. Minute by minute is exact, too.
		if t = t.Add(time.Minute); end.After(t) {
			t = end
		}
	}
}

// rolling is how long a window is that follows the clock.
func rolling(p Period) time.Duration {
	switch p {
	case PerHour:
		return time.Hour
	case PerDay:
		return 24 * time.Hour
	case PerWeek:
		return 168 * time.Hour
	case PerMonth:
		return 720 * time.Hour
	}
	return 0
}
