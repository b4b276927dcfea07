// Package gate bounds calls that nothing can interrupt.
package gate

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/safeconduct/safeconduct/internal/callctx"
)

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the key is closed")

// A Gate lets a number of calls run at a time. It is safe for concurrent use.
type Gate struct {
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

// New returns a Gate for n calls at a time, at least one.
func New(n int) *Gate {
	return &Gate{places: make(chan struct{}, max(n, 1)), closed: make(chan struct{})}
}

// Do returns what call returns, or the error of ctx if that is done first. Such a call
// goes on by itself and keeps its place until it returns, so that a service which hangs
// never holds more goroutines than there are places.
func (g *Gate) Do(ctx context.Context, call func() ([]byte, error)) ([]byte, error) {
	if err := callctx.Err(ctx); err != nil {
		return nil, err
	}
	select {
	case g.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-g.closed:
		return nil, ErrClosed
	}
	select {
	case <-g.closed: // both were ready
		<-g.places
		return nil, ErrClosed
	default:
	}
	type answer struct {
		out []byte
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil { // nobody above this goroutine could
				a = answer{nil, fmt.Errorf("the call panicked: %.200v", p)}
			}
			<-g.places
			done <- a
		}()
		a.out, a.err = call()
	}()
	select {
	case a := <-done:
		return a.out, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close lets no more calls in and waits for those that run. Only the first Close returns
// true.
func (g *Gate) Close() (first bool) {
	g.once.Do(func() {
		first = true
		close(g.closed)
		for range cap(g.places) {
			g.places <- struct{}{}
		}
	})
	return first
}
