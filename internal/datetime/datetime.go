// Package datetime reads and writes the one form of instant that secured
// documents use: RFC 3339, which is also XML Schema's dateTimeStamp.
//
// Instants lie in the years 1970 to 9999, in UTC. So no text is the zero
// [time.Time], by which Go says that there is no date: what a stranger has
// written as the end of a key, a consent or a list never reads as "no end".
package datetime

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Parse reads an instant: upper-case T, seconds 00–59, one to nine digits of
// fraction if any, Z or a numeric offset of at most 14 hours. The standard
// library's parser also takes commas, one-digit hours, lower case and offsets
// of a day, so that two texts would mean one instant where others see none.
// "-00:00" (an unknown offset), leap seconds, hour 24 and years of five digits
// are refused, and so is what [Check] refuses.
func Parse(s string) (time.Time, error) {
	fail := func(what string) (time.Time, error) {
		return time.Time{}, fmt.Errorf("%.40q is not an instant: %s (want 2006-01-02T15:04:05Z)", s, what)
	}
	const shape = "dddd-dd-ddTdd:dd:dd"
	if len(s) < len(shape)+1 {
		return fail("too short")
	}
	var numbers [6]int // from the year to the second
	at := 0
	for i := range len(shape) {
		switch c := s[i]; {
		case shape[i] == 'd' && '0' <= c && c <= '9':
			numbers[at] = numbers[at]*10 + int(c-'0')
		case shape[i] != 'd' && c == shape[i]:
			at++
		default:
			r, _ := utf8.DecodeRuneInString(s[i:])
			return fail(fmt.Sprintf("unexpected %q at byte %d", r, i))
		}
	}
	year, month, day := numbers[0], numbers[1], numbers[2]
	hour, minute, second := numbers[3], numbers[4], numbers[5]
	switch {
	case month < 1 || month > 12:
		return fail("month out of range")
	case day < 1 || day > daysIn(year, month):
		return fail("day out of range")
	case hour > 23 || minute > 59 || second > 59:
		return fail("time of day out of range")
	}
	rest := s[len(shape):]
	nanos := 0
	if rest[0] == '.' {
		n := 1
		scale := 100_000_000
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			if n > 9 {
				return fail("more than nine digits of fraction")
			}
			nanos += int(rest[n]-'0') * scale
			scale /= 10
			n++
		}
		if n == 1 {
			return fail("a point without digits")
		}
		rest = rest[n:]
	}
	offset := 0
	switch {
	case rest == "Z":
	case len(rest) == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':' && allDigits(rest[1:3]) && allDigits(rest[4:6]):
		h, m := digits(rest[1:3]), digits(rest[4:6])
		if m > 59 || h*60+m > 14*60 {
			return fail("offset out of range")
		}
		offset = h*60 + m
		if rest[0] == '-' {
			if offset == 0 {
				return fail("offset -00:00 means unknown")
			}
			offset = -offset
		}
	default:
		return fail("want Z or an offset such as +01:00 at the end")
	}
	t := time.Date(year, time.Month(month), day, hour, minute-offset, second, nanos, time.UTC)
	if err := Check(t); err != nil {
		return fail(err.Error())
	}
	return t, nil
}

// Check refuses an instant that is not in the years 1970 to 9999 of UTC.
func Check(t time.Time) error {
	const end = 253_402_300_800 // of the year 9999
	if sec := t.Unix(); sec < 0 || sec >= end {
		return errors.New("the year is not one of 1970 to 9999")
	}
	return nil
}

// Exact writes an instant in UTC, with as many digits of fraction as it has.
func Exact(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999Z") }

// FormatUp writes the first whole second in UTC that is not before an instant.
func FormatUp(t time.Time) string { return Format(t.Add(time.Second - 1)) }

// Format writes an instant in UTC, in whole seconds.
func Format(t time.Time) string { return t.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05Z") }

// Between is to.Sub(from) by the wall clock alone, in a third of the time.
func Between(from, to time.Time) time.Duration {
	const long = 290 * 365 * 24 * 60 * 60 // seconds; a Duration has room for so many
	a, b := from.Unix(), to.Unix()
	s := b - a
	if wrapped := (a^b)&(b^s) < 0; wrapped || s <= -long || s >= long {
		return to.Round(0).Sub(from)
	}
	return time.Duration(s)*time.Second + time.Duration(to.Nanosecond()-from.Nanosecond())
}

func digits(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
