package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/datetime"
	people "github.com/safeconduct/safeconduct/verify/view"
)

// outputVersion is the version of everything that -json prints. A member may be added under one version; what a member
// means, and its name, may not change.
const outputVersion = 1

// row is one thing that an answer says: as a member of its JSON object, as a line for people, or as both. A value of ""
// or nil is not said.
type row struct {
	name, label string // "": not said there
	value       any
}

// view is what an answer says, in its order.
type view []row

// document is a view with a title of its own.
type document struct {
	what string
	view
}

// MarshalJSON writes the members.
func (v view) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for _, r := range v {
		if r.name == "" || isNothing(r.value) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if err := enc.Encode(r.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(r.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// isNothing reports whether there is nothing to say. Numbers and truth values always say something, and so does an
// empty list that was made.
func isNothing(value any) bool {
	switch value.(type) {
	case int, int64, bool:
		return false
	}
	return value == nil || reflect.ValueOf(value).IsZero()
}

// answer writes the JSON answer of a verb.
func (a *app) answer(kind string, v view) error {
	return a.answerJSON(append(view{{"version", "", outputVersion}, {"kind", "", kind}}, v...))
}

// say writes the answer of a verb: as JSON, or as one line.
func (a *app) say(kind string, v view, format string, args ...any) error {
	if a.json {
		return a.answer(kind, v)
	}
	a.text.Line(format, args...)
	return nil
}

func (a *app) answerJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	a.out.Write(plainJSON(b.Bytes()))
	return nil
}

// printer writes text for people.
type printer struct{ people.Printer }

// text writes a text of this program.
func (p printer) text(s string) { _, _ = io.WriteString(p.W, s) }

// view prints the lines of a view, the first one behind one margin and the others behind another: what stands in a view
// within it is set in below its first line.
func (p printer) view(v view, first, rest string) {
	for _, r := range v {
		if r.label == "" || isNothing(r.value) {
			continue
		}
		switch value := r.value.(type) {
		case view:
			p.view(value, first, rest+"  ")
		case []view:
			for _, inner := range value {
				p.view(inner, first, rest+"  ")
			}
		case []document:
			for _, inner := range value {
				p.Line("")
				p.Line("%s", inner.what)
				p.view(inner.view, "", "")
			}
		case []string:
			p.Field(first+r.label, strings.Join(value, ", "))
		case json.RawMessage:
			p.Field(first+r.label, string(value))
		default:
			p.Field(first+r.label, value)
		}
		first = rest
	}
}

func ifTrue(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// instant formats an instant, "" for the zero one.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return datetime.Format(t)
}

// texts are strings of whatever type.
func texts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

// jsonText is a secured document as a member of an answer: an object, or the token as a string.
func jsonText(raw []byte) any {
	if isJSON(raw) {
		return json.RawMessage(raw)
	}
	return string(raw)
}

// jsonOf is a text as JSON has it.
func jsonOf(s string) []byte {
	text, _ := json.Marshal(s) // a string always is
	return text
}

// plainJSON writes what is not printable in a JSON text as escapes. The value stays the same: outside of strings, JSON
// is ASCII.
func plainJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, width := utf8.DecodeRune(text)
		switch {
		case r == '\n' || unicode.IsPrint(r) && !(r == utf8.RuneError && width == 1):
			out = append(out, text[:width]...)
		case r == '\t' || r == '\r':
			out = append(out, ' ') // only between tokens
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[width:]
	}
	return out
}
