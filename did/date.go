package did

import (
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// methodDate reads a date of a verification method, an XML Schema
// dateTimeStamp; the zero time if the method has none.
func methodDate(v strictjson.Value, name string) (time.Time, error) {
	member := v.Get(name)
	if !member.Exists() {
		return time.Time{}, nil
	}
	if text := member.Str(); hasDateShape(text) {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time such as 2030-01-31T00:00:00Z", member.Path())
}

// hasDateShape refuses what time.Parse reads beyond RFC 3339: hours of one
// digit, a comma before the fraction, offsets of a day and more.
func hasDateShape(s string) bool {
	const shape = "0000-00-00T00:00:00"
	if len(s) <= len(shape) || !matches(s[:len(shape)], shape) {
		return false
	}
	zone := s[len(shape):]
	if zone[0] == '.' {
		i := 1
		for i < len(zone) && '0' <= zone[i] && zone[i] <= '9' {
			i++
		}
		if i == 1 || i > 10 {
			return false
		}
		zone = zone[i:]
	}
	switch {
	case zone == "Z":
		return true
	case matches(zone, "+00:00"), matches(zone, "-00:00"):
		return zone[1:] <= "14:00" && zone[4:] <= "59"
	}
	return false
}

// matches reports whether s has a digit where shape has '0', and the same
// character elsewhere.
func matches(s, shape string) bool {
	if len(s) != len(shape) {
		return false
	}
	for i := range len(shape) {
		if shape[i] == '0' && ('0' > s[i] || s[i] > '9') || shape[i] != '0' && s[i] != shape[i] {
			return false
		}
	}
	return true
}
