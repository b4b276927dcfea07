package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// grantexAgent is an agent as Grantex shows it.
type grantexAgent struct {
	AgentID         string          `json:"agentId"`
	DID             string          `json:"did"`
	DeveloperID     string          `json:"developerId"`
	Name            string          `json:"name"`
	Description     string          `json:"description"`
	Scopes          []string        `json:"scopes"`
	RedirectURIs    []string        `json:"redirectUris"`
	ResourceServers []string        `json:"resourceServers"`
	PublicJWK       json.RawMessage `json:"publicJwk"`
	Status          string          `json:"status"`
	StatusReason    *string         `json:"statusReason"`
	RetiredAt       *string         `json:"retiredAt"`
	CreatedAt       string          `json:"createdAt"`
	UpdatedAt       string          `json:"updatedAt"`
}

// retired is what Grantex calls an agent that is revoked.
const retired = "retired"

// deleted is the reason of an agent that its developer has deleted. It reads as unknown from then on; the audit log
// keeps it.
const deleted = "deleted by its developer"

func agentView(a *registry.Agent) grantexAgent {
	v := grantexAgent{
		AgentID: a.ID, DID: a.DID.String(), DeveloperID: a.Org, Name: a.Name, Description: a.Description,
		Scopes: a.Scopes, RedirectURIs: []string{}, ResourceServers: []string{}, Status: string(a.Status),
		CreatedAt: instant(a.CreatedAt), UpdatedAt: instant(a.CreatedAt),
	}
	if v.Scopes == nil {
		v.Scopes = []string{}
	}
	if !a.UpdatedAt.IsZero() {
		v.UpdatedAt = instant(a.UpdatedAt)
	}
	if a.Reason != "" {
		v.StatusReason = &a.Reason
	}
	if a.Status == registry.Revoked {
		at := instant(a.RevokedAt)
		v.Status, v.RetiredAt = retired, &at
	}
	if text, ok := strings.CutPrefix(v.DID, "did:key:"); ok {
		if key, err := did.ParseMultikey(text); err == nil {
			v.PublicJWK = key.JWK()
		}
	}
	return v
}

// agentBody is what clients send to make and to change an agent.
type agentBody struct {
	Name            *string         `json:"name"`
	Description     *string         `json:"description"`
	Scopes          *[]string       `json:"scopes"`
	Status          *string         `json:"status"`
	StatusReason    string          `json:"statusReason"`
	RedirectURIs    []string        `json:"redirectUris"`
	ResourceServers []string        `json:"resourceServers"`
	PublicJWK       json.RawMessage `json:"publicJwk"`
}

// read reads the body, and refuses what is the host's.
func (q *agentBody) read(c *call) error {
	if err := c.decode(q); err != nil {
		return err
	}
	if len(q.RedirectURIs) > 0 {
		return badRequest("redirectUris", "this office sends nobody to another page: the consent screen is the host's")
	}
	if len(q.ResourceServers) > 0 {
		return badRequest("resourceServers", "tokens of this office name no audience")
	}
	return nil
}

// G1: an agent. Without a key of its own it has one that nobody knows: its passports serve whoever holds them, as
// Grantex's do.
func grantexAgentCreate(c *call) (any, error) {
	var q agentBody
	if err := q.read(c); err != nil {
		return nil, err
	}
	n := registry.NewAgent{}
	if q.Name == nil || strings.TrimSpace(*q.Name) == "" {
		return nil, badRequest("name", "it is needed")
	}
	n.Name = *q.Name
	if q.Description != nil {
		n.Description = *q.Description
	}
	if q.Scopes != nil {
		n.Scopes = *q.Scopes
	}
	if q.Status != nil && *q.Status != string(registry.Active) {
		return nil, badRequest("status", "want active: this office has no drafts of agents")
	}
	key, err := q.key()
	if err != nil {
		return nil, err
	}
	if n.DID, err = did.NewKeyDID(key); err != nil {
		return nil, badRequest("publicJwk", "%v", err)
	}
	by := c.once()
	if len(q.PublicJWK) == 0 { // the key is another each time
		by = c.by
	}
	a, err := c.Office.Agents.Create(c.ctx(), by, n)
	if err != nil {
		return nil, err
	}
	return agentView(a), nil
}

