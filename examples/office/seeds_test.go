package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The requests are those that the four sources print, but for ids, keys and times.

func (o *testOffice) does(t *testing.T, status int, rt system, by, method, path, body string) map[string]any {
	t.Helper()
	o.clock.Advance(time.Minute)
	h := bearer(by)
	if strings.HasPrefix(by, "kya_") {
		h = with("X-API-Key", by)
	}
	a := o.ask(h, method, rt.prefix()+path, body)
	require.Equal(t, status, a.status, a.body)
	return a.object(t)
}

// requireJSON compares with what a source prints; "…" stands for a text that differs each time.
func requireJSON(t *testing.T, want string, got map[string]any) {
	t.Helper()
	var m any
	require.NoError(t, json.Unmarshal([]byte(want), &m))
	require.Equal(t, m, hide(m, any(got)))
}

func hide(want, got any) any {
	switch w := want.(type) {
	case string:
		if s, ok := got.(string); ok && s != "" && w == "…" {
			return "…"
		}
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			out := map[string]any{}
			for name, v := range g {
				out[name] = hide(w[name], v)
			}
			return out
		}
	case []any:
		if g, ok := got.([]any); ok && len(g) == len(w) {
			out := make([]any, len(g))
			for i := range g {
				out[i] = hide(w[i], g[i])
			}
			return out
		}
	}
	return got
}

const issueBody = `{"agentId":"AGENT","grantId":"GRANT","allowedMPPCategories":["inference","compute"],` +
	`"maxTransactionAmount":{"amount":50,"currency":"USDC"},"paymentRails":["tempo"],"expiresIn":"24h"}`

// G1 to G5. The recorded answers of the real service are compared in recorded_test.go.
func TestG1ToG5AsPrinted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	body := strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID).Replace(issueBody)
	made := o.does(t, 201, grantex, x.gx, "POST", "/v1/passport/issue", body)
	id := made["passportId"].(string)
	require.Regexp(t, `^urn:grantex:passport:[0-9A-HJKMNP-TV-Z]{26}$`, id)
	require.Regexp(t, `^2026-11-24T\d\d:\d\d:\d\d\.000Z$`, made["expiresAt"])
	raw, err := base64.RawURLEncoding.DecodeString(made["encodedCredential"].(string))
	require.NoError(t, err)
	var sent any
	require.NoError(t, json.Unmarshal(raw, &sent))
	require.Equal(t, made["credential"], sent)
	subject := made["credential"].(map[string]any)["credentialSubject"].(map[string]any)
	require.Equal(t, []any{"inference", "compute"}, subject["allowedMPPCategories"])

	got := o.does(t, 200, grantex, x.gx, "GET", "/v1/passport/"+strings.ReplaceAll(id, ":", "%3A"), "")
	require.Equal(t, "active", got["status"])
	requireJSON(t, `{"revoked":true,"revokedAt":"…"}`,
		o.does(t, 200, grantex, x.gx, "POST", "/v1/passport/"+id+"/revoke", ""))
	require.Equal(t, "revoked", o.does(t, 200, grantex, x.gx, "GET", "/v1/passport/"+id, "")["status"])
	for query, want := range map[string]int{
		"": 1, "?status=revoked": 1, "?status=active": 0, "?agentId=" + x.agent.ID: 1, "?agentId=ag_x": 0,
	} {
		a := o.ask(bearer(x.gx), "GET", "/grantex/v1/passports"+query, "")
		require.Equal(t, 200, a.status, a.body)
		var list []map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.body), &list), "a bare array")
		require.Len(t, list, want, query)
	}
}

// G2: each refusal has its code and status.
func TestG2AsPrinted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	good := strings.NewReplacer("AGENT", x.agent.ID, "GRANT", x.grant.ID).Replace(issueBody)
	for _, c := range []struct {
		old, new, code string
		status         int
	}{
		{x.agent.ID, o.tenants[1].agent.ID, "INVALID_AGENT", 400},
		{x.grant.ID, o.tenants[1].grant.ID, "INVALID_GRANT", 400},
		{`"inference","compute"`, `"inference","data"`, "SCOPE_INSUFFICIENT", 400},
		{`"amount":50`, `"amount":1001`, "AMOUNT_EXCEEDS_BUDGET", 400},
		{`"24h"`, `"721h"`, "INVALID_EXPIRY", 422},
		{`"24h"`, `"PT1H"`, "INVALID_EXPIRY", 400},
		{`"amount":50`, `"amount":0.0000001`, "BAD_REQUEST", 400},
		{`"amount":50`, `"amount":"50"`, "BAD_REQUEST", 400},
		{`"inference","compute"`, ``, "BAD_REQUEST", 400},
	} {
		require.Contains(t, good, c.old)
		m := o.does(t, c.status, grantex, x.gx, "POST", "/v1/passport/issue", strings.Replace(good, c.old, c.new, 1))
		require.Equal(t, c.code, m["code"], c.new)
	}
}

