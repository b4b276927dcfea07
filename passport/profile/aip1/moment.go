package aip1

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// moment is an instant with the text that is signed: the offset that it was
// written with, microseconds if there are any.
type moment struct {
	time.Time
	naive bool // without a zone, which the SDK takes for UTC
}

// signed returns the text in the signed bytes.
func (m moment) signed() string {
	layout := "2006-01-02T15:04:05"
	if m.Nanosecond() != 0 {
		layout += ".000000"
	}
	if !m.naive {
		layout += "Z07:00"
	}
	return m.Format(layout)
}

var isoForm = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:[Tt _](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?` +
	`(?:([Zz])|([+\-−])(\d{2}):?(\d{2}))?)?$`)

// unixText is what pydantic takes for a number of seconds in a text.
var unixText = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)$`)

// moment reads an instant: in the strict reading the one form that is signed,
// with a zone; in the compatible one what pydantic takes.
func (r Reading) moment(v *value) (moment, bool) {
	switch v.Kind() {
	case laxjson.String:
		m, ok := isoMoment(v.Text())
		if r == Strict {
			return m, ok && !m.naive && m.signed() == v.Text()
		}
		if ok || !unixText.MatchString(v.Text()) {
			return m, ok
		}
		return unixMoment(v.Text())
	case laxjson.Number:
		if r == Compatible {
			return unixMoment(v.Text())
		}
	}
	return moment{}, false
}

func isoMoment(s string) (m moment, ok bool) {
	p := isoForm.FindStringSubmatch(s)
	if p == nil {
		return m, false
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	zone := time.UTC
	switch {
	case p[7] != "":
		offset := number(p[8])*3600 + number(p[9])*60
		if number(p[9]) > 59 || offset >= 24*3600 {
			return m, false
		}
		if p[7] != "+" {
			offset = -offset
		}
		if offset != 0 {
			zone = time.FixedZone("", offset)
		}
	case p[6] == "":
		m.naive = true
	}
	day, err := time.Parse(time.DateOnly, p[1])
	hour, minute, second := number(p[2]), number(p[3]), number(p[4])
	if err != nil || day.Year() == 0 || hour > 23 || minute > 59 || second > 59 {
		return m, false
	}
	micro := number((p[5] + "000000")[:6])
	m.Time = time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, micro*1000, zone)
	return m, true
}

// unixMoment reads seconds since 1970, or milliseconds where they are too many.
func unixMoment(source string) (moment, bool) {
	n, err := strconv.ParseFloat(source, 64)
	if err != nil {
		return moment{}, false
	}
	const watershed = 2e10 // seconds: the year 2603
	if n > watershed || n < -watershed {
		n /= 1000
	}
	if n >= 253402300800 || n < -62135596800 { // behind the year 9999, before the year 1
		return moment{}, false
	}
	micros, err := strconv.ParseInt(fmt.Sprintf("%.0f", n*1e6), 10, 64)
	return moment{Time: time.UnixMicro(micros).UTC()}, err == nil
}
