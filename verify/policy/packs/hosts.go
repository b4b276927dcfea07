package packs

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// hostOf returns the host of an http or https URL as a browser would go there, in
// lower case; "" if there is none, or if readers differ about it.
func hostOf(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return ""
	}
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == utf8.RuneError }
	if strings.ContainsFunc(url, bad) {
		return ""
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	_, host, ok := strings.Cut(authority, "@")
	if !ok {
		host = authority
	}
	// Of two '@', one client takes the first and another the last. What is beyond
	// ASCII is mapped, and may become a '/' or a dot.
	if strings.ContainsFunc(host, func(r rune) bool { return r == '@' || r >= utf8.RuneSelf }) {
		return ""
	}
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		if end < 0 {
			return ""
		}
		return strings.ToLower(host[:end+1])
	}
	host, _, _ = strings.Cut(host, ":")
	if strings.Contains(host, "%") {
		return "" // an encoded host
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// hostWithin: the host is the domain or a name below it. "*" is every host.
func hostWithin(host, domain string) bool {
	domain = strings.TrimPrefix(strings.ToLower(domain), "*.")
	switch {
	case host == "" || domain == "":
		return false
	case domain == "*":
		return true
	}
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// publicHost reports whether a host is not known to be this machine or a private
// network. A name says nothing about where it leads: whoever connects must look at
// the address again.
func publicHost(host string) bool {
	if host == "" || host == "localhost" {
		return false
	}
	for _, end := range [...]string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, end) {
			return false
		}
	}
	addr, isAddress := addressOf(host)
	if !isAddress {
		return true
	}
	addr = addr.Unmap()
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !reserved(addr)
}

// reserved are the ranges of IPv4 that no public host has: "this network", shared
// address space, the IETF's, documentation, benchmarks and class E.
func reserved(a netip.Addr) bool {
	for i := range reservedRanges {
		if reservedRanges[i].Contains(a) {
			return true
		}
	}
	return false
}

var reservedRanges = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("64:ff9b::/16"), // documentation; NAT64
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), // 6to4 and Teredo lead to IPv4
}

// addressOf reads a host that is an address, in every form that browsers take:
// dotted, of fewer parts, decimal, octal, hexadecimal. A host whose last part is a
// number and that is not an address leads nowhere, and is taken for a private one.
func addressOf(host string) (netip.Addr, bool) {
	if strings.HasPrefix(host, "[") {
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err != nil {
			return netip.Addr{}, true // not a global address
		}
		return a.WithZone(""), true
	}
	if last := host[strings.LastIndexByte(host, '.')+1:]; !numberLike(last) {
		return netip.Addr{}, false
	}
	var n, count uint64
	for part := range strings.SplitSeq(host, ".") {
		v, ok := ipPart(part)
		if count++; !ok || count > 4 {
			return netip.Addr{}, true
		}
		if rest := strings.Count(host, ".") + 1 - int(count); rest > 0 { // not the last
			if v > 255 {
				return netip.Addr{}, true
			}
			n |= v << (8 * (4 - count))
			continue
		}
		if v >= 1<<(8*(5-count)) {
			return netip.Addr{}, true
		}
		n |= v
	}
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), true
}

func numberLike(s string) bool {
	if _, ok := ipPart(s); ok {
		return true
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// ipPart reads one part as browsers do: 0x hexadecimal, 0 octal.
func ipPart(s string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X"):
		if s, base = s[2:], 16; s == "" {
			return 0, true
		}
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	v, err := strconv.ParseUint(s, base, 64)
	return v, err == nil
}
