package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
)

// RES-01: a line that is longer than any presentation is cut behind the bound, and
// the lines after it are read as ever; without a line end at the end, too.
func TestRES01ManyLines(t *testing.T) {
	most := limits.Max().PresentationBytes
	text := "one\r\n\n" + strings.Repeat("x", 3*most) + "\n  \n\ttwo \nthree"
	got := map[int]int{}
	m := &many{in: iotest{strings.NewReader(text)}}
	require.NoError(t, m.lines(func(number int, line []byte) error {
		got[number] = len(line)
		return nil
	}))
	require.Equal(t, map[int]int{1: 3, 3: most + 1, 5: 5, 6: 5}, got)

	broken := &many{in: io.MultiReader(strings.NewReader("one\n"), brokenReader{})}
	err := broken.lines(func(int, []byte) error { return nil })
	require.ErrorContains(t, err, "cannot read line 2")
	stop := errors.New("stop")
	require.ErrorIs(t, (&many{in: strings.NewReader("one\ntwo\n")}).lines(func(int, []byte) error { return stop }), stop)
}

// iotest gives a few bytes at a time.
type iotest struct{ r io.Reader }

func (r iotest) Read(p []byte) (int, error) { return r.r.Read(p[:min(len(p), 1000)]) }

// A terminal sees how far it is, in one line; what is no terminal sees nothing.
func TestManyShowsProgress(t *testing.T) {
	var terminal bytes.Buffer
	m := &many{progress: &terminal}
	for range every {
		m.count(verify.Allow)
	}
	m.count(verify.Deny)
	m.count(verify.Undetermined)
	require.Equal(t, "\r1 allowed, 0 undetermined, 0 denied\x1b[K\r64 allowed, 0 undetermined, 0 denied\x1b[K",
		terminal.String())
	require.Equal(t, "64 allowed, 1 undetermined, 1 denied", m.sum())
	require.NotContains(t, terminal.String(), "\n")
	(&many{}).show("nobody looks")
}

// Decisions on a terminal do not stand behind the progress.
func TestManyOnOneTerminal(t *testing.T) {
	var terminal bytes.Buffer
	m := &many{progress: &terminal, judging: &judging{app: &app{stdout: &terminal}}}
	m.count(verify.Allow)
	m.out.WriteString("{}\n")
	require.NoError(t, m.flush())
	sum := "\r1 allowed, 0 undetermined, 0 denied\x1b[K"
	require.Equal(t, sum+"\r\x1b[K{}\n"+sum, terminal.String())
}

// Whoever sends one line at a time has its decision before the next: no more is waited for.
func TestManyAnswersLineByLine(t *testing.T) {
	in, lines := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan int)
	go func() {
		code := run(t.Context(), []string{"verify", "-jsonl", "-audience", "a", "-action", "files.read",
			"-trust", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "-"}, in, out, io.Discard, time.Now)
		_ = out.Close()
		ended <- code
	}()
	read := bufio.NewScanner(answers)
	for n := range 3 {
		_, err := io.WriteString(lines, "{}\n")
		require.NoError(t, err)
		answered := make(chan bool, 1)
		go func() { answered <- read.Scan() }()
		select {
		case ok := <-answered:
			require.True(t, ok)
			require.Contains(t, read.Text(), fmt.Sprintf(`"line":%d}`, n+1))
		case <-time.After(20 * time.Second):
			t.Fatal("there is no answer")
		}
	}
	require.NoError(t, lines.Close())
	require.False(t, read.Scan(), read.Text())
	require.Equal(t, exitDenied, <-ended)
}
