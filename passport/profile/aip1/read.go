package aip1

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

type value = laxjson.Value

// parse reads a document of a model.
func (r Reading) parse(m *model, source string) (*record, *Error) {
	bounds := limits.Default()
	if len(source) > bounds.DocumentBytes {
		return nil, malformed("", "a document has at most %d bytes, not %d", bounds.DocumentBytes, len(source))
	}
	if r == Strict {
		if _, err := strictjson.Parse(source, bounds.JSON(bounds.DocumentBytes)); err != nil {
			return nil, malformed("", "not JSON that two readers see alike: %v", err)
		}
	}
	v, err := laxjson.Parse(source, laxjson.Python)
	if err != nil {
		return nil, malformed("", "not JSON: %v", err)
	}
	return r.record(m, v, "")
}

// record reads an object. In the strict reading it has exactly the members of its
// model; in the compatible one others are dropped, and what is absent has its
// default.
func (r Reading) record(m *model, v *value, path string) (*record, *Error) {
	if v.Kind() != laxjson.Object {
		return nil, malformed(path, "want an object, not %s", v.Kind())
	}
	if r == Strict {
		for _, member := range v.Members() {
			if !slices.ContainsFunc(m.fields, func(f field) bool { return f.name == member.Name }) {
				return nil, malformed(path, "%.80q is not a member of an AIP-1 %s", member.Name, m.name)
			}
		}
	}
	rec := &record{model: m, cells: make([]cell, len(m.fields))}
	for i := range m.fields {
		f := &m.fields[i]
		member := v.Get(f.name)
		if member.Kind() == laxjson.Absent && r == Compatible {
			if f.own != "" {
				member = v.Get(f.own)
			}
			if member.Kind() == laxjson.Absent && f.absent == drawn {
				rec.cells[i] = cell{drawn: true}
				continue
			}
			if member.Kind() == laxjson.Absent && f.absent != "" {
				member, _ = laxjson.Parse(f.absent, laxjson.Python)
			}
		}
		var err *Error
		if rec.cells[i], err = r.cell(f, member, path+"/"+f.name); err != nil {
			return nil, err
		}
	}
	return rec, nil
}

// cell reads one member.
func (r Reading) cell(f *field, v *value, path string) (c cell, err *Error) {
	wrong := func(want string) *Error { return malformed(path, "want %s, not %s", want, v.Kind()) }
	if v.Kind() == laxjson.Absent {
		return c, malformed(path, "the member is missing; AIP-1 writes every member, null where there is none")
	}
	if v.Kind() == laxjson.Null && f.null {
		return cell{null: true}, nil
	}
	ok := true
	switch f.kind {
	case textKind, wordKind:
		if v.Kind() != laxjson.String {
			return c, wrong("a text")
		}
		if c.text = v.Text(); f.kind == wordKind && !slices.Contains(f.words, c.text) {
			return c, malformed(path, "%.40q is not one of %s", c.text, strings.Join(f.words, ", "))
		}
	case integerKind, floatKind:
		if c.text, c.float, ok = r.number(f, v); !ok {
			return c, wrong("a number within its bounds")
		}
	case boolKind:
		if c.truth, ok = r.boolean(v); !ok {
			return c, wrong("true or false")
		}
	case instantKind:
		if c.at, ok = r.moment(v); !ok {
			return c, malformed(path, "want an instant such as 2026-03-01T09:31:00.123456Z")
		}
	case textsKind:
		if v.Kind() != laxjson.Array {
			return c, wrong("a list of texts")
		}
		for _, item := range v.Items() {
			if item.Kind() != laxjson.String {
				return c, wrong("a list of texts")
			}
			c.list = append(c.list, item.Text())
		}
	case objectKind:
		if v.Kind() != laxjson.Object {
			return c, wrong("an object")
		}
		if c.any = v; r == Strict {
			if inexact := inexact(v); inexact != "" {
				return c, malformed(path, "the number %.40q is another one in the signed bytes", inexact)
			}
		}
	case nestedKind:
		c.rec, err = r.record(f.model, v, path)
		return c, err
	case listKind:
		if v.Kind() != laxjson.Array {
			return c, wrong("a list")
		}
		for i, item := range v.Items() {
			rec, err := r.record(f.model, item, path+"/"+strconv.Itoa(i))
			if err != nil {
				return c, err
			}
			c.recs = append(c.recs, rec)
		}
	}
	return c, nil
}

// What pydantic takes for a number in a text.
var (
	integerText = regexp.MustCompile(`^[+-]?\d+(_\d+)*(\.0+)?$`)
	floatText   = regexp.MustCompile(`^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d+)?$`)
)

// number reads a typed number. The strict reading takes numbers alone, integers
// without a point; the compatible one what pydantic does.
func (r Reading) number(f *field, v *value) (source string, n float64, ok bool) {
	source = v.Text()
	switch {
	case r == Strict:
		if v.Kind() != laxjson.Number || f.kind == integerKind && strings.ContainsAny(source, ".eE") {
			return "", 0, false
		}
	case v.Kind() == laxjson.Bool:
		source = map[bool]string{true: "1", false: "0"}[v.Truth()]
	case v.Kind() == laxjson.String:
		form := floatText
		if f.kind == integerKind {
			form = integerText
		}
		if source = strings.TrimSpace(source); !form.MatchString(source) {
			return "", 0, false
		}
		source = strings.ReplaceAll(source, "_", "")
	case v.Kind() != laxjson.Number:
		return "", 0, false
	}
	n, err := strconv.ParseFloat(source, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || f.kind == integerKind && n != math.Trunc(n) {
		return "", 0, false
	}
	if n < f.least || f.most != 0 && n > f.most || r == Strict && inexactNumber(source) {
		return "", 0, false
	}
	return source, n, true
}

// inexactNumber reports whether a number is another one once it went through a
// floating-point number, as the signed bytes have it.
func inexactNumber(source string) bool {
	n, err := strconv.ParseFloat(source, 64)
	if err != nil {
		return true
	}
	said, ok := decimal.Parse(source)
	meant, ok2 := decimal.Parse(strconv.FormatFloat(n, 'f', -1, 64))
	return !ok || !ok2 || said.Cmp(&meant) != 0
}

// inexact returns the first number of a value that is inexact. Integers are kept
// at any size.
func inexact(v *value) string {
	if v.Kind() == laxjson.Number && strings.ContainsAny(v.Text(), ".eE") && inexactNumber(v.Text()) {
		return v.Text()
	}
	for _, item := range v.Items() {
		if bad := inexact(item); bad != "" {
			return bad
		}
	}
	for _, m := range v.Members() {
		if bad := inexact(m.Value); bad != "" {
			return bad
		}
	}
	return ""
}

// boolean reads what pydantic takes for true and false, in the compatible reading.
func (r Reading) boolean(v *value) (truth, ok bool) {
	if v.Kind() == laxjson.Bool || r == Strict {
		return v.Truth(), v.Kind() == laxjson.Bool
	}
	switch v.Kind() {
	case laxjson.Number:
		n, err := strconv.ParseFloat(v.Text(), 64)
		return n == 1, err == nil && (n == 0 || n == 1)
	case laxjson.String:
		word := strings.ToLower(v.Text())
		truth = slices.Contains([]string{"1", "on", "t", "true", "y", "yes"}, word)
		return truth, truth || slices.Contains([]string{"0", "off", "f", "false", "n", "no"}, word)
	}
	return false, false
}
