// Package seam lets one floor lend a function to a floor above it without
// showing it to the world: what only this module has a use for is in nobody's
// documentation, and can change.
//
// Packages lend in their init and borrow into package variables, so that a loan
// that is missing, or of another type, is a panic as the program starts and
// never later. Nothing is lent after that.
package seam

import "fmt"

var loans = map[string]any{}

// MustLend offers f under a name, such as "passport.read". It is called from init
// alone and panics if the name is taken.
func MustLend(name string, f any) {
	if loans[name] != nil {
		panic("seam: " + name + " is lent twice")
	}
	loans[name] = f
}

// MustBorrow returns what was lent under a name. It panics if nothing was, or
// something of another type than F.
func MustBorrow[F any](name string) F {
	f, ok := loans[name].(F)
	if !ok {
		panic(fmt.Sprintf("seam: %s is a %T, not a %T", name, loans[name], f))
	}
	return f
}
