package registry

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/dnsname"
	"github.com/safeconduct/safeconduct/passport"
)

// AIP1 is the office by the names of AIP-1 (A1, A5, A17): an agent and its record are
// one thing there, named by a did:web.
type AIP1 struct{ r *Registry }

// NewAIP1 is what [AIP1.Create] makes an agent and its passport of.
type NewAIP1 struct {
	Org   string // zero: the actor's own
	Owner string // zero: the actor, if it is an owner, else the organisation

	Domain         string // needed, such as yourco.com
	AgentName      string // zero: a new one
	AllowedActions []string
	DeniedActions  []string
	// PerTransaction and PerDay are what the agent may spend, decimal texts of
	// Currency: monetary_limit_per_txn, monetary_limit_per_day. "0" is zero, and not
	// "unlimited". Empty: not stated; with neither it may pay nothing.
	PerTransaction, PerDay string
	Currency               string // zero: USD
	FrameworkID            string

	// Key is the agent's, whose private half the host keeps. Zero: a new one, which the
	// answer holds.
	Key       did.PublicKey
	ExpiresIn string // zero: 720h
}

// AIP1Agent is what was made.
type AIP1Agent struct {
	AgentID   string `json:"agent_id"`   // did:web:<domain>:agents:<name>
	PublicKey string `json:"public_key"` // base64 of its SPKI form
	Status    string `json:"status"`     // created

	// PrivateKey is the PEM (PKCS#8) of the new key. The office does not keep it. Zero,
	// if the host's key was taken.
	PrivateKey Secret `json:"-"`
	// Document is the DID document, for the domain to serve.
	Document *did.Document `json:"-"`
	Record   *Record       `json:"-"`
}

// Create makes an agent with its key and name, and a passport for it (A1). A second one
// of that name is refused with EXISTS. That the domain agrees is shown by the document
// that it serves, and by nothing here.
func (s *AIP1) Create(ctx context.Context, by Actor, n NewAIP1) (*AIP1Agent, error) {
	return once(ctx, s.r, by, "record.created", n, s.create, func(tx Tx, by Actor, id string) (*AIP1Agent, error) {
		if n.Key.IsZero() {
			return nil, shownOnce(id)
		}
		p, err := s.r.Records.find(tx, by, id, ScopeIssue)
		if err != nil {
			return nil, err
		}
		a, err := s.r.Agents.load(tx, p.Agent)
		if err != nil {
			return nil, err
		}
		return newAIP1Agent(a.DID, n.Key, p)
	})
}

// newAIP1Agent is the answer about an agent with a key.
func newAIP1Agent(id did.DID, key did.PublicKey, p *Record) (*AIP1Agent, error) {
	doc, err := did.NewDocument(did.DocumentOptions{ID: id, Keys: []did.DocumentKey{{
		Fragment: "keys-1", Key: key,
		Relationships: []did.Relationship{did.Authentication, did.AssertionMethod},
	}}})
	if err != nil {
		return nil, &Error{Code: BadRequest, Member: "Key", Detail: "it cannot be published", Err: err}
	}
	block, _ := pem.Decode(key.PEM())
	return &AIP1Agent{
		AgentID: id.String(), PublicKey: base64.StdEncoding.EncodeToString(block.Bytes), Status: "created",
		Document: doc, Record: p,
	}, nil
}

