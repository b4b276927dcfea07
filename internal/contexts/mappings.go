package contexts

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// container is step 19 of Create Term Definition.
func (t *Term) container(v strictjson.Value) error {
	var c Container
	count := 0
	add := func(item strictjson.Value) bool {
		var one Container
		switch item.Str() {
		case "@graph":
			one = ContainerGraph
		case "@id":
			one = ContainerID
		case "@index":
			one = ContainerIndex
		case "@language":
			one = ContainerLanguage
		case "@list":
			one = ContainerList
		case "@set":
			one = ContainerSet
		case "@type":
			one = ContainerType
		default:
			return false
		}
		ok := c&one == 0
		c |= one
		count++
		return ok
	}
	ok := true
	switch v.Kind() {
	case strictjson.String:
		ok = add(v)
	case strictjson.Array:
		for item := range v.Items() {
			ok = ok && add(item)
		}
	default:
		ok = false
	}
	rest := c &^ ContainerSet
	switch {
	case rest == ContainerList && count > 1: // @list stands alone
		ok = false
	case rest == ContainerGraph|ContainerID, rest == ContainerGraph|ContainerIndex:
	case rest&(rest-1) != 0: // otherwise one beside @set
		ok = false
	}
	if !ok || count == 0 {
		return refuse("@container of term %.100q is %.60s, which is not one of the combinations of JSON-LD 1.1", t.Name, v.Raw())
	}
	t.Container = c
	return nil
}

// language is step 22.
func (t *Term) language(v strictjson.Value) error {
	s, ok := nullable(v)
	if !ok || v.Kind() == strictjson.String && !IsLanguageTag(s) {
		return refuse("@language of term %.100q is %.40s, want a language tag or null", t.Name, v.Raw())
	}
	if t.Coercion == CoerceNone && !t.NoneType {
		t.Language, t.HasLanguage = strings.ToLower(s), true
	}
	return nil
}

// direction is step 23.
func (t *Term) direction(v strictjson.Value) error {
	s, ok := nullable(v)
	if !ok || v.Kind() == strictjson.String && s != "ltr" && s != "rtl" {
		return refuse("@direction of term %.100q is %.40s, want \"ltr\", \"rtl\" or null", t.Name, v.Raw())
	}
	if t.Coercion == CoerceNone && !t.NoneType {
		t.Direction, t.HasDirection = s, true
	}
	return nil
}