// A1, A2, A5, A8, A15, A17.
func TestAIP1AsPrinted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	requireJSON(t, `{"agent_id":"did:web:yourco.com:agents:data-reader","public_key":"…","status":"created"}`,
		o.does(t, 200, aip1, x.session, "POST", "/api/passports", `{
			"domain": "yourco.com",
			"agent_name": "data-reader",
			"allowed_actions": ["read_data", "query_db"],
			"monetary_limit_per_txn": 0,
			"monetary_limit_per_day": 0
			}`))
	list := o.does(t, 200, aip1, x.session, "GET", "/api/passports", "")
	item := list["agents"].([]any)[0].(map[string]any)
	delete(item, "currency") // ours beside it
	item["trust_score"] = 0.85
	requireJSON(t, `{"agents":[{"id":"did:web:yourco.com:agents:data-reader","domain":"yourco.com","name":"data-reader",
		"status":"active","trust_score":0.85,"allowed_actions":["read_data","query_db"],"monetary_limit_txn":0,
		"revoked":false}],"total":1}`, list)

	bot := "did:web:yourco.com:agents:procurement-bot"
	o.does(t, 200, aip1, x.session, "POST", "/api/passports", `{"domain": "yourco.com", "agent_name": "procurement-bot",
		"allowed_actions": ["read_data", "send_email", "transfer_funds"],
		"monetary_limit_per_txn": 100.00, "monetary_limit_per_day": 1000.00}`)
	verify := func(action, parameters string) map[string]any {
		return o.does(t, 200, aip1, x.kya, "POST", "/api/verify", fmt.Sprintf(`{"agent_id":%q,"action":%q,
			"target":"did:web:vendor.com","parameters":%s}`, bot, action, parameters))
	}
	first := verify("transfer_funds", `{"amount": 45.00}`)
	require.Equal(t, true, first["verified"], first)
	for name, want := range map[string]any{
		"tier": "tier_2", "signature_valid": false, "within_boundaries": true, "attestation_match": true, "revoked": false,
		"errors": []any{}, "detail": "All checks passed",
	} {
		require.Equal(t, want, first[name], name)
	}
	require.Contains(t, first, "latency_ms")
	require.Equal(t, true, verify("transfer_funds", `{"amount": 45.00, "currency": "USD"}`)["verified"])
	for action, c := range map[string][2]string{
		"delete_all":     {`{}`, `[{"code":"AIP-E200","name":"ACTION_NOT_ALLOWED"}]`},
		"transfer_funds": {`{"amount": 5200.00}`, `[{"code":"AIP-E202","name":"MONETARY_LIMIT"}]`},
	} {
		m := verify(action, c[0])
		require.Equal(t, false, m["verified"])
		errors, err := json.Marshal(m["errors"])
		require.NoError(t, err)
		require.JSONEq(t, c[1], string(errors))
	}
	one := o.does(t, 200, aip1, x.session, "GET", "/api/passports/"+bot, "")
	require.Equal(t, map[string]any{
		"total_intents": 4.0, "successful_intents": 2.0, "violations": 2.0, "revocations": 0.0,
	}, one["history"])
	overview := o.does(t, 200, aip1, x.session, "GET", "/api/analytics", "")["overview"]
	require.Equal(t, map[string]any{
		"total_agents": 2.0, "active_agents": 2.0, "total_verifications": 4.0, "revoked_agents": 0.0,
	}, overview)
	history := o.does(t, 200, aip1, x.session, "GET", "/api/verifications?limit=3", "")["verifications"].([]any)
	require.Len(t, history, 3)
	require.Regexp(t, `^vrf_`, history[0].(map[string]any)["id"])
	none := o.does(t, 200, aip1, o.tenants[1].session, "GET", "/api/verifications", "")
	require.Empty(t, none["verifications"], "another tenant sees none of it")

	change := fmt.Sprintf(`{"agent_id": %q, "reason": "investigating anomaly"}`, bot)
	m := o.does(t, 200, aip1, x.kya, "POST", "/api/suspend", change)
	require.Equal(t, "suspended", m["status"])
	require.Contains(t, m, "suspended_until")
	require.Equal(t, true, verify("read_data", `{}`)["revoked"], "at once")
	m = o.does(t, 200, aip1, x.session, "POST", "/api/reinstate", fmt.Sprintf(`{"agent_id": %q}`, bot))
	require.Equal(t, "active", m["status"])
	require.Equal(t, true, m["reinstated"])
	require.Equal(t, true, verify("read_data", `{}`)["verified"])
	m = o.does(t, 200, aip1, x.kya, "POST", "/api/revoke",
		fmt.Sprintf(`{"agent_id": %q, "reason": "compromised credentials"}`, bot))
	requireJSON(t, fmt.Sprintf(`{"agent_id":%q,"status":"revoked","reason":"compromised credentials"}`, bot), m)
	require.Equal(t, []any{map[string]any{"code": "AIP-E400", "name": "AGENT_REVOKED"}}, verify("read_data", `{}`)["errors"])

	m = o.does(t, 200, aip1, x.session, "POST", "/api/keys", `{"name": "production-backend"}`)
	require.Regexp(t, `^kya_live_`, m["key"])
	requireJSON(t, `{"id":"…","key":"…","plan":"starter","message":"…"}`, m)
	key := m["key"].(string)
	keys := o.ask(bearer(x.session), "GET", "/aip1/api/keys", "")
	require.NotContains(t, keys.body, key, "never the full key")
	o.does(t, 404, aip1, key, "GET", "/api/passports/did:web:x.example:agents:x", "")
	o.does(t, 200, aip1, x.session, "DELETE", "/api/keys/"+m["id"].(string), "")
	o.does(t, 401, aip1, key, "GET", "/api/passports/"+bot, "")
}

