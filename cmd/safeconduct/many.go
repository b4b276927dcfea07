package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// many is verify -jsonl: one presentation a line, one decision a line, in the same order. What is wrong with one line
// is that line's refusal, and the rest goes on.
type many struct {
	*judging
	in       io.Reader
	out      bytes.Buffer // decisions that were not written yet
	progress io.Writer    // a terminal; nil if there is none
	shown    string       // there

	decided [3]int // by verdict, as in exits
}

// exits are the verdicts by how much they weigh: the whole ends as its worst line does.
var exits = [3]struct {
	verdict verify.Verdict
	exit    int
}{{verify.Allow, exitAllowed}, {verify.Undetermined, exitUndetermined}, {verify.Deny, exitDenied}}

const (
	every     = 64       // after the first one, the progress is told after so many lines
	mostInOut = 64 << 10 // bytes that wait to be written while there are more lines to read
)

// many decides on all lines. Decisions are written when there is nothing more to read for now, so that whoever sends
// one line at a time has its answer before the next.
func (j *judging) many(ctx context.Context, v *verify.Verifier, file string) error {
	m := &many{judging: j, in: j.stdin}
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return ioFailure(err, "cannot read")
		}
		defer f.Close()
		m.in = f
	}
	if view.Terminal(j.err.W, func(name string) string { return ifTrue(name != "NO_COLOR", os.Getenv(name)) }) {
		m.progress = j.err.W
	}
	j.told = true
	err := m.lines(func(number int, raw []byte) error {
		d, _ := v.Verify(ctx, raw, j.q)
		if d.Code() == verify.RequestInvalid {
			return j.asksWrong(&d.Violations[0])
		}
		d.Violations = spoken(d.Violations)
		text, err := json.Marshal(jsonWith{jsonWith{*d, "memory", j.remembers()}, "line", strconv.Itoa(number)})
		if err != nil {
			return err
		}
		m.out.Write(append(view.PlainJSON(text), '\n'))
		m.count(d.Verdict)
		return ctx.Err()
	})
	m.show("")
	if ferr := m.flush(); err == nil {
		err = ferr
	}
	if err != nil {
		return err
	}
	j.note("%s", m.sum())
	for i := len(exits) - 1; i > 0; i-- {
		if m.decided[i] > 0 {
			return &failure{Exit: exits[i].exit, Err: errors.New(exits[i].verdict.String()), Said: true}
		}
	}
	return nil
}

func (m *many) count(verdict verify.Verdict) {
	all := 0
	for i := range exits {
		if exits[i].verdict == verdict {
			m.decided[i]++
		}
		all += m.decided[i]
	}
	if all == 1 || all%every == 0 {
		m.show(m.sum())
	}
}

func (m *many) sum() string {
	return fmt.Sprintf("%d allowed, %d undetermined, %d denied", m.decided[0], m.decided[1], m.decided[2])
}

// show puts a text into the one line of the progress, in place of what is there.
func (m *many) show(text string) {
	if m.progress != nil && text != m.shown {
		_, _ = io.WriteString(m.progress, "\r"+text+"\x1b[K")
		m.shown = text
	}
}

// flush writes what waits. If that goes to the terminal, too, it is not behind the progress.
func (m *many) flush() error {
	if m.out.Len() == 0 {
		return nil
	}
	was := m.shown
	m.show("")
	_, err := m.out.WriteTo(m.stdout)
	m.show(was)
	if err != nil {
		return ioFailure(err, "cannot write to standard output")
	}
	return nil
}

// lines yields each line that is not empty, with its number from 1. One that is longer than any presentation is cut one
// byte behind the bound, for the verifier to refuse.
func (m *many) lines(take func(number int, line []byte) error) error {
	most := limits.Max().PresentationBytes + 1
	r := bufio.NewReaderSize(m.in, 1<<16)
	for number, more := 1, true; more; number++ {
		var line []byte
		for {
			if r.Buffered() == 0 || m.out.Len() > mostInOut {
				if err := m.flush(); err != nil {
					return err
				}
			}
			part, err := r.ReadSlice('\n')
			line = append(line, part[:min(len(part), max(0, most-len(line)))]...)
			if err == bufio.ErrBufferFull {
				continue
			}
			if more = err == nil; err != nil && err != io.EOF {
				return ioFailure(err, "cannot read line %d", number)
			}
			break
		}
		line = bytes.TrimRight(line, "\r\n") // a token may not have white space of its own
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := take(number, line); err != nil {
			return err
		}
	}
	return nil
}