// key is the agent's own, or one that is thrown away.
func (q *agentBody) key() (did.PublicKey, error) {
	if text := string(q.PublicJWK); text != "" && text != "null" {
		key, err := did.ParsePublicJWK(q.PublicJWK)
		if err != nil {
			return key, badRequest("publicJwk", "%v", err)
		}
		return key, nil
	}
	pair, err := did.GenerateKey()
	if err != nil {
		return did.PublicKey{}, err
	}
	return pair.PublicKey(), nil
}

// theAgent returns the agent that the path names.
func (c *call) theAgent() (*registry.Agent, error) {
	a, err := c.Office.Agents.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err == nil && a.Status == registry.Revoked && a.Reason == deleted {
		return nil, refuse(registry.NotFound, 0, "there is no such agent")
	}
	return a, err
}

func grantexAgentGet(c *call) (any, error) {
	a, err := c.theAgent()
	if err != nil {
		return nil, err
	}
	return agentView(a), nil
}

func grantexAgentList(c *call) (any, error) {
	q := registry.AgentQuery{Cursor: c.q["cursor"]}
	var err error
	if q.Limit, err = c.page(); err != nil {
		return nil, err
	}
	page, err := c.Office.Agents.List(c.ctx(), c.by, q)
	if err != nil {
		return nil, err
	}
	c.next(page.Next)
	list := []grantexAgent{}
	for _, a := range page.Items {
		if a.Status != registry.Revoked || a.Reason != deleted {
			list = append(list, agentView(a))
		}
	}
	return struct {
		Agents []grantexAgent `json:"agents"`
	}{list}, nil
}

// page is the size of a page of Grantex, whose clients do not know that there is a next one: as large as there is.
func (c *call) page() (int, error) {
	if c.q["limit"] == "" {
		return 200, nil
	}
	return most(c.q["limit"])
}

// A5: suspended for an agent and every passport of it; retired is for good.
func grantexAgentUpdate(c *call) (any, error) {
	var q agentBody
	if err := q.read(c); err != nil {
		return nil, err
	}
	if len(q.PublicJWK) > 0 {
		return nil, badRequest("publicJwk", "an agent with another key is another agent: register it")
	}
	if q.Name == nil && q.Description == nil && q.Scopes == nil && q.Status == nil {
		return nil, badRequest("body", "there is nothing to update")
	}
	a, err := c.theAgent()
	if err != nil {
		return nil, err
	}
	change, err := c.standing(a, &q)
	if err != nil {
		return nil, err
	}
	patch := registry.AgentPatch{Name: q.Name, Description: q.Description, Scopes: q.Scopes}
	if patch != (registry.AgentPatch{}) {
		if a, err = c.Office.Agents.Update(c.ctx(), c.by, a.ID, patch); err != nil {
			return nil, err
		}
	}
	if change != nil {
		if a, err = change(); err != nil {
			return nil, err
		}
	}
	return agentView(a), nil
}

// standing returns what changes the status of an agent; nil if nothing does.
func (c *call) standing(a *registry.Agent, q *agentBody) (func() (*registry.Agent, error), error) {
	if q.Status == nil {
		return nil, nil
	}
	agents, reason := c.Office.Agents, q.StatusReason
	now := agentView(a).Status
	cannot := &registry.Error{
		Code: "AGENT_STATUS_TRANSITION", Status: 409,
		Detail: "an agent that is " + now + " does not become " + *q.Status,
	}
	switch want := *q.Status; {
	case want != "active" && want != "suspended" && want != retired:
		return nil, badRequest("status", "want active, suspended or retired")
	case want == now:
		return nil, nil
	case now == retired:
		return nil, cannot
	case want == retired:
		return func() (*registry.Agent, error) { return agents.Revoke(c.ctx(), c.by, a.ID, reason) }, nil
	case want == "suspended":
		how := registry.Suspension{For: -time.Second, Reason: reason} // until somebody resumes it
		return func() (*registry.Agent, error) { return agents.Suspend(c.ctx(), c.by, a.ID, how) }, nil
	}
	return func() (*registry.Agent, error) { return agents.Resume(c.ctx(), c.by, a.ID, reason) }, nil
}

// grantexAgentDelete revokes an agent and all its passports.
func grantexAgentDelete(c *call) (any, error) {
	a, err := c.theAgent()
	if err != nil {
		return nil, err
	}
	if a.Status == registry.Revoked {
		return nil, &registry.Error{
			Code: "AGENT_STATUS_TRANSITION", Status: 409,
			Detail: "it is retired, which is for good, and stays on record",
		}
	}
	_, err = c.Office.Agents.Revoke(c.ctx(), c.by, a.ID, deleted)
	return nil, err
}