// P1 to P10, P13.
func TestAPortAsPrinted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.does(t, 201, aport, x.session, "POST", "/api/keys", fmt.Sprintf(`{
		"owner_id": %q, "owner_type": "org", "scopes": ["issue", "update", "read", "list_agents"],
		"name": "Platform Production Key"}`, x.org.ID))
	requireJSON(t, fmt.Sprintf(`{"success":true,"data":{"key_id":"…","key":"…","owner_id":%q,"owner_type":"org",
		"scopes":["issue","update","read","list_agents"],"created_at":"…","name":"Platform Production Key"}}`, x.org.ID), m)
	key := m["data"].(map[string]any)["key"].(string)
	require.Regexp(t, `^apk_`, key)
	o.does(t, 403, aport, key, "POST", "/api/orgs/"+x.org.ID+"/orgkey", "")
	requireJSON(t, fmt.Sprintf(`{"ok":true,"data":{"org_key_id":"…","secret":"…","org_id":%q}}`, x.org.ID),
		o.does(t, 201, aport, x.session, "POST", "/api/orgs/"+x.org.ID+"/orgkey", ""))
	o.does(t, 200, aport, x.session, "PATCH", "/api/admin/organizations/"+x.org.ID+"/assurance-provider",
		`{"assuranceProvider": [
			{"type": "kyb", "assurance_level": "L4KYC", "proof": {"standard": "standard_proof_format"}}
		]}`)

	create := fmt.Sprintf(`{"name": "John Doe's Passport", "role": "agent",
		"description": "Primary passport for user John Doe on our platform", "owner_id": %q,
		"controller_type": "person", "contact": "john.doe@example.com",
		"capabilities": [{"id": "data.export", "params": {"max_rows": 10000}}, {"id": "messaging.send"}],
		"limits": {"max_export_rows": 10000, "msgs_per_day": 1000, "allow_pii": false},
		"regions": ["US", "EU"], "status": "active"}`, x.owner.ID)
	m = o.does(t, 201, aport, key, "POST", "/api/passports/create", create)
	data := m["data"].(map[string]any)
	id := data["agent_id"].(string)
	require.Equal(t, map[string]any{"max_export_rows": 10000.0, "msgs_per_day": 1000.0, "allow_pii": false}, data["limits"])
	require.Equal(t, "active", data["status"])
	twice := with("Authorization", "Bearer "+key, "Idempotency-Key", "once")
	one := o.ask(twice, "POST", "/aport/api/passports/create", create).object(t)["data"].(map[string]any)["agent_id"]
	again := o.ask(twice, "POST", "/aport/api/passports/create", create)
	require.Equal(t, one, again.object(t)["data"].(map[string]any)["agent_id"], "P10")
	other := o.ask(twice, "POST", "/aport/api/passports/create", strings.Replace(create, "John", "Jane", 1))
	requireShape(t, aport, other, 409)

	m = o.does(t, 201, aport, key, "POST", "/api/orgs/"+x.org.ID+"/issue", `{
		"name": "Platform User's Agent", "role": "agent", "description": "AI agent for platform user",
		"regions": ["US", "EU"], "contact": "user@example.com",
		"pending_owner": {"email": "user@example.com", "display_name": "Jane Platform"},
		"assurance": {"type": "kyb", "assurance_level": "L4KYC",
			"proof": {"verification_id": "ver_123", "verified_at": "2025-01-15T10:00:00Z"}},
		"capabilities": [{"id": "data.export", "params": {"max_rows": 10000}}],
		"limits": {"max_export_rows": 10000, "msgs_per_day": 1000}, "status": "active"}`)
	require.Equal(t, false, m["claimed"], "bare")
	require.Equal(t, "L4KYC", m["assurance_level"])
	require.Equal(t, x.org.ID, m["issued_by"])

	instance := `{"platform_id": "your_platform", "tenant_ref": "user_12345", "controller_id": "user_12345",
		"controller_type": "user",
		"overrides": {"limits": {"msgs_per_day": 5000, "max_export_rows": 10000}, "regions": ["US", "EU"],
			"status": "active", "contact": "user@example.com"},
		"agent_data": {"name": "Customer Support Bot", "description": "AI agent for handling customer support inquiries"}}`
	m = o.does(t, 400, aport, key, "POST", "/api/passports/"+id+"/instances", instance)
	require.Equal(t, "WIDENED", m["code"], "the printed example is wider than its template")
	instance = strings.Replace(instance, "5000", "500", 1)
	m = o.does(t, 201, aport, key, "POST", "/api/passports/"+id+"/instances", instance)
	made := m["data"].(map[string]any)
	require.NotEmpty(t, made["instance_id"])
	require.Equal(t, id, made["template_id"])
	require.Equal(t, "L0", made["assurance_level"])
	m = o.does(t, 409, aport, key, "POST", "/api/passports/"+id+"/instances", instance)
	require.Equal(t, made["instance_id"], m["existing_instance_id"])

	m = o.does(t, 200, aport, key, "PUT", "/api/passports/"+id, `{"limits": {"max_export_rows": 20000,
		"msgs_per_day": 2000, "refund_amount_max_per_tx": 10000, "refund_amount_daily_cap": 100000}}`)
	require.Len(t, m, 2, "data and changes")
	require.NotEmpty(t, m["changes"])
	require.Equal(t, 10000.0, m["data"].(map[string]any)["limits"].(map[string]any)["refund_amount_max_per_tx"])
	for _, body := range []string{
		`{"capabilities": [{"id": "data.export", "params": {"max_rows": 50000}},
			{"id": "messaging.send", "params": {"max_per_day": 10000}}, {"id": "finance.payment.refund"}]}`,
		`{"limits": {"msgs_per_day": 5000, "max_export_rows": 20000},
			"capabilities": [{"id": "data.export"}, {"id": "messaging.send"}], "regions": ["US", "EU", "CA"], "status": "active"}`,
	} {
		o.does(t, 200, aport, key, "PUT", "/api/passports/"+id, body)
	}
	require.Equal(t, "active", o.does(t, 200, aport, key, "GET", "/api/passports/"+id, "")["data"].(map[string]any)["status"])
	m = o.does(t, 200, aport, key, "GET", "/api/passports?owner_id="+x.owner.ID, "")
	require.Len(t, m["data"], 3)

	allowed := func(want bool, code string) {
		t.Helper()
		m := o.does(t, 200, aport, key, "POST", "/api/verify/policy/messaging.message.send.v1", fmt.Sprintf(
			`{"context":{"agent_id":%q,"channel_id":"c","message":"hello","message_type":"text","region":"US"}}`, id))
		d := m["decision"].(map[string]any)
		require.Equal(t, want, d["allow"], d)
		require.Equal(t, code, d["reasons"].([]any)[0].(map[string]any)["code"])
	}
	allowed(true, "oap.allowed")
	org := with("Authorization", "Bearer "+x.orgKey, "X-Org-Key-Id", x.orgID)
	update := fmt.Sprintf(`{"agent_id": %q, "status": "suspended",
		"webhook_url": "https://hooks.example.com/aport", "email": "contact@example.com"}`, id)
	a := o.ask(org, "POST", "/aport/api/org/update", update)
	require.Equal(t, 200, a.status, a.body)
	kept := a.object(t)["data"].(map[string]any)
	require.Equal(t, "contact@example.com", kept["email"])
	require.Equal(t, "https://hooks.example.com/aport", kept["webhook_url"])
	o.clock.Advance(time.Minute)
	allowed(false, "oap.passport_suspended")
	a = o.ask(org, "POST", "/aport/api/org/update", strings.Replace(update, "suspended", "active", 1))
	require.Equal(t, 200, a.status, a.body)
	allowed(true, "oap.allowed")
	requireShape(t, aport, o.ask(org, "POST", "/aport/api/org/update", strings.Replace(update, "suspended", "revoked", 1)), 400)
	a = o.ask(bearer(key), "POST", "/aport/api/org/status", `{"status":"suspended"}`)
	requireShape(t, aport, a, 403)
	a = o.ask(org, "POST", "/aport/api/org/status", `{"status":"suspended"}`)
	require.Equal(t, 200, a.status, a.body)
	o.clock.Advance(time.Minute)
	m = o.does(t, 200, aport, key, "POST", "/api/verify/policy/messaging.message.send.v1", fmt.Sprintf(
		`{"context":{"agent_id":%q,"channel_id":"c","message":"hello","message_type":"text","region":"US"}}`, id))
	require.Equal(t, false, m["decision"].(map[string]any)["allow"])
}

