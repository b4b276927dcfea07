package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The published clients of Python, unmodified, against this office over a loopback connection. What they ask for and is
// not answered is listed, with why, in docs/systems.md.
func TestPublishedClients(t *testing.T) {
	python := os.Getenv("SAFECONDUCT_OFFICE_PYTHON")
	if _, err := os.Stat(python); err != nil {
		if python != "" { // .ci/run has installed them
			t.Fatal("the clients are not installed: testdata/sdk/requirements.txt names them")
		}
		t.Skip("SAFECONDUCT_OFFICE_PYTHON does not name a Python that has testdata/sdk/requirements.txt")
	}
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n","role":"agent",
		"description":"d","owner_id":%q,"capabilities":[{"id":"messaging.send"}],"limits":{"msgs_per_day":2},
		"status":"active"}`, x.owner.ID))
	agent := m["data"].(map[string]any)["agent_id"].(string)
	o.does(t, 200, aip1, x.session, "POST", "/api/passports",
		`{"domain":"yourco.com","agent_name":"reader","allowed_actions":["read_data"]}`)
	o.does(t, 200, aip1, x.kya, "POST", "/api/verify",
		`{"agent_id":"did:web:yourco.com:agents:reader","action":"read_data"}`)
	server := httptest.NewServer(o.server)
	defer server.Close()
	cmd := exec.Command(python, filepath.Join("testdata", "sdk", "clients.py"), server.URL+"/aport", x.apk, agent,
		server.URL+"/aip1", x.session)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
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
	require.Equal(t, map[string]string{
		"verify_messaging":               "allow=True oap.allowed",
		"verify_policy":                  "allow=True oap.allowed",
		"verify_refund":                  "allow=False oap.unknown_capability",
		"verify_policy of another agent": "error 404",
		"get_passport_view":              "status=active",
		"middleware: passport":           "200",
		"middleware: passport, no agent": "401",
		"aip watch":                      "shows the decision",
		// Refused by name: the caller does not choose the passport, and decisions are not signed as tokens.
		"verify_policy_with_passport": "error 400",
		"get_decision_token":          "error 501",
		"validate_decision_token":     "error 501",
		"get_jwks":                    "[EdDSA]",
		"aip status":                  "unreachable",
		// The middleware's own: it reads a member that its errors do not have, and passes a coroutine as the context.
		"middleware: passport, unknown agent": "500",
		"middleware: policy":                  "500",
	}, got)
}
