package passport

import (
	"time"

	"github.com/safeconduct/safeconduct/internal/tzdata"
)

// TimeWindow is a stretch of the week in a time zone. The wall clock of the
// zone decides, so a window of 09:00 to 17:00 moves with daylight saving time:
// a time that the clock skips is in no window, one that it shows twice is in
// it twice.
type TimeWindow struct {
	Days     []string // "mon" … "sun": the day on which the window begins
	Start    string   // "HH:MM", 00:00 to 23:59
	End      string   // "HH:MM", 00:01 to 24:00, not part of the window; before Start: on the next day
	TimeZone string   // IANA name, such as "Europe/Berlin"
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // by time.Weekday

func weekday(name string) int {
	for i, d := range dayNames {
		if d == name {
			return i
		}
	}
	return -1
}

// clock reads "HH:MM" as minutes since midnight, -1 if it is not that.
func clock(s string) int {
	if len(s) != 5 || s[2] != ':' || !isDigits(s[:2]) || !isDigits(s[3:]) {
		return -1
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return -1
	}
	return h*60 + m
}

func (w TimeWindow) check() error {
	if len(w.Days) == 0 {
		return invalid("/days", "a time window names at least one day")
	}
	for i, d := range w.Days {
		if weekday(d) < 0 {
			return invalid("/days", "%.20q is not a day: want mon, tue, wed, thu, fri, sat or sun", d)
		}
		for _, o := range w.Days[:i] {
			if o == d {
				return invalid("/days", "day %q stands twice", d)
			}
		}
	}
	start, end := clock(w.Start), clock(w.End)
	switch {
	case start < 0 || start == 24*60:
		return invalid("/start", "%.20q is not a time of day from 00:00 to 23:59", w.Start)
	case end <= 0:
		return invalid("/end", "%.20q is not a time of day from 00:01 to 24:00", w.End)
	case start == end:
		return invalid("/end", "the window ends when it begins, at %s", w.Start)
	}
	_, err := zone(w.TimeZone)
	return err
}

// zone finds a time zone in the database of this build, never in the host's.
func zone(name string) (*time.Location, error) {
	loc, err := tzdata.Load(name)
	if err != nil {
		return nil, invalid("/timeZone", "%.60q is not an IANA time zone such as Europe/Berlin", name)
	}
	return loc, nil
}

// Contains reports whether the instant lies in the window. A window that does
// not have the required form contains nothing.
func (w TimeWindow) Contains(at time.Time) bool {
	if w.check() != nil {
		return false
	}
	loc, err := zone(w.TimeZone)
	if err != nil {
		return false
	}
	local := at.In(loc)
	minute := local.Hour()*60 + local.Minute()
	start, end := clock(w.Start), clock(w.End)
	today := int(local.Weekday())
	if start < end {
		return w.on(today) && start <= minute && minute < end
	}
	return w.on(today) && minute >= start || w.on((today+6)%7) && minute < end
}

func (w TimeWindow) on(day int) bool {
	for _, d := range w.Days {
		if weekday(d) == day {
			return true
		}
	}
	return false
}
