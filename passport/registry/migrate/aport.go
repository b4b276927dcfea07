package migrate

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// APort reads the answer of GET /api/passports: the list data. A list owners before it, of owner_id, owner_type,
// name and email, is the platform's own, of the accounts to which they belong.
//
// A passport comes as a record. It is a draft until it has an agent with a key, unless it names a did.
func APort(from io.Reader, o Options) Records {
	return sections(from, map[string]section{
		"owners": func(m member) []registry.ImportRecord { return []registry.ImportRecord{aportOwner(m)} },
		"data":   func(m member) []registry.ImportRecord { return []registry.ImportRecord{aportPassport(m, o)} },
	})
}

func aportOwner(m member) registry.ImportRecord {
	rec := registry.ImportRecord{ID: m.text("owner_id"), CreatedAt: m.time("created_at"), NewOwner: &registry.NewOwner{
		Name: m.text("name"), Email: m.text("email"), Type: registry.OwnerType(m.text("owner_type")),
	}}
	if rec.Status = registry.Active; m.text("status") != "" {
		m.status(&rec)
	}
	return m.done(rec)
}

func aportPassport(m member, o Options) registry.ImportRecord {
	p := &registry.ImportProfile{DID: m.text("did")}
	rec := registry.ImportRecord{
		ID: m.text("agent_id"), CreatedAt: m.time("created_at"), Since: m.time("suspended_at"),
		Reason: m.text("status_reason"), Profile: p,
	}
	m.status(&rec)
	p.Owner, p.Controller = m.text("owner_id"), registry.Controller(m.text("controller_type"))
	if p.Owner == "" {
		m.fail("owner_id", "it is needed")
	}
	p.Name, p.Role, p.Description = m.text("name"), m.text("role"), m.text("description")
	p.Contact, p.Framework, p.LogoURL = m.text("contact"), m.text("framework"), m.text("logo_url")
	p.Email, p.WebhookURL = m.text("email"), m.text("webhook_url")
	p.Categories, p.Authority.Regions = m.texts("categories"), m.texts("regions")
	m.decode("links", &p.Links)
	p.Authority.Capabilities = m.capabilities()
	if v, ok := m.get("limits"); ok {
		l, err := registry.ParseFlatLimits([]byte(v.Raw()), o.Money)
		if err != nil && m.wrong == nil {
			m.reading.wrong = wrong("limits", "what nothing here enforces does not come over").because(err)
		}
		p.Authority.Limits, p.Authority.SpendLimits = l.Limits, l.Spend
	}
	if level := m.text("assurance_level"); level != "" && level != "L0" {
		m.note("assurance_level: it is attested here, and never set")
	}
	if m.text("expires_at") != "" {
		m.fail("expires_at", "a record here does not end by itself: bring it without, and revoke it in time")
	}
	for _, name := range []string{"template_id", "parent_agent_id"} {
		if m.text(name) != "" {
			m.note("%s: it is a record of its own here", name)
		}
	}
	m.behind("owner_type", "owner_display", "passport_id", "instance_id", "issued_by", "claimed", "updated_at",
		"audit_id", "slug", "kind", "platform_id", "tenant_ref", "controller_id", "version", "version_number",
		"spec_version", "verification_status", "verification_method", "assurance_method", "assurance_verified_at",
		"canonical_hash", "registry_sig", "registry_key_id", "never_expires", "source")
	return m.done(rec)
}

// capabilities reads what an agent may do, with its parameters.
func (m member) capabilities() (list []passport.Capability) {
	var raw []struct {
		ID     string          `json:"id"`
		Params json.RawMessage `json:"params"`
	}
	if !m.decode("capabilities", &raw) {
		return nil
	}
	for _, k := range raw {
		c := passport.Capability{Action: k.ID}
		if len(k.Params) > 0 && string(k.Params) != "null" {
			c.Params = m.params(string(k.Params))
		}
		list = append(list, c)
	}
	return list
}

func (m member) params(text string) (list []passport.Param) {
	v, err := credential.ParseValue(text)
	if err != nil || !strings.HasPrefix(v.Raw(), "{") {
		m.fail("capabilities.params", "want an object")
		return nil
	}
	for name, value := range v.Members() {
		p := passport.Param{Name: name}
		if n, ok := value.Int(); ok {
			p.Kind, p.Int = passport.ParamMax, n
			if name == "max_per_minute" || name == "max_per_hour" || name == "max_per_day" {
				p.Kind = passport.ParamRate
			}
		} else if b, ok := value.Bool(); ok {
			p.Kind, p.Bool = passport.ParamBool, b
		} else if s, ok := value.LookupStr(); ok {
			p.Kind, p.Strings = passport.ParamStrings, []string{s}
		} else if err := json.Unmarshal([]byte(value.Raw()), &p.Strings); err == nil && len(p.Strings) > 0 {
			p.Kind = passport.ParamStrings
		} else {
			m.fail("capabilities.params", "%.40q: want a whole number, a boolean or texts", name)
		}
		list = append(list, p)
	}
	return list
}
