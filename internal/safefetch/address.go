package safefetch

import (
	"errors"
	"fmt"
	"net/netip"
)

// ErrPrivate is wrapped by what says that an address is not one of the public internet.
var ErrPrivate = errors.New("not a public address")

// IPv4 blocks that are not globally reachable (IANA special-purpose registry,
// RFC 6890), and multicast. netip.Addr.IsPrivate knows three of them.
var closedV4 = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // shared, behind carrier-grade NAT
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, cloud metadata
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarking
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast
)

// The unicast space of IPv6 in use, and the blocks in it that are closed or
// carry an IPv4 address. What is outside (loopback, mapped, NAT64 64:ff9b::/96,
// unique local, link-local, multicast) is closed.
var (
	openV6   = netip.MustParsePrefix("2000::/3")
	closedV6 = prefixes(
		"2001::/23",     // protocol assignments: Teredo, benchmarking, ORCHID
		"2001:db8::/32", // documentation
		"2002::/16",     // 6to4
		"3fff::/20",     // documentation
	)
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// checkAddress refuses every address that is not public. An IPv4 address
// written as IPv6 is judged as the IPv4 address that would be dialled.
func checkAddress(a netip.Addr) error {
	if !a.IsValid() {
		return errors.New("no address")
	}
	closed := closedV4
	if plain := a.Unmap(); !plain.Is4() {
		closed = closedV6
		if a.Zone() != "" || !openV6.Contains(a) {
			return fmt.Errorf("%s is %w", a, ErrPrivate)
		}
	}
	for _, p := range closed {
		if p.Contains(a.Unmap()) {
			return fmt.Errorf("%s is %w", a, ErrPrivate)
		}
	}
	return nil
}
