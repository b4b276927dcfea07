package aip1

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// canonical returns the bytes that are signed: every member but the proof, sorted
// by code point, in ASCII, without white space. ok is false if they cannot be
// known, because the SDK draws a member that is not there.
func (r *record) canonical() (signed []byte, ok bool) {
	w := writer{ok: true}
	w.record(r, true)
	return w.buf, w.ok
}

// writer writes JSON as Python's json.dumps does, once whole floating-point
// numbers are integers.
type writer struct {
	buf []byte
	ok  bool
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// object writes members in the order of their names.
func (w *writer) object(n int, name func(int) string, member func(int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(name(a), name(b)) })
	w.raw("{")
	for i, at := range order {
		if i > 0 {
			w.raw(",")
		}
		w.text(name(at))
		w.raw(":")
		member(at)
	}
	w.raw("}")
}

func (w *writer) list(n int, item func(int)) {
	w.raw("[")
	for i := range n {
		if i > 0 {
			w.raw(",")
		}
		item(i)
	}
	w.raw("]")
}

func (w *writer) record(r *record, root bool) {
	fields := r.model.fields
	if last := len(fields) - 1; root && fields[last].name == "proof" {
		fields = fields[:last]
	}
	w.object(len(fields), func(i int) string { return fields[i].name }, func(i int) { w.cell(&fields[i], &r.cells[i]) })
}

func (w *writer) cell(f *field, c *cell) {
	switch {
	case c.drawn:
		w.ok = false
	case c.null:
		w.raw("null")
	default:
		switch f.kind {
		case textKind, wordKind:
			w.text(c.text)
		case integerKind, floatKind:
			w.float(c.float)
		case boolKind:
			w.raw(strconv.FormatBool(c.truth))
		case instantKind:
			w.text(c.at.signed())
		case textsKind:
			w.list(len(c.list), func(i int) { w.text(c.list[i]) })
		case objectKind:
			w.value(c.any)
		case nestedKind:
			w.record(c.rec, false)
		case listKind:
			w.list(len(c.recs), func(i int) { w.record(c.recs[i], false) })
		}
	}
}

func (w *writer) value(v *value) {
	switch v.Kind() {
	case laxjson.Bool:
		w.raw(strconv.FormatBool(v.Truth()))
	case laxjson.Number:
		w.number(v.Text())
	case laxjson.String:
		w.text(v.Text())
	case laxjson.Array:
		w.list(len(v.Items()), func(i int) { w.value(v.Items()[i]) })
	case laxjson.Object:
		members := v.Members()
		w.object(len(members), func(i int) string { return members[i].Name }, func(i int) { w.value(members[i].Value) })
	default:
		w.raw("null")
	}
}

// number writes a number of the parameters: an integer as it is, at any size;
// others by way of a floating-point number, which is what Python has for them.
func (w *writer) number(source string) {
	switch {
	case source == "-0":
		w.raw("0")
	case strings.ContainsAny(source, ".eEN") || strings.HasSuffix(source, "y"): // or NaN, Infinity
		n, _ := strconv.ParseFloat(source, 64)
		w.float(n)
	default:
		w.raw(source)
	}
}

// float writes a floating-point number: all digits of a whole one, else the
// shortest text that means it.
func (w *writer) float(n float64) {
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		w.raw("null")
	case n == math.Trunc(n):
		whole, _ := big.NewFloat(n).Int(nil)
		w.raw(whole.String())
	case math.Abs(n) < 1e-4:
		w.buf = strconv.AppendFloat(w.buf, n, 'e', -1, 64)
	default:
		w.buf = strconv.AppendFloat(w.buf, n, 'f', -1, 64)
	}
}

const hexDigits = "0123456789abcdef"

// text writes a string in ASCII: what is beyond it as code units.
func (w *writer) text(s string) {
	w.raw(`"`)
	for len(s) > 0 {
		r, n := laxjson.Next(s)
		s = s[n:]
		if i := strings.IndexRune("\"\\\b\t\n\f\r", r); i >= 0 {
			w.buf = append(w.buf, '\\', `"\btnfr`[i])
			continue
		}
		switch {
		case ' ' <= r && r < 0x7f:
			w.buf = append(w.buf, byte(r))
		case r < 0x10000:
			w.unit(r)
		default:
			w.unit(0xd800 + (r-0x10000)>>10)
			w.unit(0xdc00 + (r-0x10000)&0x3ff)
		}
	}
	w.raw(`"`)
}

func (w *writer) unit(r rune) {
	w.buf = append(w.buf, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
