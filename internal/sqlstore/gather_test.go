package sqlstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The writer waits until as many calls have come as it has answered, or for a third of what that took; and where it
// waits in vain time and again, it waits more seldom.
func TestGathering(t *testing.T) {
	g, queue := newGathering(), make(chan *job, 8)
	long := func(calls int) { g.expected, g.most = calls, time.Hour }
	come := func(n int) {
		for range n {
			queue <- &job{}
			g.came(len(queue))
		}
	}
	long(0)
	g.wait(queue, 1)
	long(3)
	come(2)
	g.wait(queue, 1) // they are there
	long(5)
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.wait(queue, 1)
	}()
	for g.wanted.Load() != 4 {
	}
	come(1)
	select {
	case <-done:
		t.Fatal("one is missing")
	default:
	}
	come(1)
	<-done
	require.Zero(t, g.wanted.Load())

	long(100) // more than there is room for
	come(4)
	g.wait(queue, 1)

	g.expect(100, 0) // a clock that stands still
	g.wait(make(chan *job, 8), 1)
	require.Zero(t, g.vain)
	g.expect(100, -time.Hour)
	g.wait(make(chan *job, 8), 1)
	g.expect(100, time.Hour)
	require.Equal(t, mostGathering, g.most)

	var waited []int
	for i := range 64 {
		g.expected, g.most = 2, 1
		vain := g.vain
		if g.wait(make(chan *job, 8), 1); g.pass == 1<<g.vain-2 && (g.vain > vain || g.vain == mostVain) {
			waited = append(waited, i)
		}
	}
	require.Equal(t, []int{0, 1, 4, 11, 26, 41, 56}, waited)
	long(2)
	g.pass = 0
	come(0)
	g.wait(queue, 1)
	require.Equal(t, mostVain, g.vain, "it did not wait")
	g.expected, g.most = 3+len(queue), time.Hour
	go func() {
		for g.wanted.Load() == 0 {
		}
		g.came(cap(queue))
	}()
	g.wait(make(chan *job, cap(queue)), 1)
	require.Zero(t, g.vain)
}
