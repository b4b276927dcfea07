package main

import (
	"net/http"
	"strings"
)

// route is a row of the table.
type route struct {
	system       system
	method, path string                   // method "": any, of the path and of all that is below it
	row          string                   // of docs/systems.md; –: of none
	ok           int                      // the status of success; 0: 200
	do           func(*call) (any, error) // nil: refused by name
	query        string                   // the parameters that it takes
}

// patterns are those of http.ServeMux.
func (rt route) patterns() []string {
	path := rt.system.prefix() + rt.path
	if rt.method == "" {
		return []string{path, path + "/{rest...}"}
	}
	return []string{rt.method + " " + path}
}

// public reports whether anybody may make the call: keys, and what is published for verifiers.
func (rt route) public() bool {
	return strings.HasPrefix(rt.path, "/.well-known/") || strings.HasPrefix(rt.path, "/v1/credentials/status/") ||
		rt.path == "/jwks.json"
}

// routes is every call that this office knows. What a client of the four systems can ask for beside it, and is not
// built, is in it without a handler.
func routes() []route {
	const (
		GET, POST, PUT = http.MethodGet, http.MethodPost, http.MethodPut
		PATCH, DELETE  = http.MethodPatch, http.MethodDelete
		any            = ""
		created, none  = http.StatusCreated, http.StatusNoContent
	)
	return []route{
		{grantex, POST, "/v1/passport/issue", "G1", created, grantexIssue, ""},
		{grantex, GET, "/v1/passport/{id}", "G3", 0, grantexGet, ""},
		{grantex, POST, "/v1/passport/{id}/revoke", "G4", 0, grantexRevoke, ""},
		{grantex, GET, "/v1/passports", "G5", 0, grantexList, "agentId grantId status cursor limit"},
		{grantex, POST, "/v1/agents", "G1", created, grantexAgentCreate, ""},
		{grantex, GET, "/v1/agents", "G1", 0, grantexAgentList, "cursor limit"},
		{grantex, GET, "/v1/agents/{id}", "G1", 0, grantexAgentGet, ""},
		{grantex, PATCH, "/v1/agents/{id}", "G1", 0, grantexAgentUpdate, ""},
		{grantex, POST, "/v1/agents/{id}", "G1", 0, grantexAgentUpdate, ""}, // as the client of Python sends it
		{grantex, DELETE, "/v1/agents/{id}", "G1", none, grantexAgentDelete, ""},
		{grantex, POST, "/v1/authorize", "G7", created, grantexAuthorize, ""},
		{grantex, POST, "/v1/token", "G7", created, grantexToken, ""},
		{grantex, POST, "/v1/token/refresh", "G7", created, grantexRefresh, ""},
		{grantex, GET, "/v1/grants", "G7", 0, grantexGrantList,
			"agentId principalId status page pageSize cursor limit"},
		{grantex, GET, "/v1/grants/{id}", "G7", 0, grantexGrantGet, ""},
		{grantex, DELETE, "/v1/grants/{id}", "G7", none, grantexGrantRevoke, ""},
		{grantex, POST, "/v1/grants/delegate", "G7", created, grantexDelegate, ""},
		{grantex, POST, "/v1/grants/verify", "G9", 0, grantexGrantVerify, ""},
		{grantex, POST, "/v1/tokens/verify", "G9", 0, grantexTokenVerify, ""},
		{grantex, POST, "/v1/tokens/revoke", "G9", none, grantexTokenRevoke, ""},
		{grantex, POST, "/v1/budget/allocate", "G8", created, grantexAllocate, ""},
		{grantex, POST, "/v1/budget/debit", "G8", 0, grantexDebit, ""},
		{grantex, GET, "/v1/budget/balance/{id}", "G8", 0, grantexBalance, ""},
		{grantex, GET, "/v1/budget/allocations", "G8", 0, grantexAllocations, "cursor limit"},
		{grantex, GET, "/v1/budget/transactions/{id}", "G8", 0, grantexTransactions, "page pageSize"},
		// What the published clients can ask for beside it.
		{grantex, any, "/v1/agents/{id}/keys", "G1", 0, nil, ""},
		{grantex, any, "/v1/authorize/{id}", "host", 0, nil, ""},
		{grantex, any, "/v1/principal", "host", 0, nil, ""},
		{grantex, any, "/v1/principal-sessions", "host", 0, nil, ""},
		{grantex, any, "/v1/me", "host", 0, nil, ""},
		{grantex, any, "/v1/keys", "host", 0, nil, ""},
		{grantex, any, "/v1/developers", "host", 0, nil, ""},
		{grantex, any, "/v1/billing", "host", 0, nil, ""},
		{grantex, any, "/v1/sso", "host", 0, nil, ""},
		{grantex, any, "/v1/scim", "host", 0, nil, ""},
		{grantex, any, "/v1/webauthn", "host", 0, nil, ""},
		{grantex, any, "/v1/webhooks", "host", 0, nil, ""},
		{grantex, any, "/v1/audit", "–", 0, nil, ""},
		{grantex, any, "/v1/events", "–", 0, nil, ""},
		{grantex, any, "/v1/usage", "–", 0, nil, ""},
		{grantex, any, "/v1/policies", "–", 0, nil, ""},
		{grantex, any, "/v1/anomalies", "–", 0, nil, ""},
		{grantex, any, "/v1/irregularities", "–", 0, nil, ""},
		{grantex, any, "/v1/compliance", "–", 0, nil, ""},
		{grantex, any, "/v1/dpdp", "–", 0, nil, ""},
		{grantex, GET, "/v1/credentials", "–", 0, nil, ""},
		{grantex, GET, "/v1/credentials/{id}", "–", 0, nil, ""},
		{grantex, POST, "/v1/credentials/verify", "–", 0, nil, ""},
		{grantex, POST, "/v1/credentials/present", "–", 0, nil, ""},
		{grantex, any, "/v1/decisions", "–", 0, nil, ""},
		{grantex, any, "/v1/revocations", "–", 0, nil, ""},
		{grantex, any, "/v1/registry", "–", 0, nil, ""},
		{grantex, any, "/v1/trust-registry", "–", 0, nil, ""},
		{grantex, any, "/v1/domains", "–", 0, nil, ""},
		{grantex, any, "/v1/vault", "–", 0, nil, ""},
		{grantex, any, "/v1/commerce", "–", 0, nil, ""},
		{grantex, any, "/v1/prepaid-wallets", "–", 0, nil, ""},
		{grantex, any, "/v1/prepaid-wallet-spend-policies", "–", 0, nil, ""},
		{grantex, GET, "/v1/credentials/status/{id}", "G12", 0, grantexStatus, ""},
		{grantex, GET, "/.well-known/jwks.json", "G9", 0, grantexKeySet, ""},
		{grantex, GET, "/.well-known/did.json", "G9", 0, grantexDocument, ""},

		{aip1, POST, "/api/passports", "A1", 0, aip1Create, ""},
		{aip1, GET, "/api/passports", "A17", 0, aip1List, "cursor limit"},
		{aip1, GET, "/api/passports/{id}", "A17", 0, aip1Get, ""},
		{aip1, POST, "/api/verify", "A2", 0, aip1Verify, ""},
		{aip1, POST, "/api/suspend", "A5", 0, aip1Suspend, ""},
		{aip1, POST, "/api/revoke", "A5", 0, aip1Revoke, ""},
		{aip1, POST, "/api/reinstate", "A5", 0, aip1Reinstate, ""},
		{aip1, GET, "/api/analytics", "A8", 0, aip1Analytics, ""},
		{aip1, GET, "/api/verifications", "A8", 0, aip1Verifications, "limit agent_id"},
		{aip1, POST, "/api/keys", "A15", 0, aip1KeyCreate, ""},
		{aip1, GET, "/api/keys", "A15", 0, aip1KeyList, ""},
		{aip1, DELETE, "/api/keys/{id}", "A15", 0, aip1KeyRevoke, ""},
		{aip1, POST, "/api/auth/login", "host", 0, nil, ""},
		{aip1, POST, "/api/auth/register", "host", 0, nil, ""},
		{aip1, GET, "/api/health", "host", 0, nil, ""},

		{aport, POST, "/api/keys", "P1", created, aportKeyCreate, ""},
		{aport, POST, "/api/orgs/{id}/orgkey", "P2", created, aportOrgKey, ""},
		{aport, PATCH, "/api/admin/organizations/{id}/assurance-provider", "P3", 0, aportProviders, ""},
		{aport, POST, "/api/passports/create", "P4", created, aportCreate, ""},
		{aport, POST, "/api/orgs/{id}/issue", "P5", created, aportIssueFor, ""},
		{aport, POST, "/api/passports/{id}/instances", "P6", created, aportInstance, ""},
		{aport, PUT, "/api/passports/{id}", "P7", 0, aportUpdate, ""},
		{aport, GET, "/api/passports/{id}", "P9", 0, aportGet, ""},
		{aport, GET, "/api/passports/{id}/verify_view", "P9", 0, aportView, ""},
		{aport, GET, "/api/passports", "P9", 0, aportList, "owner_id status cursor limit"},
		{aport, POST, "/api/org/update", "P8", 0, aportOrgUpdate, ""},
		{aport, POST, "/api/org/status", "P8", 0, aportOrgStatus, ""},
		{aport, POST, "/api/verify/policy/{pack}", "P13", 0, aportVerify, ""},
		{aport, POST, "/api/verify/token/{pack}", "P14", 0, aportToken, ""},
		{aport, POST, "/api/verify/token/validate", "P14", 0, aportTokenValidate, ""},
		{aport, GET, "/jwks.json", "P14", 0, aportKeySet, ""},
		{aport, GET, "/.well-known/oap/jwks.json", "P14", 0, aportKeySet, ""},

		{eprospera, POST, "/api/v1/verify_rpn", "E1", 0, gated("POST /verify_rpn", "rpn"), ""},
		{eprospera, POST, "/api/v1/registries/legal_entities/search", "E1", 0,
			gated("POST /registries/legal_entities/search", "query", "name", "rpn"), ""},
		{eprospera, GET, "/api/v1/legal_entities/{id}", "E1", 0, gated("GET /legal_entities/{id}"), ""},
		{eprospera, GET, "/api/v1/legal_entities/{id}/documents", "E1", 0,
			gated("GET /legal_entities/{id}/documents"), ""},
		{eprospera, GET, "/api/v1/legal_entity_applications", "E8", 0, gated("GET /legal_entity_applications"), ""},
		{eprospera, GET, "/api/v1/legal_entity_applications/{id}", "E8", 0,
			gated("GET /legal_entity_applications/{id}"), ""},
		{eprospera, GET, "/api/v1/me/natural-person", "E1", 0, gated("GET /me/natural-person"), ""},
		{eprospera, GET, "/api/v1/me/natural-person/residency", "E1", 0,
			gated("GET /me/natural-person/residency"), ""},
		{eprospera, GET, "/api/v1/me/natural-person/id-verification", "E1", 0,
			gated("GET /me/natural-person/id-verification"), ""},
		{eprospera, POST, "/api/v1/legal_entity_applications", "E3", 0,
			gated("POST /legal_entity_applications", "residencyType", "entityType", "name", "extension",
				"principalOffice", "contactEmail", "registeredAgentProvider", "referralCode", "redirectUrl"), ""},
		{eprospera, POST, "/api/v1/legal_entity_applications/{id}/pay/coupon", "E2", 0,
			gated("POST /legal_entity_applications/{id}/pay/coupon", "code"), ""},
		{eprospera, POST, "/api/v1/legal_entity_applications/{id}/pay/voucher", "E2", 0,
			gated("POST /legal_entity_applications/{id}/pay/voucher", "code"), ""},
		{eprospera, POST, "/api/v1/legal_entity_applications/{id}/checkout_session", "E2", 0,
			gated("POST /legal_entity_applications/{id}/checkout_session", "redirectUrl"), ""},
		{eprospera, GET, "/api/v1/legal_entities", "E9", 0, gated("GET /legal_entities"), ""},
		{eprospera, GET, "/api/v1/me/legal-entities", "E9", 0, gated("GET /me/legal-entities"), ""},
	}
}
