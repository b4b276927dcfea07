package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
)

// call runs the command in this process.
func call(t *testing.T, stdin string, stdout io.Writer, args ...string) (exit int, stderr string) {
	t.Helper()
	var errs bytes.Buffer
	exit = run(context.Background(), args, strings.NewReader(stdin), stdout, &errs, func() time.Time { return time.Unix(1795251600, 0) })
	return exit, errs.String()
}

type fullDisk struct{ after int }

func (w *fullDisk) Write(p []byte) (int, error) {
	if len(p) > w.after {
		return w.after, syscall.ENOSPC
	}
	w.after -= len(p)
	return len(p), nil
}

// Success that cannot be told is no success.
func TestWEB12StandardOutputIsFull(t *testing.T) {
	exit, stderr := call(t, "", &fullDisk{}, "help")
	require.Equal(t, exitIO, exit)
	require.Contains(t, stderr, "cannot write to standard output")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("wire cut") }

func TestWEB12StandardInputBreaks(t *testing.T) {
	var out, errs bytes.Buffer
	exit := run(context.Background(), []string{"inspect", "-"}, brokenReader{}, &out, &errs, time.Now)
	require.Equal(t, exitIO, exit)
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), "wire cut")
}

// RES-01: one byte more than is allowed is refused, never cut off.
func TestRES01InputIsBounded(t *testing.T) {
	read := func(most int) ([]byte, error) { return (&app{stdin: strings.NewReader("12345678")}).read("-", most) }
	raw, err := read(8)
	require.NoError(t, err)
	require.Equal(t, "12345678", string(raw))
	_, err = read(7)
	require.ErrorContains(t, err, "more than the 7 bytes that are allowed")
	require.Equal(t, exitDenied, exitCode(err))
}

// Every verb explains itself, with an example, and every flag.
func TestHelpIsComplete(t *testing.T) {
	tool := (&app{}).tool()
	for _, v := range tool.Verbs {
		if v.Name != "version" {
			require.NotEmpty(t, v.Example, v.Name)
		}
		require.Contains(t, tool.Overview(), "  "+v.Name)
		var explain func(leaf *cli.Verb, words []string)
		explain = func(leaf *cli.Verb, words []string) {
			words = append(words, leaf.Name)
			for _, part := range leaf.Parts {
				explain(part, words)
			}
			var out strings.Builder
			require.NoError(t, tool.Do(context.Background(), words, &out))
			help := out.String()
			require.True(t, strings.HasPrefix(help, "usage: safeconduct "+v.Name), help)
			for _, line := range strings.Split(help, "\n") {
				require.LessOrEqual(t, utf8.RuneCountInString(line), 90, line)
			}
			seen := map[string]bool{}
			for _, f := range leaf.Flags {
				require.NotEmpty(t, f.Help, f.Name)
				require.Equal(t, f.Name == "", f.Value.Set == nil, f.Name)
				require.False(t, seen[f.Name] && f.Name != "", "%s -%s twice", v.Name, f.Name)
				seen[f.Name] = true
			}
		}
		explain(v, []string{"help"})
	}
}

// STO-15: a stranger's text in a file name or a flag is plain in errors, too.
func TestSTO15ErrorsArePlain(t *testing.T) {
	for _, args := range [][]string{
		{"inspect", "\x1b[2J\nsafeconduct: ALLOWED"},
		{"\x1b[2J\nALLOWED"},
		{"verify", "-\x1b[2J\nALLOWED"},
		{"did", "resolve", "did:web:\x1b[2J\nALLOWED"},
		{"did", "key", "\x1b]0;title\x07"},
		{"issue", "-max", "\x1b[2J\nALLOWED 5"},
		{"explain", "-trust", "\x1b[2J\nALLOWED", "-audience", "a", "-action", "b.c", "-"},
		{"verify", "-bundle", "\x1b[2J\nALLOWED", "-bundle-signer", "did:web:a.example", "-audience", "a", "-action", "b.c", "-"},
		{"bundle", "inspect", "\x1b[2J\nALLOWED"},
		{"bundle", "\x1b[2J\nALLOWED"},
		{"delegate", "-key", "\x1b[2J\nALLOWED", "-passport", "\x1b[2J\nALLOWED", "-agent", "did:web:a.example"},
	} {
		var out bytes.Buffer
		exit, stderr := call(t, "", &out, args...)
		require.NotZero(t, exit)
		require.Empty(t, out.String())
		require.NotContains(t, stderr, "\x1b")
		require.NotContains(t, stderr, "\nALLOWED")
		require.NotContains(t, stderr, "\nsafeconduct: ALLOWED")
	}
}
