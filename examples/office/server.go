package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// Config is what a Server stands on.
type Config struct {
	Office *registry.Registry
	Store  store.Store
	// Verifier judges the passports of the office as they are, without a presentation: whoever asks is the host.
	Verifier *verify.Verifier
	Gate     *office.Gate
	Packs    map[string]*Judge // by the ids of policy packs
	// Session returns who has logged in and got a token. Log-in is the host's; ok is false for what is no token.
	Session func(ctx context.Context, token string) (by registry.Actor, ok bool)
	// Account returns whose account a person's resource belongs to, by its id; "" for one that does not exist.
	Account func(id string) string
	// Money says what a bare amount counts in the limits of APort (P4). Zero: such a limit is refused.
	Money registry.FlatMoney
	// URL is where the server is reached, without a slash at its end, such as https://office.example. Tokens and
	// passports of Grantex name their issuer by it.
	URL string
	// Issuers are the keys of the office: Issuer and Keys of its configuration. The one that signs passports signs
	// APort's decisions, too; it is an Ed25519 key. TokenKey is an RSA key for Grantex's tokens and passports, which
	// its clients want signed with RS256.
	Issuers  []did.Signer
	TokenKey crypto.Signer
	// MostCounted is how many things are read for one answer, such as a page that has a number, or counts of all
	// agents. Whoever has more is told so. Zero: 10,000.
	MostCounted int
	// Orgs are the ids of the organisations that an org key may be of.
	Orgs []string
	Now  func() time.Time
	Log  *slog.Logger
}

// Judge is a verifier that has a policy pack as a rule.
type Judge struct {
	*verify.Verifier
	pack *packs.Pack
}

// Server serves the calls of the four systems, each below its own name: /grantex/v1/…, /aip1/api/…, /aport/api/…,
// /eprospera/api/v1/…. It is safe for concurrent use.
type Server struct {
	Config
	mux       *http.ServeMux
	tokens    *signingKey
	published statuslist.Source // of the office

	mu     sync.Mutex
	agents map[string][]string  // the ids of records, by the DID of their agent
	lists  map[string]*wornList // of Grantex, by their ids
}

// NewServer makes a Server. It has no state of its own but an index, which Index fills again.
func NewServer(c Config) (*Server, error) {
	s := &Server{Config: c, mux: http.NewServeMux(), agents: map[string][]string{}, lists: map[string]*wornList{}}
	s.published = c.Office.Lists.Source()
	var err error
	if s.tokens, err = rsaKey(c.TokenKey); err != nil {
		return nil, fmt.Errorf("the key of Grantex's tokens: %w", err)
	}
	if _, err := s.decisionKey(context.Background()); err != nil {
		return nil, fmt.Errorf("the key of the issuer: %w", err)
	}
	for _, rt := range routes() {
		for _, pattern := range rt.patterns() {
			s.mux.Handle(pattern, s.serve(rt))
		}
	}
	for _, sys := range systems {
		s.mux.Handle(sys.prefix(), s.unknown(sys)) // else ServeMux redirects
		s.mux.Handle(sys.prefix()+"/", s.unknown(sys))
	}
	s.mux.Handle("/", s.unknown(grantex))
	return s, nil
}

// ServeHTTP serves one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// ServeMux would answer such a path with a redirection.
	if p := r.URL.Path; r.Method == http.MethodConnect || !clean(p) {
		s.unknown(systemOf(p)).ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// clean reports whether a path has no empty segment, no dots and no slash at its end.
func clean(p string) bool { return path.Clean("/"+p) == p }

// HTTPServer returns a server with time limits and a cap on header fields.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
}

// counted refuses to read on for one answer. To count takes as long as to list it all, and whoever asks pays nothing
// for it.
func (s *Server) counted(n int, what, instead string) error {
	if most := cmp.Or(s.MostCounted, 10_000); n > most {
		return refuse("TOO_MANY", http.StatusBadRequest, "there are more than %d %s, which are not counted: %s", most,
			what, instead)
	}
	return nil
}

// call is one call as its handler sees it.
type call struct {
	*Server
	r  *http.Request
	w  http.ResponseWriter
	by registry.Actor
	q  map[string]string // the parameters of the query
}

func (c *call) ctx() context.Context { return c.r.Context() }

