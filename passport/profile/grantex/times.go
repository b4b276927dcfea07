package grantex

import (
	"math/big"
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
		if n := d.Units(0); ok && n.IsInt64() && n.Int64() < 8.64e15 && n.Int64() > -8.64e15 {
			return time.UnixMilli(n.Int64()), true
		}
		return time.Time{}, false
	}
	return javaScriptDate(v.Text())
}

// javaScriptDate reads what `new Date(text)` reads, as far as it is a date that
// a document would have.
func javaScriptDate(text string) (time.Time, bool) {
	if date, clock, ok := strings.Cut(text, "T"); ok {
		zone := "Z07:00"
		if !strings.HasSuffix(clock, "Z") && !strings.ContainsAny(clock, "+-") {
			zone = "" // local time there; UTC here, where a server runs
		}
		for _, layout := range []string{"15:04:05.999999999", "15:04"} {
			if t, err := time.Parse("2006-01-02T"+layout+zone, date+"T"+clock); err == nil {
				return t.Truncate(time.Millisecond), true
			}
		}
		return time.Time{}, false
	}
	for _, layout := range []string{time.DateOnly, "2006-01", "2006", time.RFC1123, time.RFC1123Z,
		"2 Jan 2006 15:04:05 MST", "2 Jan 2006",
		"Jan 2, 2006", "January 2, 2006", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006/01/02",
		"1/2/2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// index reads a statusListIndex: a number without sign and leading zeros, as text.
func index(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == text
}
