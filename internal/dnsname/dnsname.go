// Package dnsname says which names of hosts are names, and which could be taken for an
// IP address. It links no network, so that who makes a did:web refuses what no resolver
// of one would look up.
package dnsname

import (
	"fmt"
	"strings"
)

// Check accepts DNS names of letters, digits and hyphens, which no
// resolver, URL parser or certificate check can take for an IP address.
func Check(host string) error {
	if len(host) > 253 {
		return fmt.Errorf("host of %d bytes, want at most 253", len(host))
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if len(label) == 0 || len(label) > 63 {
			return fmt.Errorf("host label of %d bytes in %.64q, want 1 to 63", len(label), host)
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("host label %q begins or ends with a hyphen", label)
		}
		for _, c := range label {
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return fmt.Errorf("character %q in host %.64q, want a-z, 0-9, '-' or '.'", c, host)
			}
		}
	}
	// By the URL standard a host whose last label is a number, in whichever
	// base, is an IPv4 address ("127.1", "0x7f000001"). No top-level domain
	// begins with a digit.
	if last := labels[len(labels)-1]; '0' <= last[0] && last[0] <= '9' {
		return fmt.Errorf("host %.64q ends like an IP address, want a DNS name", host)
	}
	if len(labels) == 1 && host != "localhost" {
		return fmt.Errorf("host %.64q has one label, want a fully qualified name", host)
	}
	return nil
}
