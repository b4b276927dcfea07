package eprospera_test

import (
	"fmt"

	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
)

// The editions of the scope registry of e-Próspera.
func ExampleCurrent() {
	for _, edition := range []interface {
		Edition() string
	}{eprospera.First(), eprospera.Current()} {
		fmt.Println(edition.Edition())
	}
	fmt.Println(eprospera.Current().Scopes()[0].ID)
	// Output:
	// first
	// 2026-11-21
	// agent:person.details.read
}
