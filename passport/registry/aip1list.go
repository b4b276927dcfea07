package registry

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// AIP1History are the counts of AIP-1 for an agent (A17).
type AIP1History struct {
	TotalIntents      int64 `json:"total_intents"`
	SuccessfulIntents int64 `json:"successful_intents"`
	Violations        int64 `json:"violations"`
	Revocations       int64 `json:"revocations"`
}

// AIP1Entry is an agent as AIP-1 lists it (A17).
type AIP1Entry struct {
	ID             string       `json:"id"` // its DID
	Domain         string       `json:"domain"`
	Name           string       `json:"name"`
	Status         Status       `json:"status"`
	TrustScore     float64      `json:"trust_score"`
	AllowedActions []string     `json:"allowed_actions"`
	DeniedActions  []string     `json:"denied_actions,omitempty"`
	MonetaryLimit  json.Number  `json:"monetary_limit_txn"` // none stated: "", in JSON 0; nothing may be paid
	Currency       string       `json:"currency,omitempty"`
	Revoked        bool         `json:"revoked"`
	History        *AIP1History `json:"history,omitempty"` // of [AIP1.Get]
}

// AIP1Page is a page of agents.
type AIP1Page struct {
	Agents []*AIP1Entry `json:"agents"`
	Total  int          `json:"total"` // of this page; Next goes on
	Next   string       `json:"next,omitempty"`
}

// Reputation is how an agent has behaved.
type Reputation struct {
	Score                         float64 // from 0, nothing speaks for it, to 1
	Total, Successful, Violations int64   // acts
}

// ReputationFunc tells how an agent, by its DID, has behaved, which the office has
// revoked so often. Package verify/office has one.
type ReputationFunc func(ctx context.Context, agent string, revocations int64, at time.Time) (Reputation, error)

// List returns the agents of an organisation or an owner, the newest first (A17).
func (s *AIP1) List(ctx context.Context, by Actor, q RecordQuery) (page AIP1Page, err error) {
	records, err := s.r.Records.List(ctx, by, q)
	if err != nil {
		return page, err
	}
	page.Agents, page.Next = []*AIP1Entry{}, records.Next
	for _, p := range records.Items {
		if p.Agent == "" {
			continue
		}
		var e *AIP1Entry
		if err := s.r.config.Store.View(ctx, func(tx Tx) error {
			a, err := s.r.Agents.load(tx, p.Agent)
			if err == nil {
				e = entryOf(a, p)
			}
			return err
		}); err != nil {
			return page, err
		}
		if err := s.score(ctx, e); err != nil {
			return page, err
		}
		e.History = nil
		page.Agents = append(page.Agents, e)
	}
	page.Total = len(page.Agents)
	return page, nil
}

// Get returns an agent by its DID, with its history (A17).
func (s *AIP1) Get(ctx context.Context, by Actor, org, agentID string) (e *AIP1Entry, err error) {
	if err := s.r.config.Store.View(ctx, func(tx Tx) error {
		a, p, err := s.find(tx, by, org, agentID, ScopeRead)
		if err == nil {
			e = entryOf(a, p)
		}
		return err
	}); err != nil {
		return nil, err
	}
	return e, s.score(ctx, e)
}

// entryOf shows an agent, and a record of it, if it has one.
func entryOf(a *Agent, p *Record) *AIP1Entry {
	e := &AIP1Entry{
		ID: a.DID.String(), Name: a.Name, Status: a.Status, Revoked: a.Status == Revoked,
		AllowedActions: []string{}, History: &AIP1History{},
	}
	if rest, ok := strings.CutPrefix(e.ID, "did:web:"); ok {
		e.Domain, _, _ = strings.Cut(rest, ":")
	}
	e.History.Revocations = a.Revocations
	if p == nil {
		return e
	}
	if e.Status == Active {
		e.Status = p.Status
	}
	e.Revoked = e.Status == Revoked
	for _, c := range p.Authority.Capabilities {
		e.AllowedActions = append(e.AllowedActions, c.Action)
	}
	e.DeniedActions = p.Authority.DeniedActions
	for _, l := range p.limits().Spend {
		if l.Per == passport.PerTransaction && l.Action == "" {
			e.MonetaryLimit, e.Currency = json.Number(l.Money.Amount()), l.Money.Currency()
		}
	}
	return e
}

// score fills in what the verifiers know of an agent.
func (s *AIP1) score(ctx context.Context, e *AIP1Entry) error {
	if s.r.config.Reputation == nil {
		return nil
	}
	rep, err := s.r.config.Reputation(ctx, e.ID, e.History.Revocations, s.r.now())
	if err != nil {
		return err
	}
	e.TrustScore = rep.Score
	e.History.TotalIntents, e.History.Violations = rep.Total, rep.Violations
	e.History.SuccessfulIntents = rep.Successful
	return nil
}
