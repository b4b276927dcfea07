package goldld

import (
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// effort is what json-gold would have to do: it processes scoped contexts again
// for every object, and cannot be stopped while it does.
type effort struct{ objects, definitions int }

func (e *effort) add(v strictjson.Value, inContext bool) {
	switch v.Kind() {
	case strictjson.Array:
		for item := range v.Items() {
			e.add(item, inContext)
		}
	case strictjson.Object:
		if inContext {
			e.definitions += v.Len()
		} else {
			e.objects++
		}
		for name, m := range v.Members() {
			e.add(m, inContext || name == "@context")
		}
	}
}

// checkEffort refuses a document whose inline contexts would be applied too
// often: more than four times as many definitions in all as a document may have
// members. It is some 50 ms of work. Every object becomes a quad at least.
func (c *Canonicalizer) checkEffort(root strictjson.Value) error {
	var e effort
	e.add(root, false)
	if most := 4 * c.bounds.JSONMembers; e.objects > c.bounds.Quads || e.objects*e.definitions > most {
		return &credential.Error{
			Code: code.ProofTooComplex, Detail: "inline contexts times objects of the document",
			Limit:  fmt.Sprintf("%d objects, %d definitions in all", c.bounds.Quads, most),
			Actual: fmt.Sprintf("%d objects, %d definitions each", e.objects, e.definitions),
		}
	}
	return nil
}
