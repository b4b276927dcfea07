// Package interop holds a test against the libraries of another language:
// Digital Bazaar's vc libraries and jose, run by Node. Each side verifies what
// the other signed, and refuses what was changed on the way.
//
//	npm ci
//	go test -tags interop .
package interop
