// Command office serves the calls of Grantex, AIP-1, APort and e-Próspera's agent keys on one loopback address: thin
// shapes over package passport/registry, in which all the logic is. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8787", "loopback `address` to listen on")
	source := flag.String("move", "", "bring the records of an `export` of aip1 or aport to -to, and end")
	export := flag.String("export", "", "`file` of the export")
	m := moving{owners: map[string]string{}, wait: pause}
	flag.StringVar(&m.base, "to", "", "where the office is, such as http://127.0.0.1:8787/aport")
	flag.StringVar(&m.token, "token", "", "`token` of whoever makes the records")
	flag.Func("owner", "owner of APort's `there=here`; may be repeated", func(s string) error {
		there, here, ok := strings.Cut(s, "=")
		if m.owners[there] = here; !ok {
			return errors.New("want there=here")
		}
		return nil
	})
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	serve := func() error { return run(ctx, *address, os.Stdout) }
	if *source != "" {
		m.source = system(*source)
		serve = func() error { return bring(ctx, m, *export, os.Stdout) }
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "office:", err)
		os.Exit(1)
	}
}

// bring moves the records of a file, and prints what came over and what did not.
func bring(ctx context.Context, m moving, file string, out io.Writer) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 30 * time.Second}
	got, err := move(ctx, client, m, text)
	for _, line := range got.lines() {
		fmt.Fprintln(out, line)
	}
	return err
}

// pause waits, but not longer than the context.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run serves until the context is done.
func run(ctx context.Context, address string, out io.Writer) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%q: want a loopback address with a port, such as 127.0.0.1:8787", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	defer listener.Close() // the server closes it, too
	w, err := newWorld(ctx, worldConfig{
		// Passports name the lists by this address. Nobody but this process reads them.
		now: time.Now, base: "https://office.example", log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer w.db.Close() // nothing is written any more
	fmt.Fprintln(out, "http://"+listener.Addr().String())
	for _, line := range w.lines() {
		fmt.Fprintln(out, line)
	}
	server := w.server.HTTPServer()
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err = server.Shutdown(end)
		<-done
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
