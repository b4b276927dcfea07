package aip1

import (
	"math"
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
var unixText = regexp.MustCompile(`^[+-]?(\d+|(\d+\.\d*|\.\d+)([eE][+-]?\d+)?)$`)

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

// unixMoment reads seconds since 1970, or milliseconds where they are too many: an
// integer exactly, of another number the part behind the point to a millionth of a
// second.
func unixMoment(source string) (moment, bool) {
	whole, err := strconv.ParseInt(source, 10, 64)
	fraction := 0.0
	if err != nil {
		n, err := strconv.ParseFloat(source, 64)
		if err != nil || math.Abs(n) > 1<<62 {
			return moment{}, false
		}
		whole, fraction = int64(math.Floor(n)), n-math.Floor(n)
	}
	const watershed = 20_000_000_000 // seconds: the year 2603
	micros := int64(math.Round(fraction * 1e6))
	if whole > watershed || whole < -watershed {
		rest := (whole%1000 + 1000) % 1000
		whole, micros = (whole-rest)/1000, rest*1000+int64(math.Round(fraction*1e3))
	}
	at := time.Unix(whole, micros*1000).UTC()
	return moment{Time: at}, at.Year() >= 1 && at.Year() <= 9999
}
