// Vcapi: a VC-API server on the loopback, over the public API. It is what the
// official test suites of Verifiable Credentials are pointed at.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("vcapi", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "localhost:8443", "address to listen on")
	plain := flags.Bool("http", false, "serve plain HTTP, and answer an issued document bare, as the older suites read it")
	pem := flags.String("key", "", "PEM file with the Ed25519 key of the issuer; none: a new key")
	if err := flags.Parse(args); err != nil {
		return err
	}
	key, err := issuerKey(*pem)
	if err != nil {
		return err
	}
	web, err := didweb.New(didweb.Config{})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		listener.Close()
		return fmt.Errorf("%s is not a loopback address: this server signs for whoever asks", *addr)
	}
	scheme := "https"
	if *plain {
		scheme = "http"
	} else if listener, err = selfSigned(listener, time.Now()); err != nil {
		return err
	}
	s, err := newServer(config{
		issuer: key, base: scheme + "://" + listener.Addr().String(), now: time.Now,
		resolver: did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": web},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "issuer %s\nlistening on %s\n", key.DID(), s.base)

	h := &http.Server{Handler: s.routes(), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	done := make(chan error, 1)
	go func() { done <- h.Serve(listener) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = h.Close()
		<-done
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func issuerKey(file string) (*did.KeyPair, error) {
	if file == "" {
		return did.GenerateKey()
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return did.ParsePrivatePEM(text)
}
