package grantex

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// unix reads a NumericDate. Parts of a second count.
func unix(v *value) (time.Time, bool) {
	d, ok := decimal.Parse(v.Text())
	if v.Kind() != laxjson.Number || !ok {
		return time.Time{}, false
	}
	seconds := d.Units(0)
	if !seconds.IsInt64() {
		if d.Sign() < 0 {
			return time.Unix(-maxSeconds, 0), true
		}
		return time.Unix(maxSeconds, 0), true
	}
	rest := new(big.Int).Mod(d.Units(9), big.NewInt(1e9))
	s := min(max(seconds.Int64(), -maxSeconds), maxSeconds)
	return time.Unix(s, rest.Int64()), true
}

// maxSeconds is far behind every passport.
const maxSeconds = 1 << 40

// layoutMilli is how Grantex writes instants.
const layoutMilli = "2006-01-02T15:04:05.000Z"

// instant reads validFrom, validUntil and created: in the strict reading in the
// one form that Grantex writes.
func (r Reading) instant(v *value) (time.Time, bool) {
	if r == Strict {
		t, err := time.Parse(layoutMilli, v.Text())
		return t, err == nil && v.Kind() == laxjson.String && t.Format(layoutMilli) == v.Text()
	}
	if v.Kind() == laxjson.Number {
		d, ok := decimal.Parse(v.Text())
		if n := d.Units(0); ok && n.IsInt64() && n.Int64() <= maxMillis && n.Int64() >= -maxMillis {
			return time.UnixMilli(n.Int64()), true
		}
		return time.Time{}, false
	}
	return javaScriptDate(v.Text())
}

// isoDate is the form of dates that ECMAScript defines, and what V8 takes beside
// it: small letters, a space for the T, a zone without its colon.
var isoDate = regexp.MustCompile(`^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?` +
	`(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$`)

// wordyDates are forms with words, which V8 reads as well. There are more; no
// document has them.
var wordyDates = []string{
	"Mon, 2 Jan 2006 15:04:05 GMT", "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 GMT", "2 Jan 2006",
	"Jan 2, 2006", "January 2, 2006", "2006/1/2", "2006-1-2", "1/2/2006",
}

// partOfSecond is what time.Parse takes behind seconds, with a comma, too.
var partOfSecond = regexp.MustCompile(`\d[.,]\d`)

// javaScriptDate reads what `new Date(text)` reads, as far as it is a date that
// a document would have. A local time is UTC here, where a server runs.
func javaScriptDate(text string) (time.Time, bool) {
	if p := isoDate.FindStringSubmatch(text); p != nil {
		return ecmaDate(p)
	}
	for _, layout := range wordyDates {
		if t, err := time.Parse(layout, text); err == nil && !partOfSecond.MatchString(text) {
			return t, true
		}
	}
	return time.Time{}, false
}

// maxMillis is the last instant of ECMAScript, in either direction.
const maxMillis = 8.64e15

func ecmaDate(p []string) (time.Time, bool) {
	number := func(digits string, absent int) int {
		if digits == "" {
			return absent
		}
		n, _ := strconv.Atoi(digits)
		return n
	}
	year, month, day := number(p[1], 0), number(p[2], 1), number(p[3], 1)
	hour, minute, second := number(p[4], 0), number(p[5], 0), number(p[6], 0)
	millis := number((p[7] + "000")[:3], 0)
	offset := number(p[9], 0)*60 + number(p[10], 0)
	if p[8] == "-" {
		offset = -offset
	}
	midnight := hour == 24 && minute == 0 && second == 0 && strings.Trim(p[7], "0") == ""
	switch {
	case p[1] == "-000000", month < 1, month > 12, day < 1, day > 31, // the 30th of February is in March there
		hour > 23 && !midnight, minute > 59, second > 59, number(p[9], 0) > 23, number(p[10], 0) > 59:
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute-offset, second, millis*1e6, time.UTC)
	return t, t.UnixMilli() <= maxMillis && t.UnixMilli() >= -maxMillis
}

// index reads a statusListIndex: a number without sign and leading zeros, as text.
func index(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == text
}
