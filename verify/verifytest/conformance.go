package verifytest

import (
	"context"
	"sync"
	"testing"
)

// rule is one thing that implementations of an interface promise.
type rule[T any] struct {
	name string
	why  string // what goes wrong for users when it is broken
	test func(tb testing.TB, subject T)
}

// check runs every rule against a fresh subject.
func check[T any](t *testing.T, fresh func(t testing.TB) T, rules []rule[T]) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) { r.run(t, fresh(t)) })
	}
}

// run tests one rule and, if it is broken, says what it is for.
func (r rule[T]) run(tb testing.TB, subject T) {
	tb.Helper()
	w := &watched{TB: tb}
	// Deferred, because Fatalf does not return.
	defer func() {
		if w.failed() {
			tb.Errorf("the rule: %s", r.why)
		}
	}()
	r.test(w, subject)
}

// watched is a test that knows whether it has failed; testing.TB.Failed would
// also tell of others.
type watched struct {
	testing.TB
	mu  sync.Mutex
	bad bool
}

func (w *watched) mark() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bad = true
}

func (w *watched) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bad
}

func (w *watched) Errorf(format string, args ...any) {
	w.TB.Helper()
	w.mark()
	w.TB.Errorf(format, args...)
}

func (w *watched) Fatalf(format string, args ...any) {
	w.TB.Helper()
	w.mark()
	w.TB.Fatalf(format, args...)
}

// together calls f n times at once and waits for all.
func together(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	done.Add(n)
	for i := range n {
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			f(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// cancelled returns a context that is done.
func cancelled() context.Context {
	c, cancel := context.WithCancel(context.Background())
	cancel()
	return c
}