// serve turns a row of the table into a handler: who asks, how often, then what it is about.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Server: s, r: r, w: w}
		if err := s.admit(c, rt); err != nil {
			s.fail(w, r, rt.system, err)
			return
		}
		if rt.do == nil {
			s.fail(w, r, rt.system, refuse(notBuilt, http.StatusNotImplemented,
				"this office does not have the call %s %s", r.Method, rt.path))
			return
		}
		err := single(r.Header)
		if err != nil {
			s.fail(w, r, rt.system, err)
			return
		}
		if c.q, err = query(r, strings.Fields(rt.query)); err != nil {
			s.fail(w, r, rt.system, err)
			return
		}
		got, err := rt.do(c)
		if err != nil {
			s.fail(w, r, rt.system, err)
			return
		}
		if rt.ok == http.StatusNoContent {
			w.WriteHeader(rt.ok)
			return
		}
		s.write(w, max(rt.ok, http.StatusOK), got)
	})
}

// admit finds out who calls, and counts the call (A16). Strangers are counted by their address.
func (s *Server) admit(c *call, rt route) error {
	var by registry.Actor
	var err error
	if !rt.public() {
		by, err = rt.system.auth(c)
	}
	who := by.String()
	known := err == nil && who != nobody
	if c.by = by; !known {
		c.by, who = registry.Actor{}, origin(c.r)
	}
	quota, limited := s.Office.Admit(c.ctx(), rt.class(known), who)
	for name, value := range quota.Fields() {
		c.w.Header().Set(name, value)
	}
	if limited != nil {
		return limited
	}
	return err
}

// unknown answers what is not in the table: another method of a path that is there with 405, all else with 404.
func (s *Server) unknown(sys system) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt := route{system: sys, method: r.Method}
		if err := s.admit(&call{Server: s, r: r, w: w}, rt); codeOf(err) == registry.RateLimited {
			s.fail(w, r, sys, err)
			return
		}
		if allow := s.methods(r); len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			err := refuse(methodNotAllowed, http.StatusMethodNotAllowed, "want %s", strings.Join(allow, " or "))
			s.fail(w, r, sys, err)
			return
		}
		s.fail(w, r, sys, refuse(registry.NotFound, 0, "there is no such call"))
	})
}

// methods returns the methods that the table has for a path.
func (s *Server) methods(r *http.Request) (list []string) {
	if !clean(r.URL.Path) {
		return nil // the mux would make another path of it
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			list = append(list, method)
		}
	}
	return list
}

// fail answers with an error in the shape of the system. What is not for the caller goes to the log alone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, sys system, err error) {
	if e := (*gateError)(nil); errors.As(err, &e) {
		s.write(w, e.status, e.shown())
		return
	}
	v := registry.P12View(sys.worded(err), "")
	w.Header().Set("X-Request-Id", v.RequestID)
	if v.Code == registry.Internal {
		s.Log.ErrorContext(r.Context(), "call failed", "system", sys, "request", v.RequestID, "err", err)
	}
	s.write(w, v.Status, sys.shape(v))
}

func (s *Server) write(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		s.Log.Error("an answer could not be written", "err", err)
		status, v = http.StatusInternalServerError, nil
		b.Reset()
	}
	if w.Header().Get("Content-Type") == "" || status >= 300 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked has gone
}

// know adds a record to the index.
func (s *Server) know(did, record string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.agents[did], record) {
		s.agents[did] = append(s.agents[did], record)
	}
}

// recordOf returns the record of an agent by its DID, for who may see it. Two tenants may each have an agent of one
// DID: each sees its own.
func (c *call) recordOf(did string) (*registry.Record, error) {
	c.mu.Lock()
	ids := slices.Clone(c.agents[did])
	c.mu.Unlock()
	for _, id := range slices.Backward(ids) {
		p, err := c.Office.Records.Get(c.ctx(), c.by, id)
		if codeOf(err) == registry.NotFound {
			continue
		}
		return p, err
	}
	return nil, refuse(registry.NotFound, 0, "there is no such agent")
}

// Index fills the index from the records of an organisation, after a restart.
func (s *Server) Index(ctx context.Context, org *registry.Org) error {
	q := registry.RecordQuery{Limit: 200}
	for {
		page, err := s.Office.Records.List(ctx, org.Admin(), q)
		if err != nil {
			return err
		}
		for _, p := range slices.Backward(page.Items) {
			if p.Agent == "" {
				continue
			}
			a, err := s.Office.Agents.Get(ctx, org.Admin(), p.Agent)
			if err != nil {
				return err
			}
			s.know(a.DID.String(), p.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

var _ http.Handler = (*Server)(nil)