func (s *AIP1) create(ctx context.Context, by Actor, n NewAIP1) (*AIP1Agent, error) {
	org, owner, err := by.home(n.Org, n.Owner, ScopeIssue)
	if err != nil {
		return nil, err
	}
	id, name, err := n.name()
	if err != nil {
		return nil, err
	}
	authority, err := n.authority()
	if err != nil {
		return nil, err
	}
	key, private := n.Key, Secret{}
	if key.IsZero() {
		pair, err := did.GenerateKey()
		if err != nil {
			return nil, err
		}
		key, private = pair.PublicKey(), Secret{func() string { return string(pair.PrivatePEM()) }}
	}
	out, err := newAIP1Agent(id, key, nil)
	if err != nil {
		return nil, err
	}
	out.PrivateKey = private
	proto := Record{
		ID: newID("ap_", s.r.now()), Org: org, IssuedBy: org, Owner: owner, Controller: ControllerAPI,
		Profile: Profile{
			Name: name, Role: "agent", Framework: n.FrameworkID, Authority: authority,
			Attestation: passport.Attestation{Framework: n.FrameworkID},
		},
		ExpiresIn: n.ExpiresIn, Claimed: true,
	}
	if owner == "" {
		proto.Owner = org
	}
	if by.owner != "" {
		proto.IssuedBy = by.owner
	}
	if err := proto.begin(Active); err != nil {
		return nil, err
	}
	agent := newID(agentPrefix, s.r.now())
	made, err := s.r.Records.write(ctx, by, func(tx Tx, w *writing) error {
		p := proto
		o, err := s.r.Owners.named(tx, org, p.Owner)
		if err != nil {
			return err
		}
		if o.Version == 0 {
			w.owner = o
		}
		p.Owner, p.Assured, p.Agent, w.bare = o.ID, o.Assured, agent, true
		w.agent = &Agent{ID: agent, Org: org, Owner: owner, Name: name, DID: id, CreatedAt: w.at, Status: Active}
		if owner != "" {
			w.agent.Owner = o.ID
		}
		w.event, w.data = "record.created", map[string]any{"owner": p.Owner, "agent": agent, "did": id}
		return w.put(tx, &p, nil)
	})
	if err != nil {
		return nil, err
	}
	out.Record = made.Record
	return out, nil
}

// name returns the DID and the name of a new agent.
func (n *NewAIP1) name() (id did.DID, name string, err error) {
	if name = n.AgentName; name == "" {
		var b [8]byte
		_, _ = rand.Read(b[:]) // it does not fail
		name = "agent-" + hex.EncodeToString(b[:])
	}
	for _, part := range []struct{ member, text, may string }{
		{"Domain", n.Domain, "abcdefghijklmnopqrstuvwxyz0123456789.-"},
		{"AgentName", name, "abcdefghijklmnopqrstuvwxyz0123456789._-"},
	} {
		if part.text == "" || len(part.text) > 100 || strings.Trim(part.text, part.may) != "" {
			return id, "", refuse(BadRequest, part.member, "%.80q: want 1 to 100 of %s", part.text, part.may)
		}
	}
	// What no resolver of did:web looks up would never prove that it is the agent.
	if name == "." || name == ".." {
		return id, "", refuse(BadRequest, "AgentName", "%q: want a name, which is a part of a path", name)
	}
	if err := dnsname.Check(n.Domain); err != nil {
		return id, "", &Error{Code: BadRequest, Member: "Domain", Detail: "want a domain, such as yourco.com", Err: err}
	}
	if id, err = did.Parse("did:web:" + n.Domain + ":agents:" + name); err != nil {
		return id, "", &Error{Code: BadRequest, Member: "Domain", Detail: "want a domain, such as yourco.com", Err: err}
	}
	return id, name, nil
}

// authority is what the actions and limits allow.
func (n *NewAIP1) authority() (a passport.Authority, err error) {
	for _, action := range n.AllowedActions {
		a.Capabilities = append(a.Capabilities, passport.Capability{Action: action})
	}
	a.DeniedActions = n.DeniedActions
	currency := n.Currency
	if currency == "" {
		currency = "USD"
	}
	for _, limit := range []struct {
		member, amount string
		per            passport.Period
	}{{"PerTransaction", n.PerTransaction, passport.PerTransaction}, {"PerDay", n.PerDay, passport.PerDay}} {
		if limit.amount == "" {
			continue
		}
		amount, err := passport.ParseMoney(limit.amount, currency)
		if err != nil {
			e := refuse(BadRequest, limit.member, "want a decimal amount of %.20q", currency)
			e.Err = err
			return a, e
		}
		a.SpendLimits = append(a.SpendLimits, passport.SpendLimit{Money: amount, Per: limit.per})
	}
	return a, nil
}