// E1, E2, E7: the printed call, and what another key may not.
func TestEProsperaAsPrinted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.does(t, 200, eprospera, x.ak, "POST", "/api/v1/verify_rpn", `{"rpn": "80000000000012"}`)
	require.Equal(t, "agent:verify_rpn", m["check"].(map[string]any)["scope"])
	for _, c := range []struct {
		by, path, word string
		status         int
	}{
		{"x", "/me/natural-person", "invalid_token", 401},
		{"sk-abc", "/me/natural-person", "insufficient_permissions", 403},
		{x.ak, "/legal_entities/" + o.tenants[1].owner.ID, "not_found", 404},
		{x.ak, "/legal_entities/nobody", "not_found", 404},
		{x.ak, "/me/legal-entities", "insufficient_permissions", 403},
	} {
		m := o.does(t, c.status, eprospera, c.by, "GET", "/api/v1"+c.path, "")
		require.Equal(t, c.word, m["error"], c.path)
	}
	none := o.ask(nil, "GET", "/eprospera/api/v1/me/natural-person", "")
	requireShape(t, eprospera, none, 401)
	require.Equal(t, "missing_token", none.object(t)["error"])
	m = o.does(t, 200, eprospera, x.ak, "POST", "/api/v1/legal_entity_applications", `{"residencyType":"Resident"}`)
	require.NotNil(t, m["nextSteps"].(map[string]any)["signature"], "no agreement was accepted: the link is there")
}

