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

// maxAddresses is how many addresses of one name are tried.
const maxAddresses = 4

// guard dials hosts by name, but only addresses that it has judged itself.
type guard struct {
	lookup       LookupFunc
	allowPrivate bool
	connect      time.Duration // for all addresses together
}

// DialContext is for http.Transport.
func (g *guard) DialContext(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, g.connect)
	defer cancel()
	addrs, err := g.lookup(ctx, "ip", host)
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
	var failures []error
	addrs = addrs[:min(len(addrs), maxAddresses)]
	for i, a := range addrs {
		conn, err := g.dialOne(ctx, network, a, port, len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// dialOne dials the literal address a, so that no name is looked up again, in
// an equal share of the time that is left for it and those after it.
func (g *guard) dialOne(ctx context.Context, network string, a netip.Addr, port string, left int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	return g.dialer().DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
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
