package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// clock is the machine's: documents are of now, since whoever verifies them may
// not be able to set a clock.
var clock = time.Now

// folder is where the documents of one dialect go.
type folder struct {
	dir string
	err error // the first
}

// write writes a file; after an error it does nothing.
func (f *folder) write(name, text string) {
	if f.err == nil {
		f.err = os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o644)
	}
}

// args writes what the verifier of documents knows.
func (f *folder) args(name string, args map[string]any) {
	if len(args) == 0 {
		return
	}
	text, err := json.MarshalIndent(args, "", "  ")
	if f.err == nil {
		f.err = err
	}
	f.write(name, string(text)+"\n")
}

// must notes an error and returns the text beside it.
func must(f *folder) func(string, error) string {
	return func(text string, err error) string {
		if f.err == nil {
			f.err = err
		}
		return text
	}
}

// mustBytes is must for bytes.
func mustBytes(f *folder) func([]byte, error) []byte {
	return func(text []byte, err error) []byte { return []byte(must(f)(string(text), err)) }
}
