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
		return at.Add(-rolling[l.Per] + 1), nil
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
	return time.Date(y, m, d, 0, 0, 0, 0, loc), nil
}

var rolling = map[Period]time.Duration{
	PerHour: time.Hour, PerDay: 24 * time.Hour, PerWeek: 168 * time.Hour, PerMonth: 720 * time.Hour,
}
