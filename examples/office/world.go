package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/policy"
	scopes "github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
	"github.com/safeconduct/safeconduct/verify/score"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

type worldConfig struct {
	base  string
	now   func() time.Time
	log   *slog.Logger
	rates map[registry.Class]registry.Rate // nil: the usual ones
	key   *rsa.PrivateKey                  // of Grantex's tokens; nil: a new one
	keys  []did.Signer                     // of the office, the first of which signs; nil: a new did:key
}

// tenant is an organisation with one credential of each system.
type tenant struct {
	org                                  *registry.Org
	owner                                *registry.Owner
	person                               *did.KeyPair // the owner's own
	agent                                *registry.Agent
	grant                                *registry.Grant
	session, gx, kya, apk, orgKey, orgID string
	ak                                   string
}

// world is an office with two tenants. Who has logged in is made up; everything else is real.
type world struct {
	db      *sqlite.Store
	office  *registry.Registry
	server  *Server
	tenants []*tenant
}

func newWorld(ctx context.Context, c worldConfig) (w *world, err error) {
	w = &world{}
	// In memory: all of it is gone at the end, as the issuer's key is.
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = db.Close() // the first error is the one to tell
		}
	}()
	w.db = db
	if c.keys == nil {
		issuer, err := did.GenerateKey()
		if err != nil {
			return nil, err
		}
		c.keys = []did.Signer{issuer}
	}
	if c.key == nil {
		if c.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return nil, err
		}
	}
	limiter, err := limiters(c)
	if err != nil {
		return nil, err
	}
	edition := scopes.Current()
	w.office, err = registry.Open(registry.Config{
		Store: w.db.Registry(), Issuer: c.keys[0], Keys: c.keys[1:], BaseURL: c.base, Now: c.now,
		AgentScopes:    office.Scopes(edition),
		PassportPrefix: "urn:grantex:passport:", Limiter: limiter,
		Reputation: office.Reputation(w.db, score.Bayesian{}),
	})
	if err != nil {
		return nil, err
	}
	verifier := func(operations verify.Operations, rules ...verify.Rule) (*verify.Verifier, error) {
		ledger, err := office.Ledger(w.office, w.db.Ledger())
		if err != nil {
			return nil, err
		}
		return verify.New(verify.Config{
			Anchors:  []verify.Anchor{{Issuer: w.office.Issuer(), MaxAssurance: passport.L4FIN}},
			Resolver: did.ResolverFunc(w.resolve),
			Status:   w.office.Lists.Source(), Ledger: ledger, Now: c.now, Siblings: w.office.Consents,
			Operations: operations, Policy: rules, InsecureAllowBarePassports: true,
		})
	}
	// Nobody is refused for a score here; each decision is recorded with that of its moment (A8).
	reputation := verify.Rule{ID: "reputation", Check: func(verify.Facts) error { return nil }, Score: w.scoreOf}
	plain, err := verifier(nil, reputation)
	if err != nil {
		return nil, err
	}
	scoped, err := verifier(policy.Scopes{Registry: edition})
	if err != nil {
		return nil, err
	}
	judges := map[string]*Judge{}
	for _, id := range packs.IDs() {
		pack, err := packs.Published(id)
		if err != nil {
			return nil, err
		}
		v, err := verifier(nil, packRules(pack)...)
		if err != nil {
			return nil, err
		}
		judges[id] = &Judge{v, pack}
	}
	config := Config{
		Office: w.office, Store: store.Store(w.db), Verifier: plain, Now: c.now, Log: c.log, Session: w.session,
		Account: w.account,
		Gate:    &office.Gate{Office: w.office, Verifier: scoped, Scopes: edition, Now: c.now},
		URL:     c.base, Issuers: c.keys, TokenKey: c.key,
		Packs: judges, Money: registry.FlatMoney{Currency: "USD", Units: registry.MinorUnits},
	}
	for _, name := range []string{"Example Ltd", "Another Ltd"} {
		t, err := w.tenant(ctx, name, c.now())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		w.tenants = append(w.tenants, t)
		config.Orgs = append(config.Orgs, t.org.ID)
	}
	if w.server, err = NewServer(config); err != nil {
		return nil, err
	}
	return w, nil
}

// scoreOf is what an agent's record is worth at the moment of a decision.
func (w *world) scoreOf(f verify.Facts) (thousandths int, known bool) {
	h, err := w.db.History(context.Background(), f.Leaf().Agent.String())
	return score.Bayesian{}.Score(h, f.At).Thousandths(), err == nil
}

// resolve knows the office itself, by its keys of this moment, and keys that are their own names.
func (w *world) resolve(ctx context.Context, id did.DID) (*did.Document, error) {
	if id == w.office.Issuer() {
		return w.office.IssuerKeys.Document(ctx)
	}
	return did.KeyMethods().Resolve(ctx, id)
}

