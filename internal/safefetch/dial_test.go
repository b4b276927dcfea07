package safefetch

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDID12GuardOnTheSocket dials past the look-up: the socket itself refuses.
func TestDID12GuardOnTheSocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	g := &guard{connect: time.Second}
	_, err = g.dialer().DialContext(context.Background(), "tcp", l.Addr().String())
	require.ErrorIs(t, err, ErrPrivate)

	g.allowPrivate = true
	conn, err := g.dialer().DialContext(context.Background(), "tcp", l.Addr().String())
	require.NoError(t, err)
	conn.Close()
}

func TestDID12EveryClosedBlock(t *testing.T) {
	for _, text := range []string{
		"127.0.0.1", "127.8.8.8", "::1", "169.254.169.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "0.0.0.0", "0.1.2.3", "::",
		"100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255", "192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.1",
		"192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "ff02::1", "ff0e::1",
		"64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:2::1", "2001:db8::1",
		"3fff::1", "100::1", "5f00::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
	} {
		require.ErrorIs(t, checkAddress(netip.MustParseAddr(text)), ErrPrivate, text)
	}
}

func TestPublicAddresses(t *testing.T) {
	for _, text := range []string{
		"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
		"169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"223.255.255.255", "::ffff:8.8.8.8", "2001:4860:4860::8888", "2606:4700::1111", "2001:200::1", "2003::1", "3ffe:ffff::1",
	} {
		require.NoError(t, checkAddress(netip.MustParseAddr(text)), text)
	}
	require.Error(t, checkAddress(netip.Addr{}))
}

// A look-up or a clock of the host's that panics does so in a goroutine of the
// transport, where nobody could catch it.
func TestHostFunctionsThatPanic(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{selfSigned(t)},
	}}
	go server.ServeTLS(l, "", "")
	defer server.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	here := func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	for name, c := range map[string]Config{
		"look-up": {LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) { panic("oh") }},
		"clock":   {LookupNetIP: here, Now: func() time.Time { panic("oh") }},
	} {
		c.Timeout, c.ConnectTimeout, c.InsecureAllowPrivateAddresses = 10*time.Second, 10*time.Second, true
		u, err := ParseURL("https://issuer.example:" + port + "/1")
		require.NoError(t, err)
		_, err = New(c).Get(context.Background(), u, Want{Types: []string{"application/vc"}, Most: 100})
		require.Error(t, err, name)
		require.NotErrorIs(t, err, context.DeadlineExceeded, name)
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"issuer.example"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
