package main

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

// printer writes text for people. Whatever is put into a line (names out of stranger's documents, messages of servers,
// file names) is made plain first, so that no document can move the cursor, colour the verdict or add a line of its
// own. There is no way around it: only formats are written as they are, and formats are constants.
type printer struct {
	w      io.Writer
	colour bool // w is a terminal that shows colours
}

// ink is a text in a colour: plain, like every other, and plain alone where there are no colours. The colour is a
// constant of this program.
type ink struct{ colour, text string }

// The colours, as parameters of SGR (ECMA-48 section 8.3.117).
const (
	green  = "1;32"
	red    = "1;31"
	yellow = "1;33"
	faint  = "2"
	bold   = "1"
)

// line writes one line.
func (p printer) line(format string, args ...any) {
	for i, arg := range args {
		switch v := arg.(type) {
		case int, int64, bool:
		case string:
			args[i] = plain(v)
		case ink:
			args[i] = plain(v.text)
			if p.colour {
				args[i] = "\x1b[" + v.colour + "m" + plain(v.text) + "\x1b[0m"
			}
		default:
			args[i] = plain(fmt.Sprint(v))
		}
	}
	fmt.Fprintf(p.w, format+"\n", args...)
}

// text writes a text of this program.
func (p printer) text(s string) { _, _ = io.WriteString(p.w, s) }

// shown is how many characters of one value are printed. It bounds what is looked at, and nothing that is decided.
const shown = 512

// plain escapes everything that is not a printable character: control characters, line ends, the marks that turn the
// direction of writing, bytes that are no UTF-8. Long texts are cut, and say so.
func plain(s string) string {
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

// colours reports whether w is a terminal that shows colours. NO_COLOR (see https://no-color.org), TERM=dumb and no
// TERM at all are a no. The consoles of Windows must be switched to colours first, which is not done.
func colours(w io.Writer, env func(string) string) bool {
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
