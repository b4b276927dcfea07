package grantex

import "github.com/safeconduct/safeconduct/internal/decimal"

// sameNumber reports whether two numbers are equal, however they are written.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := decimal.Parse(a)
	y, ok2 := decimal.Parse(b)
	return ok && ok2 && x.Cmp(&y) == 0
}
