package didweb_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

var vc = []string{"application/vc"}

func TestClientGet(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.RequestURI() {
		case "/status/1?v=2":
			w.Header().Set("Content-Type", "application/vc; charset=utf-8")
			_, _ = w.Write([]byte("12345"))
		case "/moved":
			http.Redirect(w, r, "/status/1?v=2", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	c, err := didweb.NewClient(s.config())
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	base := "https://" + hostName + ":" + port

	body, err := c.Get(ctx, base+"/status/1?v=2", vc, 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(body))
	_, err = c.Get(ctx, base+"/status/1?v=2", vc, 4)
	require.ErrorIs(t, err, did.ErrUnavailable)
	_, err = c.Get(ctx, base+"/status/1?v=2", []string{"application/json"}, 5)
	require.ErrorIs(t, err, did.ErrUnavailable)
	_, err = c.Get(ctx, base+"/moved", vc, 5)
	require.ErrorIs(t, err, did.ErrUnavailable)
	_, err = c.Get(ctx, base+"/gone", vc, 5)
	require.ErrorIs(t, err, did.ErrNotFound)
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err = c.Get(done, base+"/status/1?v=2", vc, 5)
	require.ErrorIs(t, err, context.Canceled)
}

// DID-12, DID-14: a Client has the guard of a Resolver.
func TestDID12ClientReachesNoPrivateAddress(t *testing.T) {
	s := serve(t, nil)
	config := s.config()
	config.InsecureAllowPrivateAddresses = false
	for _, answers := range [][]netip.Addr{
		{netip.MustParseAddr("127.0.0.1")}, {netip.MustParseAddr("::ffff:10.0.0.1")},
		{netip.MustParseAddr("192.0.9.1"), netip.MustParseAddr("169.254.169.254")},
	} {
		config.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) { return answers, nil }
		c, err := didweb.NewClient(config)
		require.NoError(t, err)
		_, err = c.Get(ctx, "https://issuer.example/status/1", vc, 1<<20)
		require.ErrorIs(t, err, did.ErrUnavailable)
		require.ErrorContains(t, err, "not a public address")
	}
	require.Zero(t, s.dials.Load())
}

func TestClientRefusesURLs(t *testing.T) {
	config := didweb.Config{LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) {
		t.Error("looked up")
		return nil, nil
	}}
	c, err := didweb.NewClient(config)
	require.NoError(t, err)
	for _, bad := range []string{
		"", "http://issuer.example/s", "file:///etc/passwd", "//issuer.example/s", "https:issuer.example", "HTTPS://issuer.example/s",
		"https://127.0.0.1/s", "https://[::1]/s", "https://0x7f000001/s", "https://2130706433/s", "https://Issuer.example/s", "https://issuer/s",
		"https://u:p@issuer.example/s", "https://issuer.example/s#f", "https://issuer.example:0/s", "https://issuer.example:080/s", "https://issuer.example:/s",
		"https://issuer.example\\@evil.example/s", "https://issuer.example/a b", "https://issuer.example%2eevil.example/",
	} {
		_, err := c.Get(ctx, bad, vc, 1<<20)
		require.ErrorIs(t, err, did.ErrUnavailable, bad)
	}
	_, err = didweb.NewClient(didweb.Config{Timeout: -1})
	require.Error(t, err)
}

// A Client that NewClient has not made fetches nothing.
func TestZeroClient(t *testing.T) {
	for _, c := range []*didweb.Client{nil, {}} {
		_, err := c.Get(ctx, "https://issuer.example/1", []string{"application/vc"}, 100)
		require.ErrorIs(t, err, did.ErrUnavailable)
	}
}
