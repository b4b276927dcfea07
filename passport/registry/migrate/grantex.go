package migrate

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// Grantex reads the answers of GET /v1/agents, /v1/grants, /v1/passports and /v1/keys: the lists agents, grants,
// passports and apiKeys, in this order. Three members are the host's:
//
//   - a list keys before them, of agentId and did: there an agent has no key, here a passport is bound to one, so each
//     agent, or whoever runs it, makes a key and says its DID;
//   - budget of a grant, the answer of GET /v1/budget/balance/<grant>;
//   - credential of a passport, the answer of GET /v1/passport/<id>: one that is active is issued anew, for what is
//     left of its life. Without it the passport comes as a record of what was issued there.
func Grantex(from io.Reader, o Options) Records {
	keys := map[string]string{}
	return sections(from, map[string]section{
		"keys": func(m member) []registry.ImportRecord {
			id, key := m.text("agentId"), m.text("did")
			if rec := m.done(registry.ImportRecord{ID: id}); rec.Wrong != nil {
				return []registry.ImportRecord{rec}
			}
			keys[id] = key
			return nil
		},
		"agents":    func(m member) []registry.ImportRecord { return []registry.ImportRecord{grantexAgent(m, keys)} },
		"grants":    func(m member) []registry.ImportRecord { return []registry.ImportRecord{grantexGrant(m)} },
		"passports": func(m member) []registry.ImportRecord { return []registry.ImportRecord{grantexPassport(m)} },
		"apiKeys":   func(m member) []registry.ImportRecord { return []registry.ImportRecord{grantexKey(m)} },
	})
}

func grantexAgent(m member, keys map[string]string) registry.ImportRecord {
	a := &registry.NewAgent{Name: m.text("name"), Description: m.text("description"), Scopes: m.texts("scopes")}
	rec := registry.ImportRecord{
		ID: m.text("agentId"), CreatedAt: m.time("createdAt"), Reason: m.text("statusReason"), NewAgent: a,
	}
	if m.status(&rec); rec.Status == registry.Suspended || rec.Status == registry.Revoked {
		rec.Since = m.time("updatedAt")
	}
	if m.text("retiredAt") != "" {
		rec.Status, rec.Since = registry.Revoked, m.time("retiredAt")
	}
	m.behind("did", "developerId", "redirectUris", "resourceServers", "updatedAt", "publicJwk")
	id, err := did.Parse(keys[rec.ID])
	if a.DID = id; err != nil {
		m.fail("did", "no key of the agent is known: add it to the list keys")
	}
	return m.done(rec)
}

func grantexGrant(m member) registry.ImportRecord {
	g := &registry.ImportGrant{NewGrant: registry.NewGrant{
		Agent: m.text("agentId"), Scopes: m.texts("scopes"), ExpiresAt: m.time("expiresAt"),
		Parent: m.text("parentGrantId"),
	}}
	rec := registry.ImportRecord{
		ID: m.text("grantId"), CreatedAt: m.time("issuedAt"), Since: m.time("revokedAt"), Grant: g,
	}
	m.status(&rec)
	// A principal is free text there, and its DID in passports is this.
	if p := m.text("principalId"); strings.ContainsAny(p, " \t\r\n") || p == "" {
		m.fail("principalId", "%.80q cannot be named in a passport", p)
	} else if g.Principal = "did:grantex:" + p; strings.Contains(p, ":") {
		g.Principal = p
	}
	var b struct{ ID, GrantID, DeveloperID, InitialBudget, RemainingBudget, Currency, CreatedAt, UpdatedAt string }
	if m.decode("budget", &b) {
		initial, err := passport.ParseMoney(b.InitialBudget, b.Currency)
		left, other := passport.ParseMoney(b.RemainingBudget, b.Currency)
		spent, ok := initial.Sub(left)
		if err != nil || other != nil || !ok {
			m.fail("budget", "want decimal amounts, of which no more remains than there was")
		}
		if g.Budget, g.Spent = initial, spent; nothing(initial) {
			m.fail("budget", "a budget of zero is none")
		}
	}
	m.behind("agentDid", "developerId", "delegationDepth")
	return m.done(rec)
}

func nothing(m passport.Money) bool { hi, lo := m.Units(); return hi == 0 && lo == 0 }

func grantexPassport(m member) registry.ImportRecord {
	p := &registry.ImportPassport{Issuer: "did:web:grantex.dev", ExpiresAt: m.time("expiresAt")}
	p.Agent, p.Grant = m.text("agentId"), m.text("grantId")
	rec := registry.ImportRecord{ID: m.text("passportId"), CreatedAt: m.time("createdAt"), Passport: p}
	m.status(&rec)
	if v, ok := m.get("credential"); ok {
		p.Anew, p.Credential = true, v.Raw()
		if issuer := v.Get("issuer").Str(); issuer != "" {
			p.Issuer = issuer
		}
		if v.Get("id").Str() != rec.ID {
			m.fail("credential", "it is of another passport, %.80q", v.Get("id").Str())
		}
		m.subject(v.Get("credentialSubject"), p)
	}
	return m.done(rec)
}

// subject reads what a passport allows.
func (m member) subject(v credential.Value, p *registry.ImportPassport) {
	var s struct {
		AllowedMPPCategories []string
		PaymentRails         []string
		MaxTransactionAmount struct {
			Amount   json.Number
			Currency string
		}
		ParentPassportID string
	}
	if err := json.Unmarshal([]byte(v.Raw()), &s); err != nil {
		m.fail("credential", "its subject cannot be read: %v", err)
		return
	}
	p.Categories, p.Rails, p.Parent = s.AllowedMPPCategories, s.PaymentRails, s.ParentPassportID
	most, err := passport.ParseMoney(s.MaxTransactionAmount.Amount.String(), s.MaxTransactionAmount.Currency)
	if p.MaxTransaction = most; err != nil {
		m.fail("maxTransactionAmount", "%.40q: want a decimal amount of a currency", s.MaxTransactionAmount.Amount)
	}
}

func grantexKey(m member) registry.ImportRecord {
	k := &registry.ImportKey{Hash: m.text("keyHash")}
	k.Kind, k.Name = registry.KeyGrantex, m.text("name")
	k.Scopes = []registry.Scope{registry.ScopeIssue, registry.ScopeListAgents, registry.ScopeRead, registry.ScopeUpdate}
	rec := registry.ImportRecord{ID: m.text("id"), CreatedAt: m.time("createdAt"), Since: m.time("revokedAt"), Key: k}
	if rec.Status = registry.Active; !rec.Since.IsZero() {
		rec.Status = registry.Revoked
	}
	if m.text("mode") == "test" {
		m.fail("mode", "a key of the sandbox is not one of this office")
	}
	m.behind("keyPrefix", "lastUsedAt", "developerId")
	return m.done(rec)
}