// Grantex knows only passports that stand on grants: one of an agent key is neither shown nor revoked through it.
func TestGrantexSeesNoAgentKeys(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	keys, err := o.office.AgentKeys.List(ctx, x.owner.Actor(), "")
	require.NoError(t, err)
	o.does(t, 404, grantex, x.gx, "GET", "/v1/passport/"+keys[0].Passport, "")
	o.does(t, 404, grantex, x.gx, "POST", "/v1/passport/"+keys[0].Passport+"/revoke", "")
	o.does(t, 200, eprospera, x.ak, "POST", "/api/v1/verify_rpn", `{"rpn":"1"}`)
}

// P8, P16: the calls of an org key are for no other credential, and move a passport between active and suspended alone.
func TestP8OrgKeysAlone(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	org := with("Authorization", "Bearer "+x.orgKey, "X-Org-Key-Id", x.orgID)
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(
		`{"name":"n","role":"agent","description":"d","owner_id":%q,"capabilities":[{"id":"x.y"}]}`, x.owner.ID))
	id := m["data"].(map[string]any)["agent_id"].(string)
	update := fmt.Sprintf(`{"agent_id":%q,"contact":"c"}`, id)
	o.does(t, 403, aport, x.apk, "POST", "/api/org/update", update)
	o.does(t, 403, aport, x.session, "POST", "/api/org/update", update)
	require.Equal(t, 200, o.ask(org, "POST", "/aport/api/org/update", update).status)
	a := o.ask(org, "POST", "/aport/api/org/update", fmt.Sprintf(`{"agent_id":%q,"status":"active"}`, id))
	requireShape(t, aport, a, 409)
	two := with("Authorization", "Bearer "+x.orgKey, "X-Org-Key-Id", o.tenants[1].orgID)
	requireShape(t, aport, o.ask(two, "POST", "/aport/api/org/update", update), 401)
}

