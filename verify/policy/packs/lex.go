package packs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Caps on one expression; a pack has maxRules of them at most.
const (
	maxExpression = 1000 // bytes
	maxNodes      = 200
	maxNesting    = 24
	maxVariables  = 3 // every(…) and some(…) inside of one another
	maxRules      = 64
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokText
	tokNumber
	tokMark // an operator or a bracket
)

type token struct {
	kind tokenKind
	text string // of a text, what is between the quotes
	at   int
}

// marks are the operators and brackets, the longer ones first.
var marks = [...]string{"==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*"}

// lex cuts an expression into tokens.
func lex(text string) ([]token, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("the expression has %d bytes, at most %d are allowed", len(text), maxExpression)
	}
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ':
			i++
		case isLetter(c):
			n := i
			for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
				n++
			}
			out, i = append(out, token{tokName, text[i:n], i}), n
		case isDigit(c):
			n := i
			for n < len(text) && isDigit(text[n]) {
				n++
			}
			if n+1 < len(text) && text[n] == '.' && isDigit(text[n+1]) {
				for n++; n < len(text) && isDigit(text[n]); n++ {
				}
			}
			out, i = append(out, token{tokNumber, text[i:n], i}), n
		case c == '"':
			n := strings.IndexByte(text[i+1:], '"')
			if n < 0 {
				return nil, fmt.Errorf("the text that begins at byte %d has no closing quote", i)
			}
			inner := text[i+1 : i+1+n]
			if strings.ContainsFunc(inner, notInText) {
				return nil, fmt.Errorf("the text at byte %d has a backslash or a control character", i)
			}
			out, i = append(out, token{tokText, inner, i}), i+n+2
		default:
			mark := ""
			for _, m := range marks {
				if strings.HasPrefix(text[i:], m) {
					mark = m
					break
				}
			}
			if mark == "" {
				return nil, fmt.Errorf("byte %d, %q, begins nothing of this language", i, c)
			}
			out, i = append(out, token{tokMark, mark, i}), i+len(mark)
		}
	}
	return append(out, token{tokEnd, "", len(text)}), nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func notInText(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f || r == utf8.RuneError }
