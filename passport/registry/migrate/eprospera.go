package migrate

import (
	"io"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// EProspera reads what a portal has of agent keys: the lists owners, consents, agent_keys and personal_keys, in this
// order. consents are what owners have signed with their own keys, Manifestations of Will and acceptances, each with
// its owner and credential. Of an agent key there is the hash of its handle, sha256: and 64 digits of hex, and never
// the handle. A personal key never comes over: no agent may have one.
func EProspera(from io.Reader, _ Options) Records {
	return sections(from, map[string]section{
		"owners":     func(m member) []registry.ImportRecord { return []registry.ImportRecord{ownerOf(m)} },
		"consents":   func(m member) []registry.ImportRecord { return []registry.ImportRecord{consentOf(m)} },
		"agent_keys": func(m member) []registry.ImportRecord { return []registry.ImportRecord{agentKeyOf(m)} },
		"personal_keys": func(m member) []registry.ImportRecord {
			rec := registry.ImportRecord{ID: m.text("id")}
			m.fail("id", "a personal key stays with its owner: no agent may have one")
			return []registry.ImportRecord{m.done(rec)}
		},
	})
}

func ownerOf(m member) registry.ImportRecord {
	n := &registry.NewOwner{Type: registry.OwnerUser, Name: m.text("name"), Email: m.text("email")}
	rec := registry.ImportRecord{ID: m.text("id"), CreatedAt: m.time("created_at"), NewOwner: n}
	if m.status(&rec); m.text("did") != "" {
		if err := n.DID.UnmarshalText([]byte(m.text("did"))); err != nil {
			m.fail("did", "want a DID, whose keys sign for the owner")
		}
	}
	m.behind("residency")
	return m.done(rec)
}

func consentOf(m member) registry.ImportRecord {
	c := &registry.ImportConsent{Owner: m.text("owner")}
	rec := registry.ImportRecord{Since: m.time("withdrawn_at"), Reason: m.text("reason"), Consent: c}
	if rec.Status = registry.Active; !rec.Since.IsZero() {
		rec.Status = registry.Revoked
	}
	if v, ok := m.get("credential"); ok {
		c.Credential, rec.ID = v.Raw(), v.Get("id").Str()
	} else {
		m.fail("credential", "it is needed, as the owner has signed it")
	}
	return m.done(rec)
}

func agentKeyOf(m member) registry.ImportRecord {
	k := &registry.ImportAgentKey{Hash: m.text("hash"), ExpiresAt: m.time("expires_at")}
	k.Owner, k.Name, k.Scopes, k.Consent = m.text("owner"), m.text("name"), m.texts("scopes"), m.text("consent")
	rec := registry.ImportRecord{
		ID: m.text("id"), CreatedAt: m.time("created_at"), Since: m.time("revoked_at"), Reason: m.text("reason"),
		AgentKey: k,
	}
	m.status(&rec)
	m.behind("last_used_at", "prefix")
	return m.done(rec)
}
