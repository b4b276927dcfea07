// Package mutants holds a test that breaks the verifier on purpose, one check
// at a time, and wants a named test to notice:
//
//	go test -tags mutants ./internal/mutants
package mutants
