package goldld

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// loader serves contexts by URL, a new copy each time: json-gold writes into what it
// is given.
type loader map[string]string

// LoadDocument implements json-gold's DocumentLoader.
func (l loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	text, ok := l[url]
	if !ok {
		return nil, fmt.Errorf("context %.200q is not known, and nothing is fetched", url)
	}
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

// checkText refuses in the document as it stands what cannot be seen any more
// once it is expanded, and contexts that json-gold does not survive.
func (c *Canonicalizer) checkText(root strictjson.Value) error {
	if root.Kind() != strictjson.Object {
		return refuse(code.EnvelopeMalformed, root, "want an object, not %s", root.Kind())
	}
	local := root.Get("@context")
	if !local.Exists() {
		return refuse(code.EnvelopeContext, root, "there is no @context")
	}
	active, err := c.set.Initial().Local(local)
	if err != nil {
		return err
	}
	return c.checkValue(root, active)
}

func (c *Canonicalizer) checkValue(v strictjson.Value, active *contexts.Active) error {
	switch v.Kind() {
	case strictjson.Null:
		return refuse(code.EnvelopeDataLoss, v, "null says nothing: leave the member out")
	case strictjson.Number:
		if !v.ExactNumber() {
			return refuse(code.EnvelopeMalformed, v, "a double does not hold %.40s", v.Raw())
		}
	case strictjson.Array:
		if v.Len() == 0 {
			return refuse(code.EnvelopeDataLoss, v, "an empty array says nothing: leave the member out")
		}
		for item := range v.Items() {
			if err := c.checkValue(item, active); err != nil {
				return err
			}
		}
	case strictjson.Object:
		if v.Len() == 0 {
			return refuse(code.EnvelopeDataLoss, v, "an empty object says nothing: leave the member out")
		}
		for name, m := range v.Members() {
			if name != "@context" {
				if err := c.checkValue(m, active); err != nil {
					return err
				}
				continue
			}
			if err := c.checkContext(m, active); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkContext looks at a context, wherever it is in the document.
func (c *Canonicalizer) checkContext(v strictjson.Value, active *contexts.Active) error {
	// Processed on top of the document's own contexts: what is protected there
	// is protected everywhere. (json-gold lets a protected term be undone.)
	if v.Path() != "/@context" {
		if _, err := active.Local(v); err != nil && !repeats(err) {
			return err
		}
	}
	return c.checkDefinitions(v)
}

// repeats tells the refusal of a context that is listed twice: embedded documents
// repeat those of the document around them.
func repeats(err error) bool { return strings.Contains(err.Error(), "twice") }

func (c *Canonicalizer) checkDefinitions(v strictjson.Value) error {
	switch v.Kind() {
	case strictjson.String:
		if _, ok := c.files[v.Str()]; !ok {
			return refuse(code.EnvelopeContext, v, "context %.200q is not known, and nothing is fetched", v.Str())
		}
	case strictjson.Array:
		for item := range v.Items() {
			if err := c.checkDefinitions(item); err != nil {
				return err
			}
		}
	case strictjson.Object:
		return c.checkObject(v)
	default:
		return refuse(code.EnvelopeContext, v, "a context is %s, want a URL or an object", v.Kind())
	}
	return nil
}

func (c *Canonicalizer) checkObject(v strictjson.Value) error {
	for name, m := range v.Members() {
		switch {
		case name == "@import":
			return refuse(code.EnvelopeContext, m, "@import: json-gold would write into the imported context")
		case name == "@base" && m.Kind() != strictjson.Null:
			return refuse(code.EnvelopeContext, m, "@base: identifiers are absolute here")
		case m.Kind() == strictjson.Object:
			if err := c.checkTerm(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTerm looks at one expanded term definition.
func (c *Canonicalizer) checkTerm(v strictjson.Value) error {
	scope := v.Get("@context")
	if !scope.Exists() {
		return nil
	}
	// json-gold takes the container of a term from the context that the term
	// itself brings along, so that its values land in the wrong graph or lose
	// their order.
	if box := v.Get("@container"); box.Exists() && box.Str() != "@set" {
		return refuse(code.EnvelopeUnsupported, box, "a term with a context and a container of its own; json-gold would lose the container")
	}
	return c.checkDefinitions(scope)
}
