// Package view shows decisions to people: the verdict, the page of the passport that was shown, the eight steps as
// stamps, and every reason, as lines of text for a terminal, a log or a page. A [Reader] shows what a document says that
// nobody has checked.
//
// Nothing that a document says can move the cursor, colour a verdict or add a line of its own.
package view

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printer writes text for people. Whatever is put into a line (names out of strangers' documents, messages of servers,
// file names) is made plain first; see [Plain]. Only formats are written as they are, so they must be constants. Errors
// of W are not reported. Its zero value lacks a W, and panics.
type Printer struct {
	W      io.Writer
	Colour bool // W shows colours; see Terminal

	// Columns is how wide a line is at most; the rest of a longer one goes on below. Zero: lines stay whole. A [Card] has
	// at most 80 columns, whatever this says.
	Columns int

	// Ledger is said behind the step "ledger" when it passed, such as how long the ledger remembers; "": nothing.
	Ledger string
}

// ink is a text in a colour: plain, like every other, and plain alone where there are no colours. The colour is a
// constant of this program.
type ink struct{ colour, text string }

// The colours, and their end, as long as a text may still be broken into lines: characters that take no column, and
// that Plain lets nobody write.
const (
	green  = "\ue000"
	red    = "\ue001"
	yellow = "\ue002"
	faint  = "\ue003"
	bold   = "\ue004"
	reset  = "\ue005"
)

// escapes makes colours of them, by SGR (ECMA-48 section 8.3.117).
var escapes = strings.NewReplacer(green, "\x1b[1;32m", red, "\x1b[1;31m", yellow, "\x1b[1;33m", faint, "\x1b[2m",
	bold, "\x1b[1m", reset, "\x1b[0m")

// Line writes one line. Arguments may be of any type; what they print as is made plain.
func (p Printer) Line(format string, args ...any) { p.line("", format, args...) }

// line writes a line behind a beginning that is plain. If it is too long the rest goes on below its end.
func (p Printer) line(begin, format string, args ...any) {
	for i, arg := range args {
		switch v := arg.(type) {
		case int, int64, bool:
		case string:
			args[i] = Plain(v)
		case ink:
			args[i] = p.in(v)
		default:
			args[i] = Plain(fmt.Sprint(v))
		}
	}
	lines := []string{fmt.Sprintf(format, args...)}
	below := length(begin, inColumns)
	if text := strings.TrimLeft(lines[0], " "); p.Columns > 0 && length(lines[0], inColumns) > p.Columns-below {
		if begin == "" {
			begin = lines[0][:len(lines[0])-len(text)]
			below = len(begin) + 2
		}
		lines = broken(text, max(20, p.Columns-below), inColumns)
	}
	for _, line := range lines {
		fmt.Fprintln(p.W, escapes.Replace(begin+line))
		begin = pad("", below)
	}
}

// in is a text in its colour.
func (p Printer) in(i ink) string {
	if p.Colour {
		return i.colour + Plain(i.text) + reset
	}
	return Plain(i.text)
}

// Field writes one line of a table, a name and a value; none for the value "".
func (p Printer) Field(name string, value any) {
	if value != "" {
		p.line("  "+pad(Plain(name), 13)+" ", "%v", value)
	}
}

// pad makes an ASCII text that long.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len(s))) }

// shown is how many characters of one value are printed. It bounds what is looked at, and nothing that is decided.
const shown = 512

// Plain escapes everything that is not a printable character: control characters, line ends, the marks that turn the
// direction of writing, bytes that are no UTF-8. Long texts are cut, and say so.
func Plain(s string) string {
	var b strings.Builder
	n := 0
	for i, width := 0, 0; i < len(s); i += width {
		if n++; n > shown {
			return b.String() + "… (" + strconv.Itoa(len(s)) + " bytes)"
		}
		var r rune
		r, width = utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// Terminal reports whether w is a terminal that shows colours. NO_COLOR (see https://no-color.org), TERM=dumb and no
// TERM at all are a no. The consoles of Windows must be switched to colours first, which is not done.
func Terminal(w io.Writer, env func(string) string) bool {
	if runtime.GOOS == "windows" || env("NO_COLOR") != "" || env("TERM") == "" || env("TERM") == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
