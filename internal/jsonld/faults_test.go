package jsonld_test

import (
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
)

// goldFaults are the known faults of json-gold v0.9.1 that a document in the
// strict profile can meet. Only what matches one is left out of a comparison.
// (Of rdf-canonize v5, the other judge, one is known: it sorts by UTF-16 code
// units, so that U+1F600 comes before U+FB33; the Recommendation says code
// points.)
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
