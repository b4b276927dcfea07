package passport

import (
	"strings"
	"time"
)

var rateSuffixes = [...]struct {
	suffix string
	window time.Duration
}{
	{"_per_minute", time.Minute}, {"_per_hour", time.Hour}, {"_per_day", 24 * time.Hour},
}

// cutRate splits "<name>_per_minute" and the like.
func cutRate(name string) (counter string, window time.Duration) {
	for _, r := range rateSuffixes {
		if c, ok := strings.CutSuffix(name, r.suffix); ok && c != "" {
			return c, r.window
		}
	}
	return "", 0
}

// isAttribute reports whether s can name a request attribute.
func isAttribute(s string) bool { return isToken(s, "_-", 1, 64, true) }

// isFacet reports whether s is what a request states beside its attributes. A
// limit of that name would bound nothing while it reads as if it did.
func isFacet(s string) bool {
	switch s {
	case "amount", "category", "rail", "region", "payee", "resource":
		return true
	}
	return false
}

// limitOf reads the name of a member of limits.
func limitOf(name string, isBool bool) (Limit, error) {
	_, window := cutRate(name)
	attribute, isMax := strings.CutPrefix(name, "max_")
	permission, isAllow := strings.CutPrefix(name, "allow_")
	switch {
	case isBool && isAllow && isFacet(permission), !isBool && isMax && isFacet(attribute):
		return Limit{}, invalid("", "limit %.80q: what it names is no attribute of a request, but a facet with members of its own", name)
	case isBool && isAllow && isAttribute(permission):
		return Limit{Name: name, Kind: LimitAllow}, nil
	case isBool:
		return Limit{}, invalid("", "boolean limit %.80q: want a name allow_<attribute>", name)
	case window != 0 && isMax && isAttribute(attribute):
		return Limit{}, invalid("", "limit %.80q reads as a maximum and as a rate", name)
	case window != 0 && isAttribute(name):
		return Limit{Name: name, Kind: LimitRate}, nil
	case isMax && isAttribute(attribute):
		return Limit{Name: name, Kind: LimitMax}, nil
	}
	return Limit{}, invalid("", "limit %.80q: want max_<attribute>, <name>_per_minute, _per_hour or _per_day, or a boolean allow_<attribute>", name)
}

// MaxOf returns the limit "max_<attribute>", n from 0 to 2^53-1.
func MaxOf(attribute string, n int64) Limit {
	return Limit{Name: "max_" + attribute, Kind: LimitMax, Int: n}
}

// RateOf returns the limit "<name>_per_minute", "_per_hour" or "_per_day",
// for a window of one minute, one hour or 24 hours; any other window gives a
// limit that [Issue] refuses. The counter "requests" counts every request.
func RateOf(name string, window time.Duration, n int64) Limit {
	for _, r := range rateSuffixes {
		if r.window == window {
			return Limit{Name: name + r.suffix, Kind: LimitRate, Int: n}
		}
	}
	return Limit{}
}

// Allow returns the permission "allow_<attribute>".
func Allow(attribute string) Limit {
	return Limit{Name: "allow_" + attribute, Kind: LimitAllow, Bool: true}
}
