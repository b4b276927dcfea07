// Package jsonwrite appends JSON text, minding the commas.
package jsonwrite

import (
	"strconv"

	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Writer appends to Buf. Its methods must be called in an order that makes a
// JSON text; it does not check that.
type Writer struct {
	Buf []byte
}

func (w *Writer) comma() {
	if n := len(w.Buf); n > 0 {
		switch w.Buf[n-1] {
		case '{', '[', ':':
		default:
			w.Buf = append(w.Buf, ',')
		}
	}
}

// BeginObject opens an object, EndObject closes it; likewise for arrays.
func (w *Writer) BeginObject() { w.comma(); w.Buf = append(w.Buf, '{') }

// EndObject closes the object opened last.
func (w *Writer) EndObject() { w.Buf = append(w.Buf, '}') }

// BeginArray opens an array.
func (w *Writer) BeginArray() { w.comma(); w.Buf = append(w.Buf, '[') }

// EndArray closes the array opened last.
func (w *Writer) EndArray() { w.Buf = append(w.Buf, ']') }

// Name begins a member.
func (w *Writer) Name(name string) {
	w.comma()
	w.quote(name)
	w.Buf = append(w.Buf, ':')
}

// String writes a string value.
func (w *Writer) String(s string) { w.comma(); w.quote(s) }

// quote copies a string whole, unless something in it must be escaped.
func (w *Writer) quote(s string) {
	if !strictjson.Plain(s) {
		w.Buf = jcs.AppendString(w.Buf, s)
		return
	}
	w.Buf = append(w.Buf, '"')
	w.Buf = append(w.Buf, s...)
	w.Buf = append(w.Buf, '"')
}

// Int writes an integer.
func (w *Writer) Int(n int64) { w.comma(); w.Buf = strconv.AppendInt(w.Buf, n, 10) }

// Bool writes a boolean.
func (w *Writer) Bool(b bool) { w.comma(); w.Buf = strconv.AppendBool(w.Buf, b) }

// Raw writes JSON text as it is.
func (w *Writer) Raw(text string) { w.comma(); w.Buf = append(w.Buf, text...) }

// Member writes a member with a string value, unless the value is empty.
func (w *Writer) Member(name, value string) {
	if value != "" {
		w.Name(name)
		w.String(value)
	}
}

// Strings writes a member with an array of strings, unless there are none.
func (w *Writer) Strings(name string, values []string) {
	if len(values) == 0 {
		return
	}
	w.Name(name)
	w.BeginArray()
	for _, v := range values {
		w.String(v)
	}
	w.EndArray()
}
