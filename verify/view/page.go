package view

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Row is one thing that a page says: to programs as a member of a JSON object, to people as a line, or to both.
//
// Values are texts, whole numbers, truth values, lists of texts, pages within the page ([Page], []Page, []Document),
// json.RawMessage and, as members only, whatever else marshals. A value of "" or nil is not said.
type Row struct {
	Name  string // of the member; "": people alone are told
	Label string // of the line; "": programs alone are told
	Value any
}

// Page is what there is to say of something, in its order. [Printer.Page] writes it for people, MarshalJSON for
// programs.
type Page []Row

// MarshalJSON writes an object of the rows that have a name.
func (p Page) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for _, r := range p {
		if r.Name == "" || isNothing(r.Value) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if err := enc.Encode(r.Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(r.Value); err != nil {
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

// Page prints the rows that have a label, each on a line of its own. A page within the page is indented below its first
// line; documents follow under their titles. A page of which nothing was checked begins with [Unverified].
func (p Printer) Page(page Page) {
	if slices.ContainsFunc(page, func(r Row) bool { return r.Value == Unverified }) {
		p.Line(Unverified)
	}
	p.page(page, "", "")
}

// page puts first before the first label and rest before the others.
func (p Printer) page(page Page, first, rest string) {
	for _, r := range page {
		if r.Label == "" || isNothing(r.Value) {
			continue
		}
		switch value := r.Value.(type) {
		case Page:
			p.page(value, first, rest+"  ")
		case []Page:
			for _, inner := range value {
				p.page(inner, first, rest+"  ")
			}
		case []Document:
			for _, inner := range value {
				p.Line("")
				p.Line("%s", inner.What)
				p.page(inner.Page, "", "") // the outer page has said that nothing was checked
			}
		case []string:
			p.Field(first+r.Label, strings.Join(value, ", "))
		case json.RawMessage:
			p.Field(first+r.Label, string(value))
		default:
			p.Field(first+r.Label, value)
		}
		first = rest
	}
}
