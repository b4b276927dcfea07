package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clients runs a program with published clients, and returns what it says of each call.
func clients(t *testing.T, program string, args ...string) map[string]string {
	python := os.Getenv("SAFECONDUCT_OFFICE_PYTHON")
	if _, err := os.Stat(python); err != nil {
		if python != "" { // .ci/run has installed them
			t.Fatal("the clients are not installed: testdata/sdk/requirements.txt names them")
		}
		t.Skip("SAFECONDUCT_OFFICE_PYTHON does not name a Python that has testdata/sdk/requirements.txt")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{filepath.Join("testdata", "sdk", program)}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s%s", out, &stderr)
	got := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct {
			Call   string
			Result any
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			got[line.Call] = fmt.Sprint(line.Result)
		}
	}
	return got
}

// The published clients of Python, unmodified, against this office over a loopback connection. What they ask for and is
// not answered is listed, with why, in docs/systems.md.
func TestPublishedClients(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n","role":"agent",
		"description":"d","owner_id":%q,"capabilities":[{"id":"messaging.send"}],"limits":{"msgs_per_day":3},
		"status":"active"}`, x.owner.ID))
	agent := m["data"].(map[string]any)["agent_id"].(string)
	o.does(t, 200, aip1, x.session, "POST", "/api/passports",
		`{"domain":"yourco.com","agent_name":"reader","allowed_actions":["read_data"]}`)
	o.does(t, 200, aip1, x.kya, "POST", "/api/verify",
		`{"agent_id":"did:web:yourco.com:agents:reader","action":"read_data"}`)
	server := httptest.NewServer(o.server)
	defer server.Close()
	got := clients(t, "clients.py", server.URL+"/aport", x.apk, agent, server.URL+"/aip1", x.session)
	require.Equal(t, map[string]string{
		"verify_messaging":               "allow=True oap.allowed",
		"verify_policy":                  "allow=True oap.allowed",
		"verify_refund":                  "allow=False oap.unknown_capability",
		"verify_policy of another agent": "error 404",
		"get_passport_view":              "status=active",
		"middleware: passport":           "200",
		"middleware: passport, no agent": "401",
		"aip watch":                      "shows the decision",
		// Refused: the caller does not choose the passport.
		"verify_policy_with_passport":        "error 400",
		"get_decision_token":                 "3",
		"validate_decision_token":            "allow=True oap.allowed 30",
		"validate_decision_token_local":      "allow=True oap.allowed 30",
		"validate_decision_token of another": "error 400",
		"get_jwks":                           "[EdDSA]",
		"aip status":                         "unreachable",
		// The middleware's own: it reads a member that its errors do not have, and passes a coroutine as the context.
		"middleware: passport, unknown agent": "500",
		"middleware: policy":                  "500",
	}, got)
}

// Grantex's published client of Python, unmodified. The clock is the real one, which the client has, too.
func TestPublishedClientsOfGrantex(t *testing.T) {
	o := newTestOffice(t, func(c *worldConfig) { c.now = time.Now })
	server := httptest.NewServer(o.server)
	defer server.Close()
	got := clients(t, "grantex_client.py", server.URL+"/grantex", o.tenants[0].gx, o.server.grantexURL())
	require.Equal(t, map[string]string{
		"a wrong key":                    "GrantexAuthError 401 UNAUTHORIZED",
		"agents.delete":                  "None",
		"agents.get":                     "True",
		"agents.get of another":          "GrantexApiError 404 NOT_FOUND",
		"agents.get, deleted":            "GrantexApiError 404 NOT_FOUND",
		"agents.keys.list":               "GrantexApiError 501 NOT_IMPLEMENTED",
		"agents.list":                    "True",
		"agents.register":                "active True ag_",
		"agents.register without a name": "GrantexApiError 400 BAD_REQUEST",
		"agents.update":                  "buyer",
		"agents.update, active":          "active",
		"agents.update, suspended":       "suspended",
		"audit.list":                     "GrantexApiError 501 NOT_IMPLEMENTED",
		"authorize":                      "sandbox=True",
		"budgets.allocate":               "100.0000",
		"budgets.allocate again":         "GrantexApiError 409 CONFLICT",
		"budgets.balance":                "87.5000",
		"budgets.debit":                  "87.5000",
		"budgets.debit of more":          "GrantexApiError 402 INSUFFICIENT_BUDGET",
		"budgets.transactions":           "[('12.5000', 'one answer', {'n': 1})]",
		"grants.delegate":                "True",
		"grants.delegate of more":        "GrantexApiError 400 BAD_REQUEST",
		"grants.get":                     "active user_alice True",
		"grants.list":                    "True",
		"grants.list, by page":           "True",
		"grants.revoke":                  "None",
		"grants.revoke again":            "GrantexApiError 404 NOT_FOUND",
		"grants.verify":                  "True",
		"grants.verify, revoked":         "GrantexTokenError: Grant token is not active: revoked",
		"last_rate_limit":                "True",
		"passports.get":                  "active",
		"passports.get of another":       "GrantexApiError 404 NOT_FOUND",
		"passports.get, revoked":         "revoked",
		"passports.issue":                "{'amount': 50, 'currency': 'USDC'}",
		"passports.issue for too long":   "GrantexApiError 422 INVALID_EXPIRY",
		"passports.issue of more":        "GrantexApiError 400 AMOUNT_EXCEEDS_BUDGET",
		"passports.list":                 "[True]",
		"passports.revoke":               "True",
		"tokens.exchange":                "True",
		"tokens.exchange again":          "GrantexApiError 400 BAD_REQUEST",
		"tokens.refresh":                 "True",
		"tokens.refresh again":           "GrantexApiError 400 BAD_REQUEST",
		"tokens.revoke":                  "None",
		"tokens.verify":                  "True",
		"tokens.verify, exchange again":  "False",
		"tokens.verify, refresh again":   "False",
		"tokens.verify, revoked":         "False",
		"verify_grant_token":             "True",
		"verify_grant_token, bounded":    "user_alice",
		"verify_grant_token, forged":     "GrantexTokenError: Grant token verification failed: Signature verification failed",
		"webhooks.list":                  "GrantexApiError 501 NOT_IMPLEMENTED",
	}, got)
}
