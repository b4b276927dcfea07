package nginx

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// usual is what most people write between "location / {" and "}".
const usual = `proxy_http_version 1.1;
	proxy_set_header Upgrade $http_upgrade;
	proxy_set_header Connection "upgrade";
	proxy_set_header Host $host;
	proxy_set_header X-Real-IP $remote_addr;
	proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
	proxy_set_header X-Forwarded-Proto $scheme;
	proxy_set_header X-Original-URL $request_uri;`

// proxy is an nginx of our own, on loopback.
type proxy struct {
	http1, http2 string // the origins
	roots        *x509.CertPool
	cmd          *exec.Cmd
}

// start runs nginx in front of an upstream, with further lines for its servers.
func start(t *testing.T, upstream, lines string) *proxy {
	t.Helper()
	return startAs(t, upstream, lines+" large_client_header_buffers 4 32k;", usual)
}

// startAs is start with other lines for the location.
func startAs(t *testing.T, upstream, lines, location string) *proxy {
	t.Helper()
	program := os.Getenv("SAFECONDUCT_NGINX")
	if program == "" {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("SAFECONDUCT_NGINX does not name an nginx, which CI must have")
		}
		t.Skip("SAFECONDUCT_NGINX does not name an nginx")
	}
	dir := t.TempDir()
	p := &proxy{roots: certificate(t, dir)}
	one, two := freePort(t), freePort(t)
	p.http1, p.http2 = fmt.Sprintf("http://127.0.0.1:%d", one), fmt.Sprintf("https://127.0.0.1:%d", two)
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // the folder of a test is for its owner alone
	}
	config := fmt.Sprintf(`%s
daemon off; worker_processes 2; pid %[2]s/pid; error_log %[2]s/error.log;
events { worker_connections 512; }
http {
	access_log off; client_body_temp_path %[2]s/body; proxy_temp_path %[2]s/proxy;
	fastcgi_temp_path %[2]s/fastcgi; uwsgi_temp_path %[2]s/uwsgi; scgi_temp_path %[2]s/scgi;
	server { listen 127.0.0.1:%[3]d; %[5]s location / { proxy_pass %[6]s; %[7]s } }
	server {
		listen 127.0.0.1:%[4]d ssl http2; ssl_certificate %[2]s/crt; ssl_certificate_key %[2]s/key;
		%[5]s location / { proxy_pass %[6]s; %[7]s }
	}
}
`, user, dir, one, two, lines, upstream, location)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o600))
	p.cmd = exec.Command(program, "-p", dir, "-c", filepath.Join(dir, "conf"), "-e", filepath.Join(dir, "error.log"))
	var out bytes.Buffer
	p.cmd.Stdout, p.cmd.Stderr = &out, &out
	require.NoError(t, p.cmd.Start())
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = p.cmd.Process.Kill()
			t.Error("nginx did not stop")
		}
		if text, err := os.ReadFile(filepath.Join(dir, "error.log")); err == nil && t.Failed() {
			t.Logf("nginx: %s", text)
		}
	})
	for _, port := range []int{one, two} {
		for {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err == nil {
				_ = conn.Close()
				break
			}
			select {
			case err := <-done:
				t.Fatalf("nginx ended: %v: %s", err, out.String())
			case <-time.After(5 * time.Millisecond): // until it listens
			}
		}
	}
	return p
}

// reload has new workers take over; the old ones say goodbye to their
// connections.
func (p *proxy) reload(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
}

// transport speaks HTTP/2 where the server does.
func (p *proxy) transport(t *testing.T) *http.Transport {
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.roots}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// certificate writes a key and a certificate for loopback.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	now := time.Now()
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{"crt": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: secret}} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return roots
}

// protocol is the one that a response came by.
func protocol(url string) string {
	if strings.HasPrefix(url, "https:") {
		return "HTTP/2.0"
	}
	return "HTTP/1.1"
}
