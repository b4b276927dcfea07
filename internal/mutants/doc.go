// Package mutants holds a test that breaks the verifier on purpose, one check
// at a time, and wants a named test to notice:
//
//	go test -tags mutants ./internal/mutants
//
// That the table is alive, so that each row finds its text once and names a
// test that exists, is tested without the tag.
package mutants
