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
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8787", "loopback `address` to listen on")
	var m moving
	flag.StringVar(&m.source, "move", "", "bring the records of an export of that `system` first")
	flag.StringVar(&m.export, "export", "", "`file` of the export")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *address, m, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "office:", err)
		os.Exit(1)
	}
}

// run serves until the context is done.
func run(ctx context.Context, address string, m moving, out io.Writer) error {
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
	if err := m.bring(ctx, w, out); err != nil {
		return err
	}
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
