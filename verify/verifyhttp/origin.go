package verifyhttp

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// parseOrigin reads an origin as a configuration names it.
func parseOrigin(text string, clearText bool) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || u.Path != "" || u.RawQuery != "" ||
		u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#") {
		return "", fmt.Errorf("%.80q is not an origin such as https://shop.example", text)
	}
	o := originOf(u)
	if o == "" {
		return "", fmt.Errorf("%.80q is not an origin of http or https", text)
	}
	if u.Scheme == "http" && !clearText && !loopback(u.Hostname()) {
		return "", fmt.Errorf("%.80q is in clear text, where anybody on the way could use a presentation first; see InsecureAllowHTTP", text)
	}
	return o, nil
}

// originOf returns the origin of a URL (RFC 6454) in one spelling, or "" if it
// has none that a passport could be shown to.
func originOf(u *url.URL) string {
	// Names in other scripts come as their xn-- form: lower-casing would map
	// some characters to ASCII where the dialler maps them to something else.
	if u == nil || u.Host == "" || !ascii(u.Hostname()) {
		return ""
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	switch {
	case scheme != "http" && scheme != "https", host == "":
		return ""
	case port == "" && scheme == "https":
		port = "443"
	case port == "" && scheme == "http":
		port = "80"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return scheme + "://" + host + ":" + port
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
