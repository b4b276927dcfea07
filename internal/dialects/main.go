// Command dialects holds what the library makes of other systems' documents
// against the systems themselves.
//
//	go run ./internal/dialects read          foreign documents, one JSON line each → one answer each
//	go run ./internal/dialects emit FOLDER   our own documents, for the verifiers of the other systems
//
// It opens no connection, reads no file and writes only below FOLDER. To add a
// dialect is to add a row to the table below.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// dialect is one system: how its documents are read, and how ours are made for it.
type dialect struct {
	name string
	// reader returns what reads the documents of one run.
	reader func() reader
	// emit fills the folder of the dialect; nil: there is nothing to emit.
	emit func(dir string) error
}

// reader answers a request. ok is false if a later document of the run may be
// what is missing; last says that none will come, and then it always answers.
type reader func(q *request, last bool) (a answer, ok bool)

var dialects = []dialect{
	{name: "grantex", reader: grantexReader, emit: emitGrantex},
	{name: "aip1", reader: aip1Reader, emit: emitAIP1},
	{name: "oap", reader: oapReader, emit: oapEmit},
	{name: "policies", reader: policyReader},
}

// request is a line of standard input. What only one dialect has is read by it.
type request struct {
	ID      json.RawMessage `json:"id"`
	Dialect string          `json:"dialect"`
	Kind    string          `json:"kind"`
	Text    string          `json:"text"`
	Args    json.RawMessage `json:"args"`

	Line json.RawMessage `json:"-"` // the whole of it
}

// answer is a line of standard output.
type answer struct {
	ID        json.RawMessage `json:"id"`
	Strict    string          `json:"strict"`
	Compat    string          `json:"compat"`
	Canonical string          `json:"canonical,omitempty"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dialects:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "read":
		return read(in, out)
	case len(args) == 2 && args[0] == "emit":
		return emit(args[1])
	}
	return errors.New("want `read`, with requests on standard input, or `emit FOLDER`")
}

// read answers each line. A document that waits for another is answered when
// that has come, or at the end.
func read(in io.Reader, out io.Writer) error {
	readers := make(map[string]reader, len(dialects))
	for _, d := range dialects {
		readers[d.name] = d.reader()
	}
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	var waiting []*request
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if q := new(request); len(bytes.TrimSpace(line)) > 0 {
			if err := json.Unmarshal(line, q); err != nil {
				return fmt.Errorf("a request is a JSON object on a line: %w", err)
			}
			q.Line = line
			ask := readers[q.Dialect]
			if ask == nil {
				return fmt.Errorf("the request %s is of the dialect %q, which is not known", q.ID, q.Dialect)
			}
			if a, ok := ask(q, false); !ok {
				waiting = append(waiting, q)
			} else if err := write(enc, w, q, a); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
	}
	for _, q := range waiting {
		a, _ := readers[q.Dialect](q, true)
		if err := write(enc, w, q, a); err != nil {
			return err
		}
	}
	return nil
}

func write(enc *json.Encoder, w *bufio.Writer, q *request, a answer) error {
	a.ID = q.ID
	if err := enc.Encode(a); err != nil {
		return err
	}
	return w.Flush() // whoever asks line by line is answered line by line
}

func emit(folder string) error {
	for _, d := range dialects {
		if d.emit == nil {
			continue
		}
		dir := filepath.Join(folder, d.name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := d.emit(dir); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}
