package safefetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// field is a network in which each address has its own way.
type field struct {
	mu     sync.Mutex
	began  time.Time
	dialed []string
	at     []time.Duration
	open   int // connections that nobody has closed
	ways   map[string]way
}

// way is how an attempt goes: it takes its time, and fails or does not. An
// attempt without an end hears of nothing, as behind a router that drops all.
type way struct {
	takes   time.Duration
	fails   bool
	deaf    bool
	noTimer bool // goes on when its context is done
}

type conn struct {
	net.Conn
	field *field
	to    string
}

func (c *conn) Close() error {
	c.field.mu.Lock()
	defer c.field.mu.Unlock()
	c.field.open--
	return nil
}

func (f *field) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.dialed, f.at = append(f.dialed, host), append(f.at, time.Since(f.began))
	w := f.ways[host]
	f.mu.Unlock()
	switch {
	case w.deaf:
		<-ctx.Done()
		return nil, ctx.Err()
	case w.noTimer:
		time.Sleep(w.takes)
	default:
		select {
		case <-time.After(w.takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if w.fails {
		return nil, errors.New("refused by " + host)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	return &conn{field: f, to: host}, nil
}

// C8: addresses that nobody answers at do not hide one that is good.
func TestC8DeadAddressesHideNone(t *testing.T) {
	const (
		six1, six2, six3, six4, six5 = "2606:4700::1", "2606:4700::2", "2606:4700::3", "2606:4700::4", "2606:4700::5"
		four1, four2                 = "8.8.8.8", "8.8.4.4"
	)
	deaf, refuses := way{deaf: true}, way{fails: true}
	quick, slow := way{takes: 20 * time.Millisecond}, way{takes: 400 * time.Millisecond}
	ms := func(list ...int) (out []time.Duration) {
		for _, n := range list {
			out = append(out, time.Duration(n)*time.Millisecond)
		}
		return out
	}
	for name, tc := range map[string]struct {
		addrs []string
		ways  map[string]way
		to    string // "": to nobody
		takes int
		at    []time.Duration
	}{
		"four dead of one family": {
			[]string{six1, six2, six3, six4, four1},
			map[string]way{six1: deaf, six2: deaf, six3: deaf, six4: deaf, four1: quick},
			four1, 270, ms(0, 250),
		},
		"four dead, and no other family": {
			[]string{six1, six2, six3, six4, six5},
			map[string]way{six1: deaf, six2: deaf, six3: deaf, six4: deaf, six5: quick},
			six5, 1020, ms(0, 250, 500, 750, 1000),
		},
		"the first is good": {[]string{six1, four1}, map[string]way{six1: quick}, six1, 20, ms(0)},
		"the first is slow": {[]string{six1, four1}, map[string]way{six1: slow, four1: quick}, four1, 270, ms(0, 250)},
		"slow, but first":   {[]string{six1, four1}, map[string]way{six1: slow, four1: slow}, six1, 400, ms(0, 250)},
		"a refusal goes on": {[]string{six1, four1}, map[string]way{six1: refuses, four1: quick}, four1, 20, ms(0, 0)},
		"everybody refuses": {
			[]string{four1, four2, six1}, map[string]way{four1: refuses, four2: refuses, six1: refuses}, "", 0, ms(0, 0, 0),
		},
		"one answer after its end": {
			[]string{six1, four1}, map[string]way{six1: {takes: 300 * time.Millisecond, noTimer: true}, four1: quick}, four1, 300, ms(0, 250),
		},
		"nobody answers":       {[]string{six1, four1}, map[string]way{six1: deaf, four1: deaf}, "", 2000, ms(0, 250)},
		"IPv4 written as IPv6": {[]string{"::ffff:8.8.8.8", six1}, map[string]way{four1: quick}, four1, 20, ms(0)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &field{began: time.Now(), ways: tc.ways}
				g := &guard{connect: 2 * time.Second, dial: f.dial, lookup: func(context.Context, string, string) (out []netip.Addr, err error) {
					for _, a := range tc.addrs {
						out = append(out, netip.MustParseAddr(a))
					}
					return out, nil
				}}
				got, err := g.DialContext(context.Background(), "tcp", "issuer.example:443")
				require.Equal(t, time.Duration(tc.takes)*time.Millisecond, time.Since(f.began))
				require.Equal(t, tc.at, f.at, f.dialed)
				if tc.to == "" {
					require.Error(t, err)
					for a, w := range tc.ways {
						if w.fails {
							require.ErrorContains(t, err, a, "every failure is told")
						}
					}
					require.Zero(t, f.open)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tc.to, got.(*conn).to)
				require.Equal(t, 1, f.open, "who came second is closed")
			})
		})
	}
}

// C8: one of each family in turn, in the order of the look-up, and not without end.
func TestC8Interleaved(t *testing.T) {
	for in, want := range map[string]string{
		"4": "4", "66664": "64666", "4466": "4646", "64": "64", "444": "444", "6666666666": "66666666", "66666666664444": "64646464", "4666666666": "46666666",
	} {
		var addrs []netip.Addr
		for i, c := range in {
			if c == '4' {
				addrs = append(addrs, netip.AddrFrom4([4]byte{8, 8, 8, byte(i)}))
			} else {
				addrs = append(addrs, netip.AddrFrom16([16]byte{0x26, 15: byte(i)}))
			}
		}
		got, last := "", map[byte]byte{}
		for _, a := range interleaved(addrs) {
			family, n := byte('6'), a.AsSlice()[len(a.AsSlice())-1]
			if a.Is4() {
				family = '4'
			}
			got += string(family)
			require.True(t, last[family] == 0 || n > last[family], "the order of a family changed")
			last[family] = n
		}
		require.Equal(t, want, got, in)
	}
}
