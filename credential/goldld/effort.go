package goldld

import (
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// effort is what json-gold would have to do: it processes scoped contexts again
// for every object, every type and every value that has one, with a copy of all
// definitions, and cannot be stopped while it does.
type effort struct {
	objects, uses, definitions int

	scoped map[string]bool // the terms of inline contexts that have a context of their own
}

// contexts counts what the contexts define.
func (e *effort) contexts(v strictjson.Value, inContext bool) {
	switch v.Kind() {
	case strictjson.Array:
		for item := range v.Items() {
			e.contexts(item, inContext)
		}
	case strictjson.Object:
		if inContext {
			e.definitions += v.Len()
		}
		for name, m := range v.Members() {
			if inContext && m.Get("@context").Exists() {
				e.scoped[name] = true
			}
			e.contexts(m, inContext || name == "@context")
		}
	}
}

// rest counts the objects outside of contexts, and the names in them that a
// context hangs on.
func (e *effort) rest(v strictjson.Value) {
	switch v.Kind() {
	case strictjson.Array:
		for item := range v.Items() {
			e.rest(item)
		}
	case strictjson.String:
		if e.scoped[v.Str()] {
			e.uses++
		}
	case strictjson.Object:
		e.objects++
		for name, m := range v.Members() {
			if name == "@context" {
				continue
			}
			if e.scoped[name] {
				e.uses++
			}
			e.rest(m)
		}
	}
}

// checkEffort refuses a document whose inline contexts would be applied too
// often: more than four times as many definitions in all as a document may have
// members. It is some 50 ms of work. Every object becomes a quad at least.
func (c *Canonicalizer) checkEffort(root strictjson.Value) error {
	e := effort{scoped: make(map[string]bool)}
	e.contexts(root, false)
	e.rest(root)
	times := max(e.objects, e.uses)
	if most := 4 * c.bounds.JSONMembers; e.objects > c.bounds.Quads || times*e.definitions > most {
		return &credential.Error{
			Code: code.ProofTooComplex, Detail: "inline contexts times objects of the document",
			Limit:  fmt.Sprintf("%d objects, %d definitions in all", c.bounds.Quads, most),
			Actual: fmt.Sprintf("%d objects, %d times %d definitions", e.objects, times, e.definitions),
		}
	}
	return nil
}
