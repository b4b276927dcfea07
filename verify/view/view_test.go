package view

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Ada's buyer, 50 €":    "Ada's buyer, 50 €",
		"a\x1b[31mb":           `a\x1b[31mb`,
		"a\nALLOWED\r":         `a\nALLOWED\r`,
		"\u202egnp":            `\u202egnp`,
		"\u009b2J\u007f":       `\u009b2J\x7f`,
		"\xff\xfe":             `\xff\xfe`,
		"\u2028\u200b\ufeff":   `\u2028\u200b\ufeff`,
		"\U000e0041\U0001f600": "\\U000e0041\U0001f600",
		"\ufffd":               "\ufffd",
	} {
		require.Equal(t, want, Plain(in))
	}
	long := Plain(strings.Repeat("é", 600))
	require.Equal(t, strings.Repeat("é", shown)+"… (1200 bytes)", long)
	require.Equal(t, strings.Repeat("é", shown), Plain(strings.Repeat("é", shown)))
}

// Colours are this program's own: on a terminal that wants them, and never out
// of a document.
func TestSTO15ColoursAreOurs(t *testing.T) {
	var b bytes.Buffer
	Printer{W: &b, Colour: true}.Line("%s %s", ink{green, "ok\x1b[31m"}, "\x1b[31mred")
	require.Equal(t, "\x1b[1;32mok\\x1b[31m\x1b[0m \\x1b[31mred\n", b.String())
	b.Reset()
	Printer{W: &b}.Line("%s %s", ink{green, "ok\x1b[31m"}, "red")
	require.Equal(t, "ok\\x1b[31m red\n", b.String())

	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer file.Close()
	require.False(t, Terminal(file, env("TERM", "xterm")), "a file")
	require.False(t, Terminal(&b, env("TERM", "xterm")), "no file at all")
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "a\x1b[2Jb", "\xff", "\u202e", "\U000e0041", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Plain(s) {
			require.True(t, unicode.IsPrint(r), "%q", r)
		}
	})
}

// An allowed act is shown with its passport, a refusal with its reasons, and a
// document adds no line of its own.
func TestDecision(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) { p.Name = "\x1b[2J\nALLOWED" }))
	shown := w.Present(pass, w.Intent())
	print := func(p Printer, q verify.Request) []string {
		var b bytes.Buffer
		p.W = &b
		d, _ := w.Verifier().Verify(context.Background(), shown, q)
		p.Decision(d)
		return strings.Split(b.String(), "\n")
	}
	lines := print(Printer{Ledger: "in memory"}, w.Request())
	require.Equal(t, "ALLOWED", lines[0])
	require.Contains(t, lines, `  | who     \x1b[2J\nALLOWED`)
	require.Contains(t, lines, "  [✓] 8 ledger     passed (in memory)")
	require.NotContains(t, lines[1:], "ALLOWED")

	other := w.Request(func(q *verify.Request) { q.Audience = "did:web:other.example" })
	lines = print(Printer{}, other)
	require.Equal(t, "DENIED: proof.audience_mismatch", lines[0])
	require.Contains(t, lines, "  [✗] 4 proof      failed")
	require.Contains(t, lines, "  [ ] 5 delegation not reached")

	var b bytes.Buffer
	Printer{W: &b}.Report(w.Verifier().Explain(context.Background(), shown, w.Request()))
	require.True(t, strings.HasPrefix(b.String(), "WOULD BE ALLOWED (this is not a permission)\n"), b.String())
}

// Lines are broken where Columns says, at spaces where they can, below what they begin with; colours take no column.
func TestColumns(t *testing.T) {
	print := func(columns int, colour bool, text func(Printer)) string {
		var b bytes.Buffer
		text(Printer{W: &b, Columns: columns, Colour: colour})
		return b.String()
	}
	field := func(p Printer) { p.Field("agent", "did:key:z6Mk and some words more") }
	require.Equal(t, "  agent         did:key:z6Mk and some words more\n", print(0, false, field))
	require.Equal(t, "  agent         did:key:z6Mk and some\n                words more\n", print(40, false, field))
	line := func(p Printer) { p.Line("  %s: %s", ink{red, "no"}, "one two three four five") }
	require.Equal(t, "  no: one two three\n    four five\n", print(24, false, line))
	require.Equal(t, "  \x1b[1;31mno\x1b[0m: one two three\n    four five\n", print(24, true, line))
	found := func(p Printer) { p.Finding(verify.Passed, "keys", "the key is there and 漢字漢字漢字") }
	require.Equal(t, "  [✓] keys    the key is there and\n              漢字漢字漢字\n", print(34, false, found))
	whole := func(p Printer) { p.Line("  %s", strings.Repeat("x", 22)) }
	require.Equal(t, "  "+strings.Repeat("x", 22)+"\n", print(24, false, whole))
	long := func(p Printer) { p.Line("- %s", strings.Repeat("x", 60)) }
	for line := range strings.Lines(print(24, false, long)) {
		require.LessOrEqual(t, len(line), 25)
	}
	// What a stranger has written cannot be taken for a colour.
	require.Equal(t, "\\ue000\n", print(24, true, func(p Printer) { p.Line("%s", "\ue000") }))
}

// A card is as wide as it is, whatever the printer's columns.
func TestColumnsOfACard(t *testing.T) {
	w := verifytest.NewWorld(t)
	c := &Card{Chain: []*passport.Passport{w.Passport()}, Now: w.Clock.Now()}
	var wide, narrow bytes.Buffer
	Printer{W: &wide}.Card(c)
	Printer{W: &narrow, Columns: 30}.Card(c)
	require.Equal(t, wide.String(), narrow.String())
}
