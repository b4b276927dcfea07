package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// FuzzParse compares with encoding/json in both directions: what is accepted
// here is accepted there with the same value; what is refused here is refused
// there too, or is one of the things that this package is stricter about.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		passport, `{"a":1,"a":2}`, `{"b":[1e3,-0,0.10],"a":{"":null}}`, `"\ud83d\ude00\n\/"`, `"\ud800"`, "\"\xff\"", "\"\u2028é\U0001F600\"",
		"\uFEFF{}", "[1,]", "1e400", "[[[[[[]]]]]]", ` { } `, `{"\u0061":1,"a":2}`, `"\\ufffd"`, "{} {}", "01", `"0123456789abcdef"`,
	} {
		f.Add(s)
	}
	if root := os.Getenv(testvectors.Env); root != "" {
		files, _ := filepath.Glob(filepath.Join(root, "jsontestsuite", "test_*", "*.json"))
		for _, file := range files {
			if b, err := os.ReadFile(file); err == nil && len(b) < 4096 {
				f.Add(string(b))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := strictjson.Parse(text, ceiling)
		if err != nil {
			var e *strictjson.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) {
				t.Fatalf("error %#v for %q", err, text)
			}
			if e.Limit == "" && strictlyValid(text) {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		}
		if !strictlyValid(text) {
			t.Fatalf("%q is accepted", text)
		}
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", text, err)
		}
		if got := toAny(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is %#v, want %#v", text, got, want)
		}
		requireStable(t, v)
	})
}

// toAny turns a tree into what encoding/json makes of its text.
func toAny(v strictjson.Value) any {
	switch v.Kind() {
	case strictjson.Bool:
		b, _ := v.Bool()
		return b
	case strictjson.Number:
		return json.Number(v.Raw())
	case strictjson.String:
		return v.Str()
	case strictjson.Array:
		items := make([]any, 0, v.Len())
		for item := range v.Items() {
			items = append(items, toAny(item))
		}
		return items
	case strictjson.Object:
		members := make(map[string]any, v.Len())
		for name, member := range v.Members() {
			members[name] = toAny(member)
		}
		return members
	}
	return nil
}

var escapes = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)

// strictlyValid is a second opinion built on encoding/json: valid JSON and
// UTF-8, no lone surrogate, no duplicate name, no number out of range.
func strictlyValid(text string) bool {
	if !json.Valid([]byte(text)) || !utf8.ValidString(text) {
		return false
	}
	// encoding/json puts U+FFFD for a lone surrogate.
	replaced := -strings.Count(text, "\uFFFD")
	for _, e := range escapes.FindAllString(text, -1) {
		if strings.EqualFold(e, `\ufffd`) {
			replaced--
		}
	}
	type level struct {
		names  map[string]bool // nil in an array
		isName bool
	}
	stack := []level{{}}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return replaced == 0
		}
		if err != nil {
			return false
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			stack = stack[:len(stack)-1]
			continue
		}
		if s, ok := token.(string); ok {
			replaced += strings.Count(s, "\uFFFD")
		}
		top := &stack[len(stack)-1]
		if top.isName {
			if top.names[token.(string)] {
				return false
			}
			top.names[token.(string)] = true
			top.isName = false
			continue
		}
		top.isName = top.names != nil
		switch token := token.(type) {
		case json.Delim:
			if token == '{' {
				stack = append(stack, level{names: map[string]bool{}, isName: true})
			} else {
				stack = append(stack, level{})
			}
		case json.Number:
			n, err := strconv.ParseFloat(string(token), 64)
			if err != nil || n == 0 && strings.ContainsAny(regexp.MustCompile(`[eE].*`).ReplaceAllString(string(token), ""), "123456789") {
				return false
			}
		}
	}
}
