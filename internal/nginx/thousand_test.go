package nginx

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/verify"
)

// agentRun is what became of many acts.
type agentRun struct {
	mu      sync.Mutex
	answers map[string]int // "204", "409 ledger.repeated", "502 of the proxy", "lost"
	publish func()         // has the lists published again
	faults  []string       // refusals that lead nobody to the cause
}

func (a *agentRun) note(answer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[answer]++
	if strings.HasPrefix(answer, "503 status.stale") && a.answers[answer] == 40 {
		a.publish()
	}
}

func (a *agentRun) fault(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

// act asks for one act until it is done, as a patient client would: again where
// the answer is lost, where the proxy has no server, and where a refusal says
// when to ask again.
func (a *agentRun) act(client *http.Client, url, key string) bool {
	for range 50 {
		resp, problem, err := post(client, url, key)
		switch {
		case err != nil:
			a.note("lost")
			continue
		case resp.StatusCode == 204:
			a.note("204")
			return true
		case problem == nil && resp.StatusCode >= 500:
			a.note(fmt.Sprint(resp.StatusCode, " of the proxy"))
			continue
		case problem == nil:
			a.fault("%d without a problem", resp.StatusCode)
			return false
		}
		a.note(fmt.Sprint(resp.StatusCode, " ", problem.Code))
		if problem.Title == "" || problem.RequestID == "" {
			a.fault("%s names no cause: %+v", problem.Code, problem)
		}
		switch {
		case problem.Code == verify.LedgerRepeated:
			return true // done before, and the answer was lost
		case resp.Header.Get("Retry-After") == "":
			a.fault("%s does not say when to ask again", problem.Code)
			return false
		}
	}
	a.fault("%s was never done", key)
	return false
}

// lossy loses every 40th answer.
type lossy struct {
	http.RoundTripper
	answers atomic.Int64
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.answers.Add(1)%40 == 0 {
		_ = resp.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return resp, err
}

// A thousand POSTs behind nginx, while it recycles connections and reloads, the
// server restarts and the status list gets too old for a while: every act is
// done, once, and every refusal names its cause and when to ask again. Answers get
// lost, too.
func TestF1F6F8ThousandPosts(t *testing.T) {
	const acts, workers = 1000, 8
	s := open(t)
	p := start(t, "http://"+s.addr, "keepalive_requests 7;")
	run := &agentRun{answers: map[string]int{}, publish: s.Lists.Publish}
	var next, done atomic.Int64
	client := s.client(t, p.http2, &lossy{RoundTripper: p.transport(t)})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				n := next.Add(1)
				if n > acts {
					return
				}
				switch { // what happens on the way
				case n%150 == 0:
					p.reload(t)
				case n%130 == 0:
					if err := s.restart(); err != nil {
						run.fault("%v", err)
					}
				case n == 400: // nobody publishes for a while
					s.Clock.Advance(130 * time.Second) // intents live for 5 minutes
				}
				if run.act(client, p.http2+"/pay", fmt.Sprint("act-", n)) {
					done.Add(1)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d acts: %v", acts, run.answers)
	require.Empty(t, run.faults)
	require.EqualValues(t, acts, done.Load())
	require.GreaterOrEqual(t, run.answers["503 status.stale"], 40, "the lists were not too old")
	require.GreaterOrEqual(t, run.answers["409 ledger.repeated"], 10, "no answer was lost after the act")
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(t, s.acts, acts)
	for key, times := range s.acts {
		require.Equal(t, 1, times, key)
	}
}
