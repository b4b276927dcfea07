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
	progress io.Writer // a terminal; nil if there is none

	decided [3]int // by verdict, as in exits
}

// exits are the verdicts by how much they weigh: the whole ends as its worst line does.
var exits = [3]struct {
	verdict verify.Verdict
	exit    int
}{{verify.Allow, exitAllowed}, {verify.Undetermined, exitUndetermined}, {verify.Deny, exitDenied}}

// every is after how many lines the progress is told.
const every = 64

// many decides on all lines and writes each decision as soon as it is made.
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
	out := bufio.NewWriter(j.stdout)
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
		if _, err := out.Write(append(view.PlainJSON(text), '\n')); err != nil {
			return ioFailure(err, "cannot write to standard output")
		}
		m.count(d.Verdict)
		return ctx.Err()
	})
	m.show("\r\x1b[K")
	if ferr := out.Flush(); ferr != nil && err == nil {
		err = ioFailure(ferr, "cannot write to standard output")
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
	if all%every == 0 {
		m.show("\r" + m.sum() + "\x1b[K")
	}
}

func (m *many) sum() string {
	return fmt.Sprintf("%d allowed, %d undetermined, %d denied", m.decided[0], m.decided[1], m.decided[2])
}

func (m *many) show(text string) {
	if m.progress != nil {
		_, _ = io.WriteString(m.progress, text)
	}
}

// lines yields each line that is not empty, with its number from 1. One that is longer than any presentation is cut one
// byte behind the bound, for the verifier to refuse.
func (m *many) lines(take func(number int, line []byte) error) error {
	most := limits.Max().PresentationBytes + 1
	r := bufio.NewReaderSize(m.in, 1<<16)
	for number, more := 1, true; more; number++ {
		var line []byte
		for {
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
