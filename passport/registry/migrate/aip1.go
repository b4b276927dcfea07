package migrate

import (
	"io"
	"strings"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// AIP1 reads the answer of GET /api/passports: the list agents. A list revocations beside it, of agent_id, reason,
// revoked_at, suspended_until, is what the client keeps of agents that were revoked or suspended.
//
// An agent comes with its DID and a record of what it may do. There no allowed action, and a limit of zero, are
// without limit; here they are none.
func AIP1(from io.Reader, o Options) Records {
	return sections(from, map[string]section{
		"agents":      func(m member) []registry.ImportRecord { return []registry.ImportRecord{aip1Agent(m, o)} },
		"revocations": func(m member) []registry.ImportRecord { return []registry.ImportRecord{aip1Revocation(m)} },
	})
}

func aip1Agent(m member, o Options) registry.ImportRecord {
	p := &registry.ImportProfile{DID: m.text("id")}
	rec := registry.ImportRecord{
		ID: p.DID, CreatedAt: m.time("created_at"), Until: m.time("suspended_until"), Since: m.time("revoked_at"),
		Reason: m.text("reason"), Profile: p,
	}
	m.status(&rec)
	if m.flag("revoked") {
		rec.Status = registry.Revoked
	}
	m.behind("trust_score", "public_key", "total_intents", "successful_intents", "violations", "revocations")
	p.Name, p.Role, p.Controller = m.text("name"), "agent", registry.ControllerAPI
	if domain := m.text("domain"); p.DID != "did:web:"+domain+":agents:"+p.Name || strings.ContainsAny(p.Name, " \t:") {
		m.fail("id", "%.80q is not did:web:<domain>:agents:<name> of its domain and name", p.DID)
	}
	p.Framework = m.text("framework_id")
	p.Attestation.Framework = p.Framework
	for _, action := range m.texts("allowed_actions") {
		p.Authority.Capabilities = append(p.Authority.Capabilities, passport.Capability{Action: action})
	}
	if len(p.Authority.Capabilities) == 0 {
		m.note("allowed_actions: none is none here, and every action there")
	}
	p.Authority.DeniedActions = m.texts("denied_actions")
	currency := m.text("currency")
	if currency == "" {
		currency = o.Currency
	}
	if currency == "" {
		currency = "USD"
	}
	for _, limit := range []struct {
		name string
		per  passport.Period
	}{{"monetary_limit_txn", passport.PerTransaction}, {"monetary_limit_day", passport.PerDay}} {
		text := m.number(limit.name)
		if text == "" {
			continue
		}
		amount, err := passport.ParseMoney(text, currency)
		if err != nil {
			m.fail(limit.name, "%.40q: want a decimal amount of %.20q", text, currency)
			continue
		}
		if hi, lo := amount.Units(); hi == 0 && lo == 0 {
			m.note("%s: zero is zero here, and no limit there", limit.name)
		}
		p.Authority.SpendLimits = append(p.Authority.SpendLimits, passport.SpendLimit{Money: amount, Per: limit.per})
	}
	return m.done(rec)
}

func aip1Revocation(m member) registry.ImportRecord {
	rec := registry.ImportRecord{
		ID: m.text("agent_id"), Reason: m.text("reason"), Since: m.time("revoked_at"), Until: m.time("suspended_until"),
		Status: registry.Revoked, Became: &registry.ImportRef{Kind: "record"},
	}
	if !rec.Until.IsZero() {
		rec.Status = registry.Suspended
	}
	m.behind("revoked_by", "scope")
	return m.done(rec)
}
