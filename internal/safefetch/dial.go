package safefetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// LookupFunc is the signature of (*net.Resolver).LookupNetIP.
type LookupFunc func(ctx context.Context, network, host string) ([]netip.Addr, error)

const (
	// maxAddresses is how many addresses of one name are tried.
	maxAddresses = 8
	// attemptDelay is how long an attempt has the field to itself (RFC 8305,
	// section 8).
	attemptDelay = 250 * time.Millisecond
)

// guard dials hosts by name, but only addresses that it has judged itself.
type guard struct {
	lookup       LookupFunc
	allowPrivate bool
	connect      time.Duration // for all addresses together

	// dial opens one connection to a literal address; nil: that of dialer.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// DialContext is for http.Transport.
func (g *guard) DialContext(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, g.connect)
	defer cancel()
	addrs, err := g.lookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("%s has no address", host)
	}
	// One bad answer condemns them all: a name that points both inside and
	// outside is an attack or a mistake, and not worth trying.
	for _, a := range addrs {
		if err := g.check(a); err != nil {
			return nil, fmt.Errorf("%s: %w", host, err)
		}
	}
	dial := g.dial
	if dial == nil {
		dial = g.dialer().DialContext
	}
	return race(ctx, interleaved(addrs), func(ctx context.Context, a netip.Addr) (net.Conn, error) {
		// A literal address, so that no name is looked up again.
		return dial(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
	})
}

// lookUp looks a host up. A panic of the host's own function would end the process
// here: the transport dials in a goroutine of its own.
func (g *guard) lookUp(ctx context.Context, host string) (addrs []netip.Addr, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the look-up of %s panicked: %.200v", host, p)
		}
	}()
	return g.lookup(ctx, "ip", host)
}

// interleaved returns the first addresses, one of each family in turn, so that
// no family that is unreachable hides the other (RFC 8305, section 4).
func interleaved(addrs []netip.Addr) []netip.Addr {
	var families [2][]netip.Addr // that of the first address, and the other
	for _, a := range addrs {
		i := 0
		if a.Unmap().Is4() != addrs[0].Unmap().Is4() {
			i = 1
		}
		families[i] = append(families[i], a)
	}
	var out []netip.Addr
	for i := 0; len(out) < min(len(addrs), maxAddresses); i++ {
		for _, family := range families {
			if i < len(family) {
				out = append(out, family[i])
			}
		}
	}
	return out
}

// race returns the first connection of several attempts. The next one begins
// when the one before has failed or has had its time, and all of them are over
// when race returns (RFC 8305, section 5).
func race(ctx context.Context, addrs []netip.Addr, dial func(context.Context, netip.Addr) (net.Conn, error)) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	type result struct {
		conn net.Conn
		err  error
	}
	results, running := make(chan result), 0
	defer func() {
		cancel()
		for range running {
			if r := <-results; r.conn != nil {
				_ = r.conn.Close() // it came second
			}
		}
	}()
	timer := time.NewTimer(attemptDelay)
	defer timer.Stop()
	var failures []error
	for {
		if len(addrs) > 0 {
			a := addrs[0]
			addrs = addrs[1:]
			running++
			go func() {
				conn, err := dial(ctx, a)
				results <- result{conn, err}
			}()
			timer.Reset(attemptDelay)
		}
		select {
		case r := <-results:
			running--
			if r.err == nil {
				return r.conn, nil
			}
			failures = append(failures, r.err)
			if running == 0 && len(addrs) == 0 {
				return nil, errors.Join(failures...)
			}
		case <-timer.C:
		}
	}
}

// dialer judges the address again where it counts: on the socket, when it is
// about to be connected.
func (g *guard) dialer() *net.Dialer {
	return &net.Dialer{
		KeepAlive: -1,
		Control: func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return g.check(ap.Addr())
		},
	}
}

func (g *guard) check(a netip.Addr) error {
	if g.allowPrivate {
		return nil
	}
	return checkAddress(a)
}
