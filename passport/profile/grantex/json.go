package grantex

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

type value = laxjson.Value

// parse reads a JSON text. In the strict reading, what two readers could see
// differently is refused first; the tree is the same then.
func (r Reading) parse(text string) (*value, error) {
	if r == Strict {
		if _, err := strictjson.Parse(text,
			limits.Default().JSON(limits.Default().Documents.DocumentBytes)); err != nil {
			return nil, err
		}
	} else {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	return laxjson.Parse(text, laxjson.JavaScript)
}

// same reports whether two values are equal. The order of members does not
// count. Numbers are equal if their texts are; in the compatible reading, if
// they are the same number.
func (r Reading) same(a, b *value) bool {
	if a.Kind() != b.Kind() || a.Truth() != b.Truth() || len(a.Items()) != len(b.Items()) ||
		len(a.Members()) != len(b.Members()) {
		return false
	}
	if a.Text() != b.Text() && !(r == Compatible && a.Kind() == laxjson.Number && sameNumber(a.Text(), b.Text())) {
		return false
	}
	for i, item := range a.Items() {
		if !r.same(item, b.Items()[i]) {
			return false
		}
	}
	for _, m := range a.Members() {
		if !r.same(m.Value, b.Get(m.Name)) {
			return false
		}
	}
	return true
}

// truthy is what JavaScript takes for true.
func truthy(v *value) bool {
	switch v.Kind() {
	case laxjson.Absent, laxjson.Null:
		return false
	case laxjson.Bool:
		return v.Truth()
	case laxjson.String:
		return v.Text() != ""
	case laxjson.Number:
		return !sameNumber(v.Text(), "0")
	}
	return true
}
