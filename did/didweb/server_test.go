package didweb_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

var ctx = context.Background()

// TestMain points the proxy variables at a proxy that answers nothing (DID-16):
// a resolver that looked at them would fail every test here.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		os.Setenv(name, "http://127.0.0.1:1")
	}
	os.Unsetenv("NO_PROXY")
	os.Unsetenv("no_proxy")
	os.Exit(m.Run())
}

// today is when the test certificates are valid.
var today = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const hostName = "issuer.example"

// authority is a certificate authority of the test.
type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{cert, key, pool}
}

func (a *authority) issue(t *testing.T, name string, until time.Time) tls.Certificate {
	t.Helper()
	// Not Ed25519, which would keep TLS 1.1 from working for another reason.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name},
		NotBefore: today.AddDate(0, -1, 0), NotAfter: until,
	}, a.cert, key.Public(), a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server is a loopback HTTPS server that stands for issuer.example.
type server struct {
	*httptest.Server
	authority *authority
	id        did.DID
	hits      atomic.Int64
	dials     atomic.Int64
	accept    atomic.Pointer[string] // the header of the last request
}

func newServer(t *testing.T, handler http.HandlerFunc, edit ...func(*tls.Config, *authority)) *server {
	t.Helper()
	s := &server{authority: newAuthority(t)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		accept := r.Header.Get("Accept")
		s.accept.Store(&accept)
		handler(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.dials.Add(1)
		}
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{s.authority.issue(t, hostName, today.AddDate(0, 1, 0))}}
	for _, e := range edit {
		e(s.TLS, s.authority)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	s.id, err = didweb.NewDID(hostName + ":" + port)
	require.NoError(t, err)
	return s
}

// loopback is a name service that has every name at home.
func loopback(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// config reaches the server, in spite of its address.
func (s *server) config() didweb.Config {
	return didweb.Config{
		RootCAs: s.authority.pool, Now: func() time.Time { return today },
		LookupNetIP: loopback, InsecureAllowPrivateAddresses: true,
	}
}

// get resolves id with a fresh resolver.
func get(t *testing.T, c didweb.Config, id did.DID) (*did.Document, error) {
	t.Helper()
	r, err := didweb.New(c)
	require.NoError(t, err)
	return r.Resolve(ctx, id)
}

// document is a document with one key for issuing, #k1.
func document(t testing.TB, id did.DID) *did.Document {
	t.Helper()
	key, err := did.PublicKeyOf(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public())
	require.NoError(t, err)
	doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{
		{Fragment: "k1", Key: key, Relationships: []did.Relationship{did.AssertionMethod}},
	}})
	require.NoError(t, err)
	return doc
}

// serve answers with the published document of the server's own DID, after
// edit has had its say about the header. A body in its place may be given.
func serve(t *testing.T, edit func(h http.Header), body ...string) *server {
	t.Helper()
	var s *server
	s = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", didweb.MediaType)
		if edit != nil {
			edit(w.Header())
		}
		text := string(document(t, s.id).Bytes())
		if len(body) > 0 {
			text = strings.ReplaceAll(body[0], "ID", s.id.String())
		}
		fmt.Fprint(w, text)
	})
	return s
}
