package main

import "net/http"

// route is a row of the table.
type route struct {
	system       system
	method, path string
	row          string                   // of docs/systems.md
	ok           int                      // the status of success; 0: 200
	do           func(*call) (any, error) // nil: refused by name
	query        string                   // the parameters that it takes
}

// routes is every call that this office knows. What a client of the four systems can ask for beside it, and is not
// built, is in it without a handler.
func routes() []route {
	const (
		GET, POST, PUT = http.MethodGet, http.MethodPost, http.MethodPut
		PATCH, DELETE  = http.MethodPatch, http.MethodDelete
		created        = http.StatusCreated
	)
	return []route{
		{grantex, POST, "/v1/passport/issue", "G1", created, grantexIssue, ""},
		{grantex, GET, "/v1/passport/{id}", "G3", 0, grantexGet, ""},
		{grantex, POST, "/v1/passport/{id}/revoke", "G4", 0, grantexRevoke, ""},
		{grantex, GET, "/v1/passports", "G5", 0, grantexList, "agentId grantId status cursor limit"},
		{grantex, POST, "/v1/agents", "G1", 0, nil, ""},
		{grantex, GET, "/v1/agents", "G1", 0, nil, ""},
		{grantex, POST, "/v1/grants/delegate", "G7", 0, nil, ""},
		{grantex, GET, "/v1/grants", "G7", 0, nil, ""},
		{grantex, DELETE, "/v1/grants/{id}", "G7", 0, nil, ""},
		{grantex, POST, "/v1/budget/allocate", "G8", 0, nil, ""},
		{grantex, POST, "/v1/budget/debit", "G8", 0, nil, ""},
		{grantex, POST, "/v1/tokens/verify", "G9", 0, nil, ""},

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
	}
}
