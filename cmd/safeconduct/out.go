package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/verify/view"
)

// outputVersion is the version of everything that -json prints. A member may be added under one version; what a member
// means, and its name, may not change.
const outputVersion = 1

// answer prints what a verb answers: as JSON with -json, else as text says it.
func (a *app) answer(kind string, p view.Page, text func()) error {
	if a.json {
		p = append(view.Page{member("version", outputVersion), member("kind", kind)}, p...)
		if !a.jsonl {
			return a.text.JSON(p)
		}
		text, err := json.Marshal(p)
		a.text.text(string(view.PlainJSON(text)) + "\n")
		return err
	}
	text()
	return nil
}

// say prints what a verb answers in one line.
func (a *app) say(kind string, p view.Page, format string, args ...any) error {
	return a.answer(kind, p, func() { a.text.Line(format, args...) })
}

// member is a row that programs alone are told.
func member(name string, value any) view.Row { return view.Row{Name: name, Value: value} }

// printer writes text for people.
type printer struct{ view.Printer }

// text writes a text of this program.
func (p printer) text(s string) { _, _ = io.WriteString(p.W, s) }

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

// jsonWith is the JSON object of a value with one more member.
type jsonWith struct {
	json.Marshaler
	name, text string
}

func (j jsonWith) MarshalJSON() ([]byte, error) {
	object, err := j.Marshaler.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return append(object[:len(object)-1], `,"`+j.name+`":`+j.text+`}`...), nil
}

// jsonText is a secured document as a member of an answer: an object, or the token as a string.
func jsonText(raw []byte) any {
	if isJSON(raw) {
		return json.RawMessage(raw)
	}
	return string(raw)
}
