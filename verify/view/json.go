package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// JSON writes a value as indented JSON in which, as in every other text of a Printer, only what can be printed stands as
// it is; see [PlainJSON]. It fails if the value cannot be written as JSON, and then writes nothing.
func (p Printer) JSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, _ = p.W.Write(PlainJSON(b.Bytes()))
	return nil
}

// PlainJSON writes what is not printable in a JSON text as escapes, as [Plain] does it for other texts. The value stays the same: outside of strings, JSON
// is ASCII.
func PlainJSON(text []byte) []byte {
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