// find returns the agent of a DID, and the newest record of it, if it has one.
func (s *AIP1) find(tx Tx, by Actor, org, agentID string, scope Scope) (*Agent, *Record, error) {
	if err := by.needs(scope); err != nil {
		return nil, nil, err
	}
	if org == "" {
		org = by.org
	}
	id, err := did.Parse(agentID)
	if err != nil {
		return nil, nil, unknown("agent")
	}
	known, err := whose(tx, kindAgent, org, id)
	if err != nil {
		return nil, nil, err
	}
	_, a, err := s.r.Agents.find(tx, by, known, scope)
	if err != nil {
		return nil, nil, err
	}
	docs, err := tx.Find(Query{Kind: kindRecord, Name: "agent", Value: a.ID, Newest: true, Limit: 1})
	if err != nil || len(docs) == 0 {
		return a, nil, err
	}
	p, err := s.r.Records.load(tx, docs[0].ID)
	if err != nil {
		return nil, nil, err
	}
	return a, p, s.r.Records.judge(tx, p)
}

// AIP1Standing is the answer of AIP-1 to revoke, suspend and reinstate (A5).
type AIP1Standing struct {
	AgentID        string    `json:"agent_id"`
	Status         Status    `json:"status"`
	Reason         string    `json:"reason,omitempty"`
	SuspendedUntil time.Time `json:"suspended_until,omitzero"`
	Reinstated     bool      `json:"reinstated,omitempty"`
	Note           string    `json:"note,omitempty"`
}

// Revoke revokes an agent by its DID, and every passport of it, for ever.
func (s *AIP1) Revoke(ctx context.Context, by Actor, org, agentID, reason string) (*AIP1Standing, error) {
	return s.change(ctx, by, org, agentID, func(id string) (*Agent, string, error) {
		a, err := s.r.Agents.Revoke(ctx, by, id, reason)
		return a, "", err
	})
}

// Suspend suspends an agent by its DID, for an hour where nothing else is said.
func (s *AIP1) Suspend(ctx context.Context, by Actor, org, agentID string, how Suspension) (*AIP1Standing, error) {
	return s.change(ctx, by, org, agentID, func(id string) (*Agent, string, error) {
		a, err := s.r.Agents.Suspend(ctx, by, id, how)
		return a, "", err
	})
}

// Reinstate is [Agents.Reinstate] by the DID.
func (s *AIP1) Reinstate(ctx context.Context, by Actor, org, agentID, reason string) (*AIP1Standing, error) {
	out, err := s.change(ctx, by, org, agentID, func(id string) (*Agent, string, error) {
		a, err := s.r.Agents.Reinstate(ctx, by, id, reason)
		if err != nil {
			return nil, "", err
		}
		note := ""
		if a.Reopened {
			note = "its passports stay revoked: renew its record"
		}
		return a.Agent, note, nil
	})
	if err == nil {
		out.Reinstated = true
	}
	return out, err
}

func (s *AIP1) change(
	ctx context.Context, by Actor, org, agentID string, f func(id string) (*Agent, string, error),
) (*AIP1Standing, error) {
	var id string
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		a, _, err := s.find(tx, by, org, agentID, ScopeUpdate)
		if err == nil {
			id = a.ID
		}
		return err
	}); err != nil {
		return nil, err
	}
	a, note, err := f(id)
	if err != nil {
		return nil, err
	}
	return &AIP1Standing{
		AgentID: a.DID.String(), Status: a.Status, Reason: a.Reason, SuspendedUntil: a.SuspendedUntil, Note: note,
	}, nil
}
