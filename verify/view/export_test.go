package view

import "github.com/safeconduct/safeconduct/verify"

// For the tests of pictures.
var (
	InColumns = inColumns
	InEms     = inEms
	Broken    = broken
	PageStyle = pageStyle
	SVGStyle  = svgStyle
)

// Parts is how much of a bar is spent, and how much is held.
func Parts(b verify.Budget, long, least int) (spent, held int) {
	x := barOf(&b)
	return x.parts(long, least)
}
