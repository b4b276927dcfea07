package runner

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"

	"github.com/safeconduct/safeconduct/vectors"
)

// maxAnswer bounds one line of a command.
const maxAnswer = 4 << 20

// peer is the command while it runs. One goroutine reads its answers; it ends
// with the command, which stop waits for.
type peer struct {
	options *Options
	starts  int

	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan []byte // closed when the command says nothing more
}

func (p *peer) start() error {
	cmd := exec.Command(p.options.Command[0], p.options.Command[1:]...)
	cmd.Dir, cmd.Stderr = p.options.Dir, p.options.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCommand, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCommand, err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrCommand, err)
	}
	p.starts++
	p.cmd, p.in, p.answers = cmd, in, make(chan []byte)
	go func(answers chan<- []byte) {
		defer close(answers)
		lines := bufio.NewScanner(out)
		lines.Buffer(make([]byte, 64<<10), maxAnswer)
		for lines.Scan() {
			answers <- bytes.Clone(lines.Bytes())
		}
	}(p.answers)
	return nil
}

// stop ends the command.
func (p *peer) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.in.Close()
	_ = p.cmd.Process.Kill() // it has ended, or it ends now
	for range p.answers {
	}
	_ = p.cmd.Wait() // how it ended tells nothing: it was killed
	p.cmd = nil
}

// ask puts one question. What goes wrong with the command is the answer's
// Error; an error is that of the context.
func (p *peer) ask(ctx context.Context, r vectors.Request) (vectors.Answer, error) {
	broken := func(format string, args ...any) (vectors.Answer, error) {
		p.stop()
		return vectors.Answer{ID: r.ID, Error: fmt.Sprintf(format, args...)}, nil
	}
	if p.cmd == nil {
		if p.starts > p.options.Restarts {
			return broken("the command ended too often, and is not asked any more")
		}
		if err := p.start(); err != nil {
			return broken("%v", err)
		}
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return broken("%v", err)
	}
	// A command that does not read must not hold up the clock.
	written := make(chan error, 1)
	go func(in io.Writer) {
		_, err := in.Write(line.Bytes())
		written <- err
	}(p.in)
	timeout := p.options.After(p.options.Timeout)
	for {
		select {
		case <-ctx.Done():
			return vectors.Answer{}, ctx.Err()
		case <-timeout:
			return broken("no answer within %s", p.options.Timeout)
		case err := <-written:
			if err != nil {
				return broken("the command does not read: %v", err)
			}
			written = nil
		case text, ok := <-p.answers:
			if !ok {
				return broken("the command ended, or wrote a line of more than %d bytes", maxAnswer)
			}
			if len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			var a vectors.Answer
			if err := json.Unmarshal(text, &a); err != nil {
				return broken("the answer is not JSON of the protocol: %.200q", text)
			}
			if a.ID != r.ID {
				return broken("the answer is to %.100q", a.ID)
			}
			return a, nil
		}
	}
}
