// The playground: one page with the verifier in it, compiled to WebAssembly. Paste or drop a passport, a presentation or
// a trust bundle, and see its card, its chain and the eight steps; change one character, and watch which step says no.
// Nothing leaves the page.
//
//	go run ./examples/playground                 builds the page and serves it on http://127.0.0.1:8081
//	go run ./examples/playground -out FOLDER     builds the page into a folder, for any static host
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

func main() {
	out := flag.String("out", "", "the folder to write the page to; it is then not served")
	addr := flag.String("addr", "127.0.0.1:8081", "where it is served")
	flag.Parse()
	if err := run(*out, *addr); err != nil {
		log.Fatal(err)
	}
}

func run(out, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if out != "" {
		return build(ctx, out)
	}
	dir, err := os.MkdirTemp("", "playground")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir); err != nil {
		return err
	}
	s := &http.Server{Addr: addr, Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: 5 * time.Second}
	go func() { <-ctx.Done(); _ = s.Close() }()
	fmt.Println("http://" + addr)
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// build writes the page into a folder: what is in static, the verifier, and the glue that comes with Go.
func build(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644)
	})
	if err != nil {
		return err
	}
	wasm, err := filepath.Abs(filepath.Join(dir, "safeconduct.wasm"))
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", wasm,
		"github.com/safeconduct/safeconduct/examples/playground/page")
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot compile the verifier: %w\n%s", err, said)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "wasm_exec.js"), glue, 0o644)
}
