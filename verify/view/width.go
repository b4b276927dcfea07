package view

import (
	"strings"
	"unicode"
)

// wide are the characters that take two columns of a terminal, and as much of a picture as
// they are high: those of East Asia (UAX #11), and small pictures.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1100, 0x115f, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0xa4cf, 1}, {0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1}},
	R32: []unicode.Range32{{0x1f300, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// inColumns is how many columns of a terminal a character takes.
func inColumns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Co): // Co: our own colours
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// ascii is how wide each character from the space on is, in hundredths of its height: in
// DejaVu Sans, since there is hardly a wider one among those that systems use for pages.
var ascii = [...]uint8{
	32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34,
	84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99,
	69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53,
	40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
}

// inEms is how wide a character of a picture is at most, in hundredths of the size of its font.
func inEms(r rune) int {
	switch {
	case r >= ' ' && int(r-' ') < len(ascii):
		return int(ascii[r-' '])
	case inColumns(r) == 0:
		return 0
	case r > 0xffff:
		return 130
	case unicode.Is(wide, r) || r > 0x24f:
		return 105
	}
	return 85 // Latin with accents
}

// length is how wide a text is.
func length(text string, width func(rune) int) (n int) {
	for _, r := range text {
		n += width(r)
	}
	return n
}

// broken breaks a text into lines that are at most so wide, at spaces where it can. Each has
// at least one character.
func broken(text string, most int, width func(rune) int) (lines []string) {
	for line := []rune(text); ; {
		end, space, used := 0, 0, 0
		for ; end < len(line) && (end == 0 || used+width(line[end]) <= most); end++ {
			if used += width(line[end]); line[end] == ' ' && used > most/4 {
				space = end
			}
		}
		if end == len(line) {
			return append(lines, string(line))
		}
		if line[end] != ' ' && space > 0 {
			end = space
		}
		lines = append(lines, string(line[:end]))
		line = []rune(strings.TrimLeft(string(line[end:]), " "))
		if len(line) == 0 {
			return lines
		}
	}
}
