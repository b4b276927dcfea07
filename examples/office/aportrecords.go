package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// aportCapability is a capability as APort writes it.
type aportCapability struct {
	ID     string          `json:"id"`
	Params json.RawMessage `json:"params,omitempty"`
}

func (k aportCapability) read() (passport.Capability, error) {
	out := passport.Capability{Action: k.ID}
	if len(k.Params) == 0 || string(k.Params) == "null" {
		return out, nil
	}
	v, err := credential.ParseValue(string(k.Params))
	if err != nil || !strings.HasPrefix(v.Raw(), "{") {
		return out, badRequest("capabilities.params", "want an object")
	}
	for name, m := range v.Members() {
		p := passport.Param{Name: name}
		if n, ok := m.Int(); ok {
			p.Kind, p.Int = passport.ParamMax, n
			if name == "max_per_minute" || name == "max_per_hour" || name == "max_per_day" {
				p.Kind = passport.ParamRate
			}
		} else if b, ok := m.Bool(); ok {
			p.Kind, p.Bool = passport.ParamBool, b
		} else if err := json.Unmarshal([]byte(m.Raw()), &p.Strings); err == nil && len(p.Strings) > 0 {
			p.Kind = passport.ParamStrings
		} else if s, ok := m.LookupStr(); ok {
			p.Kind, p.Strings = passport.ParamStrings, []string{s}
		} else {
			return out, badRequest("capabilities.params."+clip(name), "want a whole number, a boolean or texts")
		}
		out.Params = append(out.Params, p)
	}
	return out, nil
}

