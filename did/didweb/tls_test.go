package didweb_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
)

func TestDID15NeverHTTP(t *testing.T) {
	// A plain server does not even see a request.
	plain := make(chan struct{}, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	srv := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { plain <- struct{}{} })}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"localhost", hostName} {
		c := didweb.Config{LookupNetIP: loopback, InsecureAllowPrivateAddresses: true}
		_, err = get(t, c, did.MustParse("did:web:"+host+"%3A"+port))
		require.ErrorIs(t, err, did.ErrUnavailable)
	}
	require.Empty(t, plain)
}

func TestDID16TLS(t *testing.T) {
	for name, edit := range map[string]func(c *tls.Config, a *authority){
		"wrong name": func(c *tls.Config, a *authority) {
			c.Certificates = []tls.Certificate{a.issue(t, "other.example", today.AddDate(0, 1, 0))}
		},
		"expired": func(c *tls.Config, a *authority) {
			c.Certificates = []tls.Certificate{a.issue(t, hostName, today.Add(-time.Second))}
		},
		"TLS 1.1": func(c *tls.Config, _ *authority) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
	} {
		t.Run(name, func(t *testing.T) {
			var s *server
			s = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", didweb.MediaType)
				_, _ = w.Write(document(t, s.id).Bytes())
			}, edit)
			_, err := get(t, s.config(), s.id)
			require.ErrorIs(t, err, did.ErrUnavailable)
			require.Zero(t, s.hits.Load())
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		s := serve(t, nil)
		for _, pool := range []*x509.CertPool{nil, x509.NewCertPool()} {
			c := s.config()
			c.RootCAs = pool
			_, err := get(t, c, s.id)
			require.ErrorIs(t, err, did.ErrUnavailable)
		}
		require.Zero(t, s.hits.Load())
	})
	t.Run("TLS 1.2", func(t *testing.T) {
		var s *server
		s = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", didweb.MediaType)
			_, _ = w.Write(document(t, s.id).Bytes())
		}, func(c *tls.Config, _ *authority) { c.MaxVersion = tls.VersionTLS12 })
		_, err := get(t, s.config(), s.id)
		require.NoError(t, err)
	})
}
