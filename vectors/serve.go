package vectors

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Serve is the other end of the runner: it reads requests, one on each line, and
// writes what the verifier answers, until there are no more.
func Serve(in io.Reader, out io.Writer, v Verifier) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var r Request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("vectors: a request: %w", err)
		}
		a := v.Answer(r)
		a.ID = r.ID
		text, err := compact(a)
		if err != nil {
			return fmt.Errorf("vectors: the answer to %s: %w", r.ID, err)
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return fmt.Errorf("vectors: %w", err)
		}
	}
	return lines.Err()
}
