package jsonld_test

import (
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// goldFaults are the known faults of json-gold v0.9.1 that a generated
// document can meet. Only what matches one is left out of the comparison.
var goldFaults = []struct {
	name  string
	match func(text string, err error) bool
}{}

func faultOf(text string, err error) string {
	for _, f := range goldFaults {
		if f.match(text, err) {
			return f.name
		}
	}
	return ""
}

// expectedRefusal names what the generator does not avoid and we refuse.
func expectedRefusal(err error) string {
	var e *code.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch {
	case e.Code == code.ProofTooComplex:
		return "too complex"
	case e.Code == code.EnvelopeDataLoss && strings.Contains(e.Detail, "stands twice"):
		return "a claim stands twice"
	}
	return ""
}
