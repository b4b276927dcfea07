package main

import (
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// success is how APort answers; what was changed is beside it after an update.
type success struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

// aportKey is the answer to a new key (P1).
type aportKey struct {
	KeyID     string           `json:"key_id"`
	Key       string           `json:"key"` // once
	OwnerID   string           `json:"owner_id"`
	OwnerType string           `json:"owner_type"`
	Scopes    []registry.Scope `json:"scopes"`
	CreatedAt time.Time        `json:"created_at"`
	Name      string           `json:"name"`
}

// P1. The owner is the organisation itself or an owner that it knows.
func aportKeyCreate(c *call) (any, error) {
	var q struct {
		OwnerID   string           `json:"owner_id"`
		OwnerType string           `json:"owner_type"`
		Scopes    []registry.Scope `json:"scopes"`
		Name      string           `json:"name"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	n := registry.NewKey{Name: q.Name, Scopes: q.Scopes}
	switch q.OwnerType {
	case "org":
		n.Org = q.OwnerID
	case "user":
		n.Owner = q.OwnerID
	default:
		return nil, badRequest("owner_type", "want org or user")
	}
	if q.OwnerID == "" {
		return nil, badRequest("owner_id", "it is needed")
	}
	k, secret, err := c.Office.Keys.Create(c.ctx(), c.once(), n)
	if err != nil {
		return nil, err
	}
	return success{true, aportKey{k.ID, secret.Reveal(), q.OwnerID, q.OwnerType, q.Scopes, k.CreatedAt, k.Name}}, nil
}

// P2.
func aportOrgKey(c *call) (any, error) {
	k, secret, err := c.Office.Keys.Create(c.ctx(), c.once(), registry.NewKey{
		Org: c.r.PathValue("id"), Kind: registry.KeyOrg, Name: "org key",
	})
	if err != nil {
		return nil, err
	}
	type data struct {
		OrgKeyID string `json:"org_key_id"`
		Secret   string `json:"secret"`
		OrgID    string `json:"org_id"`
	}
	return struct {
		OK   bool `json:"ok"`
		Data data `json:"data"`
	}{true, data{k.ID, secret.Reveal(), k.Org}}, nil
}

// aportProvider is a provider of assurance as APort writes it.
type aportProvider struct {
	Type  string         `json:"type"`
	Level passport.Level `json:"assurance_level"`
	Proof struct {
		Standard string `json:"standard"`
	} `json:"proof"`
}

// P3.
func aportProviders(c *call) (any, error) {
	var q struct {
		AssuranceProvider []aportProvider `json:"assuranceProvider"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	var list []registry.Provider
	for _, p := range q.AssuranceProvider {
		list = append(list, registry.Provider{Type: p.Type, Level: p.Level, Standard: p.Proof.Standard})
	}
	org, err := c.Office.Orgs.SetProviders(c.ctx(), c.by, c.r.PathValue("id"), list)
	if err != nil {
		return nil, err
	}
	out := []aportProvider{}
	for _, p := range org.Providers {
		shown := aportProvider{Type: p.Type, Level: p.Level}
		shown.Proof.Standard = p.Standard
		out = append(out, shown)
	}
	return success{true, map[string]any{"org_id": org.ID, "assuranceProvider": out}}, nil
}

// P8: an org key pauses and resumes an agent's passport of its organisation, and says to whom the host writes about it.
func aportOrgUpdate(c *call) (any, error) {
	var q struct {
		AgentID    string          `json:"agent_id"`
		Status     registry.Status `json:"status"`
		Email      *string         `json:"email"`
		Contact    *string         `json:"contact"`
		WebhookURL *string         `json:"webhook_url"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	patch := registry.Patch{
		Version: registry.AnyVersion, Contact: q.Contact, Email: q.Email, WebhookURL: q.WebhookURL,
	}
	switch q.Status {
	case registry.Active, registry.Suspended:
		patch.Status = &q.Status
	case "":
	default:
		return nil, badRequest("status", "want active or suspended")
	}
	if _, err := c.ownOrg(); err != nil {
		return nil, err
	}
	before, err := c.Office.Records.Get(c.ctx(), c.by, q.AgentID)
	if err != nil {
		return nil, err
	}
	if patch.Status != nil && before.Status != registry.Active && before.Status != registry.Suspended {
		return nil, refuse(registry.InvalidTransition, 0, "it is %s: an org key pauses and resumes", before.Status)
	}
	made, err := c.Office.Records.Update(c.ctx(), c.by, q.AgentID, patch)
	if err != nil {
		return nil, err
	}
	return map[string]any{"ok": true, "data": view(made.Record)}, nil
}

// P8: an org key pauses and resumes its organisation.
func aportOrgStatus(c *call) (any, error) {
	var q struct {
		Status registry.Status `json:"status"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	change := c.Office.Orgs.Pause
	switch q.Status {
	case registry.Active:
		change = c.Office.Orgs.Resume
	case registry.Suspended:
	default:
		return nil, badRequest("status", "want active or suspended")
	}
	// The organisation is that of the key.
	org, err := c.ownOrg()
	if err != nil {
		return nil, err
	}
	if _, err := change(c.ctx(), c.by, org, ""); err != nil {
		return nil, err
	}
	return map[string]any{"ok": true, "data": map[string]any{"org_id": org, "status": q.Status}}, nil
}

// ownOrg returns the organisation that an org key is of; no other credential serves (P16).
func (c *call) ownOrg() (string, error) {
	for _, id := range c.Orgs {
		if c.r.Header.Get("X-Org-Key-Id") == "" {
			break
		}
		if o, err := c.Office.Orgs.Get(c.ctx(), c.by, id); err == nil {
			return o.ID, nil
		}
	}
	return "", refuse(registry.Forbidden, 0, "it is for a key of an organisation")
}