func capabilities(list []aportCapability) (out []passport.Capability, err error) {
	for _, k := range list {
		one, err := k.read()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// aportLinks are links as APort writes them.
type aportLinks struct {
	Homepage string `json:"homepage,omitempty"`
	Docs     string `json:"docs,omitempty"`
	Repo     string `json:"repo,omitempty"`
}

// aportProfile is what create and issue-for say of an agent.
type aportProfile struct {
	Name         string            `json:"name"`
	Role         string            `json:"role"`
	Description  string            `json:"description"`
	Contact      string            `json:"contact"`
	Capabilities []aportCapability `json:"capabilities"`
	Limits       json.RawMessage   `json:"limits"`
	Regions      []string          `json:"regions"`
	Categories   []string          `json:"categories"`
	Framework    string            `json:"framework"`
	Links        aportLinks        `json:"links"`
	LogoURL      string            `json:"logo_url"`
}

// flat reads limits. What a bare amount counts is the server's to say (P4).
func (c *call) flat(text json.RawMessage) (registry.Limits, error) {
	if len(text) == 0 || string(text) == "null" {
		return registry.Limits{}, nil
	}
	flat, blocks, err := splitLimits(text)
	if err != nil {
		return registry.Limits{}, err
	}
	l, err := registry.ParseFlatLimits(flat, c.Money)
	if err != nil {
		return l, err
	}
	err = blocks.into(&l)
	return l, err
}

func (c *call) profile(q *aportProfile) (p registry.Profile, err error) {
	p = registry.Profile{
		Name: q.Name, Role: q.Role, Description: q.Description, Contact: q.Contact, Categories: q.Categories,
		Framework: q.Framework, Links: registry.Links(q.Links), LogoURL: q.LogoURL,
	}
	if p.Authority.Capabilities, err = capabilities(q.Capabilities); err != nil {
		return p, err
	}
	limits, err := c.flat(q.Limits)
	if err != nil {
		return p, err
	}
	p.Authority.Limits, p.Authority.SpendLimits, p.Authority.Regions = limits.Limits, limits.Spend, q.Regions
	p.Extensions = limits.Extensions
	return p, nil
}

// P4.
func aportCreate(c *call) (any, error) {
	var q struct {
		aportProfile
		OwnerID    string              `json:"owner_id"`
		Controller registry.Controller `json:"controller_type"`
		Status     registry.Status     `json:"status"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	p, err := c.profile(&q.aportProfile)
	if err != nil {
		return nil, err
	}
	made, err := c.Office.Records.Create(c.ctx(), c.once(), registry.NewRecord{
		Owner: q.OwnerID, Controller: q.Controller, Profile: p, Status: q.Status,
	})
	if err != nil {
		return nil, err
	}
	return c.shownRecord(made.Record)
}

// hosted gives an active record an agent whose key is not kept: the office itself answers for it, from its passport.
func (c *call) hosted(p *registry.Record) (*registry.Record, error) {
	if p.Agent == "" && p.Status == registry.Active && p.Claimed {
		key, err := did.GenerateKey()
		if err != nil {
			return nil, err
		}
		owner := p.Owner
		if owner == p.Org {
			owner = ""
		}
		a, err := c.Office.Agents.Create(c.ctx(), registry.Root(), registry.NewAgent{
			Org: p.Org, Owner: owner, Name: p.Name, DID: key.DID(),
		})
		if err != nil {
			return nil, err
		}
		made, err := c.Office.Records.Update(c.ctx(), registry.Root(), p.ID, registry.Patch{
			Version: p.Version, Agent: &a.ID,
		})
		if err != nil {
			return nil, err
		}
		p = made.Record
	}
	return p, nil
}

// shownRecord is the answer to what makes a record.
func (c *call) shownRecord(p *registry.Record) (any, error) {
	p, err := c.hosted(p)
	if err != nil {
		return nil, err
	}
	return success{true, view(p)}, nil
}

// P5: bare.
func aportIssueFor(c *call) (any, error) {
	var q struct {
		aportProfile
		PendingOwner struct {
			Email       string `json:"email"`
			DisplayName string `json:"display_name"`
		} `json:"pending_owner"`
		Assurance struct {
			Type  string         `json:"type"`
			Level passport.Level `json:"assurance_level"`
			Proof struct {
				VerificationID string    `json:"verification_id"`
				VerifiedAt     time.Time `json:"verified_at"`
			} `json:"proof"`
		} `json:"assurance"`
		Status registry.Status `json:"status"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	p, err := c.profile(&q.aportProfile)
	if err != nil {
		return nil, err
	}
	made, err := c.Office.Records.IssueFor(c.ctx(), c.once(), registry.NewForOwner{
		Org: c.r.PathValue("id"), Pending: registry.PendingOwner(q.PendingOwner), Profile: p, Status: q.Status,
		Assurance: registry.Attestation{
			Type: q.Assurance.Type, Level: q.Assurance.Level, Proof: registry.Proof(q.Assurance.Proof),
		},
	})
	if err != nil {
		return nil, err
	}
	return view(made.Record), nil
}

// P6.
func aportInstance(c *call) (any, error) {
	var q struct {
		PlatformID   string              `json:"platform_id"`
		TenantRef    string              `json:"tenant_ref"`
		ControllerID string              `json:"controller_id"`
		Controller   registry.Controller `json:"controller_type"`
		Overrides    struct {
			Limits  json.RawMessage `json:"limits"`
			Regions *[]string       `json:"regions"`
			Status  registry.Status `json:"status"`
			Contact *string         `json:"contact"`
			Links   *aportLinks     `json:"links"`
		} `json:"overrides"`
		AgentData struct {
			Name         *string         `json:"name"`
			Description  *string         `json:"description"`
			Capabilities *[]string       `json:"capabilities"`
			Limits       json.RawMessage `json:"limits"`
			Regions      *[]string       `json:"regions"`
			Level        passport.Level  `json:"assurance_level"`
		} `json:"agent_data"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	n := registry.NewInstance{
		Template: c.r.PathValue("id"), Controller: q.Controller,
		Tenant: registry.Tenant{Platform: q.PlatformID, Ref: q.TenantRef, Controller: q.ControllerID},
		Overrides: registry.Overrides{
			Regions: q.Overrides.Regions, Status: q.Overrides.Status, Contact: q.Overrides.Contact,
			Links: (*registry.Links)(q.Overrides.Links),
		},
		Data: registry.InstanceData{
			Name: q.AgentData.Name, Description: q.AgentData.Description, Capabilities: q.AgentData.Capabilities,
			Regions: q.AgentData.Regions, Level: q.AgentData.Level,
		},
	}
	for _, l := range []struct {
		text json.RawMessage
		to   **registry.Limits
	}{{q.Overrides.Limits, &n.Overrides.Limits}, {q.AgentData.Limits, &n.Data.Limits}} {
		if len(l.text) == 0 || string(l.text) == "null" {
			continue
		}
		limits, err := c.flat(l.text)
		if err != nil {
			return nil, err
		}
		*l.to = &limits
	}
	made, err := c.Office.Records.Instantiate(c.ctx(), c.once(), n)
	if err != nil {
		return nil, err
	}
	return c.shownRecord(made.Record)
}

// P7: each member that is given takes the place of all that was there.
func aportUpdate(c *call) (any, error) {
	var q struct {
		Name         *string            `json:"name"`
		Description  *string            `json:"description"`
		Contact      *string            `json:"contact"`
		Links        *aportLinks        `json:"links"`
		Framework    *string            `json:"framework"`
		Categories   *[]string          `json:"categories"`
		LogoURL      *string            `json:"logo_url"`
		Capabilities *[]aportCapability `json:"capabilities"`
		Limits       json.RawMessage    `json:"limits"`
		Regions      *[]string          `json:"regions"`
		Status       *registry.Status   `json:"status"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	patch := registry.Patch{
		Version: registry.AnyVersion, Name: q.Name, Description: q.Description, Contact: q.Contact,
		Links: (*registry.Links)(q.Links), Framework: q.Framework, Categories: q.Categories, LogoURL: q.LogoURL,
		Regions: q.Regions, Status: q.Status,
	}
	if q.Capabilities != nil {
		list, err := capabilities(*q.Capabilities)
		if err != nil {
			return nil, err
		}
		patch.Capabilities = &list
	}
	if len(q.Limits) > 0 && string(q.Limits) != "null" {
		limits, err := c.flat(q.Limits)
		if err != nil {
			return nil, err
		}
		patch.Limits = &limits
	}
	made, err := c.Office.Records.Update(c.ctx(), c.by, c.r.PathValue("id"), patch)
	if err != nil {
		return nil, err
	}
	p, err := c.hosted(made.Record)
	if err != nil {
		return nil, err
	}
	changes := made.Changes
	if changes == nil {
		changes = []registry.FieldChange{}
	}
	return struct {
		Data    aportRecord            `json:"data"`
		Changes []registry.FieldChange `json:"changes"`
	}{view(p), changes}, nil
}

// P9.
func aportGet(c *call) (any, error) {
	p, err := c.Office.Records.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return success{true, view(p)}, nil
}

// aportView is what the published middleware asks for: the passport by itself.
func aportView(c *call) (any, error) {
	p, err := c.Office.Records.Get(c.ctx(), c.by, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return view(p), nil
}

// P9.
func aportList(c *call) (any, error) {
	limit, err := most(c.q["limit"])
	if err != nil {
		return nil, err
	}
	page, err := c.Office.Records.List(c.ctx(), c.by, registry.RecordQuery{
		Owner: c.q["owner_id"], Status: registry.Status(c.q["status"]), Cursor: c.q["cursor"], Limit: limit,
	})
	if err != nil {
		return nil, err
	}
	c.next(page.Next)
	list := []aportRecord{}
	for _, p := range page.Items {
		list = append(list, view(p))
	}
	return success{true, list}, nil
}