// limiters count calls at the rates of the four systems.
func limiters(c worldConfig) (registry.Limiter, error) {
	if c.rates == nil {
		c.rates = rates()
	}
	of := map[registry.Class]*verifyhttp.MemoryLimiter{}
	for class, rate := range c.rates {
		l, err := verifyhttp.NewMemoryLimiter(verifyhttp.MemoryLimiterOptions{
			Rate: verifyhttp.Rate(rate), Now: c.now,
		})
		if err != nil {
			return nil, err
		}
		of[class] = l
	}
	return func(ctx context.Context, class registry.Class, caller string) (registry.Quota, error) {
		l, ok := of[class]
		if !ok {
			return registry.Quota{}, fmt.Errorf("there is no rate for %s", class)
		}
		q, err := l.Take(ctx, caller)
		return registry.Quota(q), err
	}, nil
}

// session knows the two who have logged in.
func (w *world) session(_ context.Context, token string) (registry.Actor, bool) {
	for _, t := range w.tenants {
		if token == t.session {
			return t.org.Admin(), true
		}
	}
	return registry.Actor{}, false
}

// account has one legal entity for each owner, under the owner's id, and one application.
func (w *world) account(id string) string {
	for _, t := range w.tenants {
		if id == t.owner.ID {
			return t.owner.Principal()
		}
	}
	return ""
}

// tenant makes an organisation, what a passport stands on, and a credential of each system.
func (w *world) tenant(ctx context.Context, name string, now time.Time) (*tenant, error) {
	t := &tenant{session: registry.NewRequestID()}
	var err error
	if t.org, err = w.office.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: name}); err != nil {
		return nil, err
	}
	if t.org, err = w.office.Orgs.SetIssuesForOthers(ctx, registry.Root(), t.org.ID, true); err != nil {
		return nil, err
	}
	admin := t.org.Admin()
	agent, err := did.GenerateKey()
	if err != nil {
		return nil, err
	}
	if t.person, err = did.GenerateKey(); err != nil {
		return nil, err
	}
	t.agent, err = w.office.Agents.Create(ctx, admin, registry.NewAgent{Name: "buyer", DID: agent.DID()})
	if err != nil {
		return nil, err
	}
	if t.grant, err = w.office.Grants.Create(ctx, admin, registry.NewGrant{
		Agent: t.agent.ID, Principal: "mailto:ada@example.org", ExpiresAt: now.Add(30 * 24 * time.Hour),
		Scopes: []string{"payments:mpp:inference", "payments:mpp:compute"},
		Budget: passport.MustMoney("1000", "USDC"),
	}); err != nil {
		return nil, err
	}
	t.owner, err = w.office.Owners.Create(ctx, admin, registry.NewOwner{Name: "Ada", DID: t.person.DID()})
	if err != nil {
		return nil, err
	}
	key := func(kind registry.KeyKind, scopes ...registry.Scope) (id, secret string) {
		k, s, e := w.office.Keys.Create(ctx, admin, registry.NewKey{Kind: kind, Name: string(kind), Scopes: scopes})
		if e != nil {
			err = e
			return "", ""
		}
		return k.ID, s.Reveal()
	}
	_, t.gx = key(registry.KeyGrantex)
	_, t.kya = key(registry.KeyAIP1)
	_, t.apk = key(registry.KeyAPI, registry.ScopeIssue, registry.ScopeUpdate, registry.ScopeRead,
		registry.ScopeListAgents, registry.ScopeManageKeys)
	t.orgID, t.orgKey = key(registry.KeyOrg)
	if err != nil {
		return nil, err
	}
	will, err := passport.IssueManifestation(ctx, t.person, passport.Manifestation{
		StatementDigest: passport.Digest([]byte("I answer for what my agents do.")), ValidFrom: now.Add(-time.Minute),
	}, passport.IssueOptions{Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	ada := t.owner.Actor()
	if _, err = w.office.Consents.Give(ctx, ada, registry.Signing{Credentials: [][]byte{will.Bytes()}}); err != nil {
		return nil, err
	}
	_, ak, err := w.office.AgentKeys.Create(ctx, ada, registry.NewAgentKey{Name: "helper", Scopes: []string{
		scopes.VerifyRPN, scopes.EntityRead, scopes.EntityDocumentsRead, scopes.RegistrySearch, scopes.ApplicationRead,
		scopes.PersonDetailsRead, scopes.PersonResidencyRead, scopes.PersonIDVerificationRead, scopes.ApplicationCreate,
		scopes.ApplicationPay,
	}})
	t.ak = ak.Reveal()
	return t, err
}

// lines say how to call the office.
func (w *world) lines() (list []string) {
	for _, t := range w.tenants {
		list = append(list,
			t.org.Name+": "+t.org.ID,
			"  agent "+t.agent.ID+", grant "+t.grant.ID+", owner "+t.owner.ID,
			"  Grantex     Authorization: Bearer "+t.gx,
			"  AIP-1       X-API-Key: "+t.kya,
			"  APort       Authorization: Bearer "+t.apk,
			"  APort, org  Authorization: Bearer "+t.orgKey+"; x-org-key-id: "+t.orgID,
			"  e-Próspera  Authorization: Bearer "+t.ak,
			"  logged in   Authorization: Bearer "+t.session)
	}
	return list
}
