package sqlstore

import (
	"sync/atomic"
	"time"
)

// gathering is how the writer waits for those whom it has answered just now: they often have their next call ready at
// once, and who is late waits for all that the others have. It waits no longer than a third of what committing the last
// batch took. Where it waits in vain time and again, callers come as they like, and it does not wait for some batches.
type gathering struct {
	expected int           // calls: those of the last batch, and those that waited then
	most     time.Duration // as long
	vain     int           // so often it has, one time after the other
	pass     int           // so many batches it does not wait

	wanted atomic.Int64  // calls in the queue; 0: it does not wait
	enough chan struct{} // that there are so many
	timer  *time.Timer
}

const (
	mostGathering = 2 * time.Millisecond // whatever the clock says
	mostVain      = 4                    // it passes by 14 of 15 batches then
)

func newGathering() *gathering {
	g := &gathering{enough: make(chan struct{}, 1), timer: time.NewTimer(0)}
	g.timer.Stop()
	return g
}

// expect says how many calls may come at once, and how long the last COMMIT took.
func (g *gathering) expect(calls int, took time.Duration) {
	g.expected, g.most = calls, min(took/3, mostGathering)
}

// wait waits until a batch that has some calls, and the queue, have as many as are expected.
func (g *gathering) wait(queue chan *job, have int) {
	missing := min(g.expected-have, cap(queue))
	if g.pass > 0 || g.most <= 0 || missing <= len(queue) {
		g.pass = max(0, g.pass-1)
		return
	}
	select {
	case <-g.enough: // of before
	default:
	}
	g.wanted.Store(int64(missing))
	defer g.wanted.Store(0)
	if missing <= len(queue) {
		return
	}
	g.timer.Reset(g.most)
	defer g.timer.Stop()
	select {
	case <-g.enough:
		g.vain = 0
	case <-g.timer.C:
		g.vain = min(g.vain+1, mostVain)
		g.pass = 1<<g.vain - 2
	}
}

// came says that a call came into the queue, which has so many.
func (g *gathering) came(waiting int) {
	if wanted := g.wanted.Load(); wanted > 0 && int64(waiting) >= wanted {
		select {
		case g.enough <- struct{}{}:
		default:
		}
	}
}
