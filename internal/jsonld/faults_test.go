package jsonld_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/piprate/json-gold/ld"

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
}{
	{"an http(s) IRI that its expression for URLs does not know vanishes with its quad", func(text string, _ error) bool {
		var doc any
		return json.Unmarshal([]byte(text), &doc) == nil && hasOddURL(doc)
	}},
}

func hasOddURL(v any) bool {
	switch x := v.(type) {
	case string:
		return (strings.HasPrefix(x, "http://") || strings.HasPrefix(x, "https://")) && !ld.IsURL(x)
	case []any:
		return slices.ContainsFunc(x, hasOddURL)
	case map[string]any:
		for _, m := range x {
			if hasOddURL(m) {
				return true
			}
		}
	}
	return false
}

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
	case e.Code == code.EnvelopeDataLoss && strings.Contains(e.Detail, "is listed twice"):
		return "a claim is listed twice"
	}
	return ""
}
