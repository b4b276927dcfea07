package postgres_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/storetest"
	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/verify"
)

// proxy stands between a store and its server, and cuts the connection at COMMIT, and where a group is written.
type proxy struct {
	net.Listener
	server string
	armed  atomic.Bool
	cuts   atomic.Int64
	groups atomic.Int64 // of these
	mu     sync.Mutex
	rng    *rand.Rand
}

// The ways to cut.
const (
	beforeServer = iota // it does not reach the server
	atOnce              // it does, and nobody waits for the answer
	answerLost          // the server has answered
	notAtAll
)

func (p *proxy) choose(data []byte) int {
	group := bytes.Contains(data, []byte("INSERT INTO redo ("))
	if !p.armed.Load() || !group && !bytes.Contains(data, []byte("COMMIT\x00")) {
		return notAtAll
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	way := p.rng.IntN(6) // half of them are not cut
	if way < notAtAll {
		p.cuts.Add(1)
		if group {
			p.groups.Add(1)
		}
	}
	return min(way, notAtAll)
}

func (p *proxy) run() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		var losing atomic.Bool // the next answer is lost
		go func() {
			defer closed(client, server)
			buffer := make([]byte, 64<<10)
			for {
				n, err := client.Read(buffer)
				if err != nil {
					return
				}
				way := p.choose(buffer[:n])
				if way == beforeServer {
					return
				}
				losing.Store(way == answerLost)
				if _, err := server.Write(buffer[:n]); err != nil || way == atOnce {
					return
				}
			}
		}()
		go func() {
			defer closed(client, server)
			buffer := make([]byte, 64<<10)
			for {
				n, err := server.Read(buffer)
				if err != nil || losing.Load() {
					return
				}
				if _, err := client.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
	}
}

func closed(list ...io.Closer) {
	for _, c := range list {
		_ = c.Close()
	}
}

// STO-17: whatever becomes of a connection at COMMIT, a caller hears what is true: never that
// its own reservation was a replay, nor that something is there that is not.
func TestCutAtCommit(t *testing.T) {
	dsn := testpostgres.Schema(t, t.Name())
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	p := &proxy{Listener: l, server: u.Host, rng: rand.New(rand.NewPCG(seed, 0))}
	go p.run()
	defer closed(l)
	u.Host = l.Addr().String()
	q := u.Query()
	q.Set("default_query_exec_mode", "exec") // the text of each statement is sent
	u.RawQuery = q.Encode()
	s, err := postgres.Open(ctx, u.String(), anyClock)
	require.NoError(t, err)

	cuts := int64(30)
	if os.Getenv("SAFECONDUCT_LONG") != "" {
		cuts = 1000
	}
	p.armed.Store(true)
	var mu sync.Mutex
	var want verify.Quantity
	named := map[string]bool{}
	var wg sync.WaitGroup
	var failed atomic.Value
	for w := range 4 {
		wg.Go(func() {
			for i := 0; p.cuts.Load() < cuts && failed.Load() == nil; i++ {
				r := storetest.Act(fmt.Sprint("cut ", w, " ", i), storetest.Noon, 4, 1<<40)
				held, err := s.Ledger().Reserve(ctx, r)
				if err == nil && held.Decision != r.Record.Decision {
					err = fmt.Errorf("held is %v", held)
				}
				outcome, by := verify.ActOutcome(1+i%2), ""
				if i%3 == 0 {
					by = "test" // that is a transaction
					mu.Lock()
					named[r.Record.Decision] = true
					mu.Unlock()
				}
				if err == nil {
					err = s.Ledger().Settle(ctx, verify.Settlement{
						Decision: r.Record.Decision, Outcome: outcome, At: r.At, By: by,
					})
				}
				if err != nil {
					failed.Store(fmt.Errorf("act %d of %d: %w", i, w, err))
					return
				}
				if outcome == verify.Done {
					mu.Lock()
					want = want.Add(verify.AmountOf(r.Record.Amount))
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	p.armed.Store(false)
	require.Nil(t, failed.Load())
	require.NoError(t, s.Close())
	t.Logf("%d cuts, retried %d times", p.cuts.Load(), s.Stats().Retried)
	require.GreaterOrEqual(t, s.Stats().Retried, cuts)
	require.GreaterOrEqual(t, p.groups.Load(), cuts/8)

	direct, err := postgres.Open(ctx, dsn, postgres.Options{Options: store.Options{MaxClockDrift: -1}})
	require.NoError(t, err)
	defer closed(direct)
	require.NoError(t, direct.Check(ctx))
	used, err := direct.Ledger().Usage(ctx, []verify.Charge{
		{Account: storetest.Root, Name: "hour", Since: storetest.Noon},
	}, storetest.Noon)
	require.NoError(t, err)
	require.Equal(t, want, used[0].Total())
	page, err := direct.Decisions(ctx, store.Query{Limit: 200})
	require.NoError(t, err)
	for _, r := range page.Decisions {
		e, err := direct.Ledger().Entry(ctx, r.Decision)
		require.NoError(t, err)
		said := map[bool]int{false: 0, true: 1}[named[r.Decision]]
		require.Len(t, e.Attempts, said, "what was said once is recorded once")
	}
}
