package grantex

import "strconv"

// double is the number that JavaScript reads; beyond all doubles it is infinite.
func double(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

// sameNumber reports whether JavaScript takes two numbers for one.
func sameNumber(a, b string) bool { return double(a) == double(b) }
