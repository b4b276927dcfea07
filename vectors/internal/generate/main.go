// Command generate writes the reference tests, the index of their rules, and the matrix:
//
//	go generate ./vectors
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/safeconduct/safeconduct/vectors/internal/build"
)

func main() {
	out := flag.String("o", ".", "the folder vectors")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out string) error {
	files, err := build.Files()
	if err != nil {
		return err
	}
	data := filepath.Join(out, "data")
	old, err := filepath.Glob(filepath.Join(data, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if files[filepath.Base(name)] == nil {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(data, name), text, 0o644); err != nil {
			return err
		}
	}
	index, err := build.Index(os.DirFS(filepath.Join(out, "..", "docs")), files)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "RULES.md"), index, 0o644); err != nil {
		return err
	}
	matrix, err := build.Matrix(os.DirFS(filepath.Join(out, "adapters")))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "..", "docs", "matrix.md"), matrix, 0o644)
}
