package main

import (
	"time"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// aportRecord is a record as APort shows it. Amounts are in minor units.
type aportRecord struct {
	AgentID        string              `json:"agent_id"`
	InstanceID     string              `json:"instance_id,omitempty"`
	TemplateID     string              `json:"template_id,omitempty"`
	Name           string              `json:"name"`
	Role           string              `json:"role,omitempty"`
	Description    string              `json:"description,omitempty"`
	OwnerID        string              `json:"owner_id"`
	Controller     registry.Controller `json:"controller_type"`
	IssuedBy       string              `json:"issued_by"`
	Claimed        bool                `json:"claimed"`
	Contact        string              `json:"contact,omitempty"`
	Email          string              `json:"email,omitempty"`
	WebhookURL     string              `json:"webhook_url,omitempty"`
	Capabilities   []capabilityView    `json:"capabilities"`
	Limits         map[string]any      `json:"limits"`
	Regions        []string            `json:"regions"`
	Categories     []string            `json:"categories,omitempty"`
	Framework      string              `json:"framework,omitempty"`
	Links          *aportLinks         `json:"links,omitempty"`
	LogoURL        string              `json:"logo_url,omitempty"`
	Status         registry.Status     `json:"status"`
	AssuranceLevel passport.Level      `json:"assurance_level"`
	PassportID     string              `json:"passport_id,omitempty"` // "": nothing is signed yet
	CreatedAt      time.Time           `json:"created_at"`
	UpdatedAt      time.Time           `json:"updated_at"`
	AuditID        string              `json:"audit_id,omitempty"`
}

type capabilityView struct {
	ID     string         `json:"id"`
	Params map[string]any `json:"params,omitempty"`
}

func view(p *registry.Record) aportRecord {
	v := aportRecord{
		AgentID: p.ID, TemplateID: p.Template, Name: p.Name, Role: p.Role, Description: p.Description, OwnerID: p.Owner,
		Controller: p.Controller, IssuedBy: p.IssuedBy, Claimed: p.Claimed, Contact: p.Contact,
		Email: p.Email, WebhookURL: p.WebhookURL,
		Capabilities: []capabilityView{}, Limits: limitsOf(p), Regions: p.Authority.Regions,
		Categories: p.Categories, Framework: p.Framework, LogoURL: p.LogoURL, Status: p.Status,
		AssuranceLevel: p.Level(), PassportID: p.Passport, CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.UpdatedAt.UTC(),
		AuditID: p.AuditID,
	}
	if p.Template != "" {
		v.InstanceID = p.ID
	}
	if v.Regions == nil {
		v.Regions = []string{}
	}
	if p.Links != (registry.Links{}) {
		v.Links = (*aportLinks)(&p.Links)
	}
	for _, k := range p.Authority.Capabilities {
		shown := capabilityView{ID: k.Action}
		for _, x := range k.Params {
			if shown.Params == nil {
				shown.Params = map[string]any{}
			}
			switch x.Kind {
			case passport.ParamBool:
				shown.Params[x.Name] = x.Bool
			case passport.ParamStrings:
				shown.Params[x.Name] = x.Strings
			default:
				shown.Params[x.Name] = x.Int
			}
		}
		v.Capabilities = append(v.Capabilities, shown)
	}
	return v
}

// flatOf writes limits as APort does.
func flatOf(a *passport.Authority) map[string]any {
	m := map[string]any{}
	for _, l := range a.Limits {
		if l.Kind == passport.LimitAllow {
			m[l.Name] = l.Bool
			continue
		}
		m[l.Name] = l.Int
	}
	for _, l := range a.SpendLimits {
		if l.Action != "finance.payment.refund" {
			continue
		}
		switch l.Per {
		case passport.PerTransaction:
			m["refund_amount_max_per_tx"] = minor(l.Money)
		case passport.PerDay:
			m["refund_amount_daily_cap"] = minor(l.Money)
		}
	}
	return m
}

// minor is an amount in minor units.
func minor(m passport.Money) number { return number(m.AtomicUnits()) }

// MarshalJSON writes the number by its text.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }
