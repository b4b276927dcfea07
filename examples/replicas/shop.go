package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/postgres"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// openLedger is all that makes a replica of a shop: the ledger is one that others
// have, too.
func openLedger(ctx context.Context, where string) (store.Ledger, io.Closer) {
	if strings.Contains(where, "://") {
		s := must(postgres.Open(ctx, where, postgres.Options{}))
		return s.Ledger(), s
	}
	s := must(sqlite.Open(ctx, where, sqlite.Options{}))
	return s.Ledger(), s
}

// serve is a process of the shop. It says its address, and ends with whoever has
// started it.
func serve(name, where, lists string, issuer did.DID) {
	ledger, closer := openLedger(context.Background(), where)
	defer closer.Close()
	guard := must(verifyhttp.NewGuard(verifyhttp.GuardConfig{
		Audience: audience,
		Verifier: must(verify.New(verify.Config{
			Anchors: []verify.Anchor{{Issuer: issuer}}, Resolver: did.KeyMethods(), Status: statuslist.Dir(lists),
			Ledger: ledger, Payments: []string{"payments.*"},
		})),
		Request: func(r *http.Request) (verify.Request, error) {
			return verify.Request{Act: passport.Act{
				Action: "payments.charge", Amount: passport.MustMoney(price, "EUR"), Resource: r.URL.Path,
			}}, nil
		},
	}))
	charge := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "charged by", name) })
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the other end is closed
		_ = listener.Close()
	}()
	_ = http.Serve(listener, guard.Handler(charge)) // until the listener is closed
}

// shop is two processes behind one listener, which are asked in turns.
type shop struct {
	address   string
	listener  net.Listener
	processes []*exec.Cmd
}

func open(folder, ledger string, issuer did.DID) *shop {
	s := &shop{listener: must(net.Listen("tcp", "127.0.0.1:0"))}
	s.address = s.listener.Addr().String()
	var behind []string
	for _, name := range []string{"left", "right"} {
		p := exec.Command(must(os.Executable()), "-replica", name, "-ledger", ledger, "-lists", folder, "-issuer", issuer.String())
		p.Stderr = os.Stderr
		must(p.StdinPipe()) // closed when this process ends
		said := must(p.StdoutPipe())
		check(p.Start())
		s.processes = append(s.processes, p)
		behind = append(behind, strings.TrimSpace(must(bufio.NewReader(said).ReadString('\n'))))
	}
	var n atomic.Uint64
	balancer := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", behind[n.Add(1)%uint64(len(behind))]
	}}
	go func() { _ = http.Serve(s.listener, balancer) }() // until kill
	return s
}

// kill ends the processes as a crash would.
func (s *shop) kill() {
	_ = s.listener.Close()
	for _, p := range s.processes {
		_ = p.Process.Kill()
		_ = p.Wait() // it was killed
	}
}
