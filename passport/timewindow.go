package passport

import (
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
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

var windowFacet = facet{
	member: "timeWindows",
	read:   func(r *reader, v credential.Value, a *Authority) { a.TimeWindows = r.timeWindows(v) },
	write:  writeTimeWindows,
	check:  func(a *Authority) error { return notEmpty(a.TimeWindows) },
	clone:  func(a *Authority, _ *pool) { a.TimeWindows = cloneWindows(a.TimeWindows) },
	effect: func(e *Effective, a *Authority) {
		if a.TimeWindows != nil {
			e.windows = [][]TimeWindow{a.TimeWindows}
		}
	},
	// Both must hold at the instant, so a link adds a list of windows and never
	// widens.
	meet: func(out, above, link *Effective) {
		out.windows = above.windows
		for _, list := range link.windows {
			out.windows = append(out.windows[:len(out.windows):len(out.windows)], cloneWindows(list))
		}
	},
	judge: func(q question) (reasons []*Error) {
		for i, a := range q.chain {
			if a.TimeWindows == nil || inWindow(a.TimeWindows, q.at) {
				continue
			}
			reasons = q.deny(reasons, code.AuthorityOutsideTimeWindow, i, "timeWindows",
				"the passport does not serve at this time", clip(either(a.TimeWindows)), q.at.UTC().Format(time.RFC3339))
		}
		return reasons
	},
	show: func(e *Effective) []Facet {
		f := Facet{Name: "timeWindows", Stated: len(e.windows) > 0, absent: "always", and: " and "}
		value := make([][]TimeWindow, 0, len(e.windows))
		for _, list := range e.windows {
			text := either(list)
			if len(list) > 1 && len(e.windows) > 1 {
				text = "(" + text + ")"
			}
			f.Texts = append(f.Texts, text)
			value = append(value, cloneWindows(list))
		}
		slices.Sort(f.Texts)
		f.Value = value
		return []Facet{f}
	},
}

// inWindow: of the windows that a link states, one must hold.
func inWindow(windows []TimeWindow, at time.Time) bool {
	for i := range windows {
		if windows[i].Contains(at) {
			return true
		}
	}
	return false
}

// either reads windows to people of which one must hold.
func either(windows []TimeWindow) string {
	texts := make([]string, len(windows))
	for i, w := range windows {
		texts[i] = w.String()
	}
	return strings.Join(texts, " or ")
}

// String returns the window as people read it: "mon, tue 09:00–17:00
// Europe/Berlin".
func (w TimeWindow) String() string {
	return strings.Join(w.Days, ", ") + " " + w.Start + "–" + w.End + " " + w.TimeZone
}

func cloneWindows(list []TimeWindow) []TimeWindow {
	out := own(list)
	for i := range out {
		out[i].Days = own(out[i].Days)
	}
	return out
}

func (r *reader) timeWindows(v credential.Value) []TimeWindow {
	if !r.items(v) {
		return nil
	}
	out := make([]TimeWindow, 0, v.Len())
	for item := range v.Items() {
		if !r.object(item, "a time window") {
			return nil
		}
		var w TimeWindow
		for name, m := range item.Members() {
			switch name {
			case "days":
				w.Days = r.texts(m, nil)
			case "start":
				w.Start = r.text(m)
			case "end":
				w.End = r.text(m)
			case "timeZone":
				w.TimeZone = r.text(m)
			default:
				r.unknown(m, name, "a time window")
			}
		}
		r.because(item, w.check())
		for _, o := range out {
			if sameWindow(o, w) {
				r.fail(item, "this time window is listed twice")
			}
		}
		out = append(out, w)
	}
	return out
}

func sameWindow(a, b TimeWindow) bool {
	if a.Start != b.Start || a.End != b.End || a.TimeZone != b.TimeZone || len(a.Days) != len(b.Days) {
		return false
	}
	for _, d := range a.Days {
		if !b.on(weekday(d)) {
			return false
		}
	}
	return true
}

func writeTimeWindows(w *jsonwrite.Writer, a *Authority) {
	if len(a.TimeWindows) == 0 {
		return
	}
	w.Name("timeWindows")
	w.BeginArray()
	for _, t := range a.TimeWindows {
		w.BeginObject()
		w.Strings("days", t.Days)
		w.Member("start", t.Start)
		w.Member("end", t.End)
		w.Member("timeZone", t.TimeZone)
		w.EndObject()
	}
	w.EndArray()
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
				return invalid("/days", "day %q is listed twice", d)
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
