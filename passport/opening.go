package passport

import "time"

// NextOpening returns the first instant, not before the given one, at which
// every link of a chain serves by its time windows: zero if there is none
// within the next 15 days. A chain without time windows serves now.
//
// It is a hint about when to ask again, and decides nothing: see [Permits].
func NextOpening(chain []*Authority, at time.Time) time.Time {
	end := at.Add(openingHorizon)
	// Each round moves the instant to where one more link serves. Windows that
	// never meet would go on for ever.
	for range 128 {
		moved := false
		for _, a := range chain {
			if a == nil || a.TimeWindows == nil {
				continue
			}
			next := firstOpening(a.TimeWindows, at, end)
			if next.IsZero() {
				return next
			}
			moved = moved || next.After(at)
			at = next
		}
		if !moved {
			return at
		}
	}
	return time.Time{}
}

// openingHorizon is a week and a day, twice: a window of one weekday whose time
// of day the clocks skip opens a week later.
const openingHorizon = 15 * 24 * time.Hour

// firstOpening returns the first instant in any of the windows.
func firstOpening(windows []TimeWindow, at, end time.Time) (first time.Time) {
	for i := range windows {
		if next := windows[i].opening(at, end); !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first
}

// opening returns the first instant of the window from at, zero if there is
// none before end. A window opens when the clock on the wall shows its start,
// or when that clock is put forward or back into it.
func (w TimeWindow) opening(at, end time.Time) (first time.Time) {
	if w.Contains(at) {
		return at
	}
	loc, err := zone(w.TimeZone)
	start := clock(w.Start)
	if err != nil || start < 0 {
		return first
	}
	try := func(t time.Time) {
		if !t.Before(at) && t.Before(end) && (first.IsZero() || t.Before(first)) && w.Contains(t) {
			first = t
		}
	}
	local := at.In(loc)
	for day := -1; day <= 16 && first.IsZero(); day++ {
		t := time.Date(local.Year(), local.Month(), local.Day()+day, start/60, start%60, 0, 0, loc)
		try(t)
		// Where a clock shows the time twice, either may be meant; clocks
		// change by an hour, and on one island by half of it.
		for _, twice := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
			try(t.Add(twice))
		}
	}
	for t := local; ; {
		_, change := t.ZoneBounds()
		if change.IsZero() || !change.Before(end) {
			return first
		}
		try(change)
		t = change.In(loc)
	}
}