// P15: what a passport limits and the call does not state is refused; what is stated is measured.
func TestP15WhatIsLimitedMustBeStated(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	m := o.does(t, 201, aport, x.apk, "POST", "/api/passports/create", fmt.Sprintf(`{"name":"n","role":"agent",
		"description":"d","owner_id":%q,"capabilities":[{"id":"data.export"},{"id":"messaging.send"}],
		"limits":{"max_export_rows":100,"msgs_per_day":2},"status":"active"}`, x.owner.ID))
	id := m["data"].(map[string]any)["agent_id"].(string)
	// Who may vouch for the owner has done so: exports ask for L1.
	judge := func(pack, rest string) map[string]any {
		m := o.does(t, 200, aport, x.apk, "POST", "/api/verify/policy/"+pack, fmt.Sprintf(`{"context":{"agent_id":%q,%s}}`,
			id, rest))
		return m["decision"].(map[string]any)
	}
	codes := func(d map[string]any) (list []any) {
		for _, r := range d["reasons"].([]any) {
			list = append(list, r.(map[string]any)["code"])
		}
		return list
	}
	export := `"export_type":"users","format":"csv","filters":{}`
	require.Contains(t, codes(judge("data.export.create.v1", export)), "oap.authority.attribute_missing")
	few := codes(judge("data.export.create.v1", export+`,"estimated_rows":100`))
	require.NotContains(t, few, "oap.authority.attribute_missing")
	require.NotContains(t, few, "oap.limit_exceeded")
	require.Contains(t, codes(judge("data.export.create.v1", export+`,"estimated_rows":101`)), "oap.limit_exceeded")
	send := `"channel_id":"c","message":"hello","message_type":"text"`
	for _, want := range []bool{true, true, false} {
		require.Equal(t, want, judge("messaging.message.send.v1", send)["allow"], "two a day")
	}
}

// A2: what is allowed is settled at once, and counts: it is not left open.
func TestA2VerifiedIsCounted(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	o.does(t, 200, aip1, x.session, "POST", "/api/passports", `{"domain":"yourco.com","agent_name":"b",
		"allowed_actions":["pay"],"monetary_limit_per_txn":100,"monetary_limit_per_day":100}`)
	pay := `{"agent_id":"did:web:yourco.com:agents:b","action":"pay","target":"did:web:v.com","parameters":{"amount":60}}`
	require.Equal(t, true, o.does(t, 200, aip1, x.kya, "POST", "/api/verify", pay)["verified"])
	m := o.does(t, 200, aip1, x.kya, "POST", "/api/verify", pay)
	require.Equal(t, []any{map[string]any{"code": "AIP-E202", "name": "MONETARY_LIMIT"}}, m["errors"])
	o.clock.Advance(time.Hour)
	open, err := o.db.Ledger().Unresolved(ctx, o.clock.Now(), "", 10)
	require.NoError(t, err)
	require.Empty(t, open)
}

// A server that was started anew finds the agents by the index.
func TestIndex(t *testing.T) {
	o := newTestOffice(t)
	x := o.tenants[0]
	o.does(t, 200, aip1, x.session, "POST", "/api/passports",
		`{"domain":"yourco.com","agent_name":"b","allowed_actions":["read"]}`)
	var err error
	o.server, err = NewServer(o.server.Config)
	require.NoError(t, err)
	verify := `{"agent_id":"did:web:yourco.com:agents:b","action":"read"}`
	o.does(t, 404, aip1, x.kya, "POST", "/api/verify", verify)
	require.NoError(t, o.server.Index(ctx, x.org))
	require.Equal(t, true, o.does(t, 200, aip1, x.kya, "POST", "/api/verify", verify)["verified"])
	o.does(t, 404, aip1, o.tenants[1].kya, "POST", "/api/verify", verify)
}
